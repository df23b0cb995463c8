package moderation

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Bind returns what Dify can ask of a provider of moderation models, with values as they are on the
// wire.
func Bind[C any](provider Provider[C], decode runtime.CredentialsDecoder[C]) []runtime.ModelAction {
	return []runtime.ModelAction{{
		Type: runtime.ModelTypeModeration, Name: "invoke_moderation",
		Serve: func(ctx context.Context, req *runtime.ModelRequest) (any, error) {
			r := req.Read()
			call := &Call[C]{ModelCall: req.ModelCall, Text: r.Text("text")}
			r.Require("text")
			err := r.Err()
			if err == nil {
				call.Credentials, err = decode.Decode(req)
			}
			if err != nil {
				return nil, err
			}
			flagged, err := provider.Moderate(ctx, call)
			return Result{flagged}, err
		},
	}}
}
