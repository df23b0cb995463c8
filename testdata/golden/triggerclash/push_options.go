package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashPushOptionsPayload is what Dispatch passes on to PushOptions. Declare the fields that
// PushOptions needs, with tags for JSON.
type ClashPushOptionsPayload struct{}

// PushOptions makes the variables of the event Options.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) PushOptions(ctx context.Context, call *ClashPushOptionsCall) (ClashPushOptionsVariables, error) {
	return ClashPushOptionsVariables{}, runtime.ErrNotImplemented
}
