package subscribed

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// PushPayload is what Dispatch passes on to Push. Declare what Push needs, with JSON tags.
type PushPayload struct{}

// Push makes the variables of the event Push.
//
// Somebody pushed.
func (p *Provider) Push(ctx context.Context, call *PushCall) (PushVariables, error) {
	return PushVariables{}, runtime.ErrNotImplemented
}
