package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashSetUserID2Payload is what Dispatch passes on to SetUserID2. Declare the fields that
// SetUserID2 needs, with tags for JSON.
type ClashSetUserID2Payload struct{}

// SetUserID2 makes the variables of the event Set user.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) SetUserID2(ctx context.Context, call *ClashSetUserID2Call) (ClashSetUserID2Variables, error) {
	return ClashSetUserID2Variables{}, runtime.ErrNotImplemented
}
