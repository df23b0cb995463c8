package oneway

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Whoami is the tool Who am I.
//
// Tells who you are.
//
// It returns text, for example, like this:
//
//	return out.Text(call.Parameters.Team)
func (p *Provider) Whoami(ctx context.Context, call *WhoamiCall, out *WhoamiOutput) error {
	return runtime.ErrNotImplemented
}

// WhoamiTeamOptions returns the choices of the parameter Team of Who am I (dynamic-select).
func (p *Provider) WhoamiTeamOptions(ctx context.Context, creds OAuthCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}
