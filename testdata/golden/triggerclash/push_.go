package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashPush2Payload is what Dispatch passes on to Push2. Declare the fields that Push2 needs,
// with tags for JSON.
type ClashPush2Payload struct{}

// Push2 makes the variables of the event Push again.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) Push2(ctx context.Context, call *ClashPush2Call) (ClashPush2Variables, error) {
	return ClashPush2Variables{}, runtime.ErrNotImplemented
}
