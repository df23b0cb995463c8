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

// ModerationRequest asks a model whether a text is against its rules. Model and Text are required.
type ModerationRequest struct {
	Model runtime.ModelSelector
	Text  string
}

type wireModeration struct {
	wireModel
	Text string `json:"text"`
}

func (r *ModerationRequest) wire() (wireModeration, error) {
	model, err := modelOf(r.Model)
	switch {
	case err != nil:
		return wireModeration{}, err
	case r.Text == "":
		return wireModeration{}, errors.New("a call of a moderation model has no Text")
	}
	return wireModeration{model, r.Text}, nil
}

// Moderate reports whether a text is flagged. With an error, nothing is known of it.
func (m Moderation) Moderate(ctx context.Context, req *ModerationRequest) (flagged bool, err error) {
	w, err := given(req).wire()
	if err != nil {
		return false, err
	}
	var result moderation.Result
	if err := m.service.one(ctx, typeModeration, w, &result); err != nil {
		return false, err
	}
	return result.Flagged, nil
}
