package invoke

import (
	"context"
	"errors"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/moderation"
)

// Moderation calls moderation models that the workspace has. It needs the permissions model.enabled
// and model.moderation.
type Moderation struct{ service service }

// Moderation returns the service.
func (s Session) Moderation() Moderation { return Moderation{s.service()} }

// ModerationRequest asks a model whether a text is against its rules.
type ModerationRequest struct {
	Model runtime.ModelSelector
	Text  string
}

type wireModeration struct {
	wireModel
	Text string `json:"text"`
}

// Moderate reports whether a text is flagged. With an error, nothing is known of it.
func (m Moderation) Moderate(ctx context.Context, req *ModerationRequest) (flagged bool, err error) {
	req = given(req)
	model, err := modelOf(req.Model)
	switch {
	case err != nil:
		return false, err
	case req.Text == "":
		return false, errors.New("a call of a moderation model has no Text")
	}
	var result moderation.Result
	if err := m.service.one(ctx, "moderation", wireModeration{model, req.Text}, &result); err != nil {
		return false, err
	}
	return result.Flagged, nil
}
