package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashPushPayload is what Dispatch passes on to Push. Declare the fields that Push needs,
// with tags for JSON, such as:
//
//	A string `json:"a"`
type ClashPushPayload struct{}

// Push makes the variables of the event Push.
//
// Something happened.
//
// It returns them, for example, like this:
//
//	return ClashPushVariables{A: call.Payload.A}, nil
//
// If the event is not what call.Parameters ask for, it returns runtime.ErrIgnore, and no
// workflow starts.
func (p *ClashProvider) Push(ctx context.Context, call *ClashPushCall) (ClashPushVariables, error) {
	return ClashPushVariables{}, runtime.ErrNotImplemented
}
