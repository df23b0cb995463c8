package bell

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// RingPayload is what Dispatch passes on to Ring. Declare the fields that Ring needs, with
// tags for JSON, such as:
//
//	Loudness float64 `json:"loudness"`
type RingPayload struct{}

// Ring makes the variables of the event Ring.
//
// Somebody rang.
//
// It returns them, for example, like this:
//
//	return RingVariables{Loudness: call.Payload.Loudness}, nil
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *Provider) Ring(ctx context.Context, call *RingCall) (RingVariables, error) {
	return RingVariables{}, runtime.ErrNotImplemented
}
