package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashDispatcher2Payload is what Dispatch passes on to Dispatcher2. Declare the fields that
// Dispatcher2 needs, with tags for JSON.
type ClashDispatcher2Payload struct{}

// Dispatcher2 makes the variables of the event Dispatcher.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) Dispatcher2(ctx context.Context, call *ClashDispatcher2Call) (ClashDispatcher2Variables, error) {
	return ClashDispatcher2Variables{}, runtime.ErrNotImplemented
}
