package trigger

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// PushPayload is what Dispatch passes on to Push. Declare the fields that Push needs, with
// tags for JSON.
type PushPayload struct{}

// Push makes the variables of the event Push.
//
// Somebody pushed.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *Provider) Push(ctx context.Context, call *PushCall) (PushVariables, error) {
	return PushVariables{}, runtime.ErrNotImplemented
}
