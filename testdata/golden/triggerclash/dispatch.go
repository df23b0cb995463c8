package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashDispatch2Payload is what Dispatch passes on to Dispatch2. Declare the fields that
// Dispatch2 needs, with tags for JSON.
type ClashDispatch2Payload struct{}

// Dispatch2 makes the variables of the event Dispatch.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) Dispatch2(ctx context.Context, call *ClashDispatch2Call) (ClashDispatch2Variables, error) {
	return ClashDispatch2Variables{}, runtime.ErrNotImplemented
}
