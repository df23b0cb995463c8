package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashCreateSubscription2Payload is what Dispatch passes on to CreateSubscription2. Declare
// the fields that CreateSubscription2 needs, with tags for JSON.
type ClashCreateSubscription2Payload struct{}

// CreateSubscription2 makes the variables of the event Create.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) CreateSubscription2(ctx context.Context, call *ClashCreateSubscription2Call) (ClashCreateSubscription2Variables, error) {
	return ClashCreateSubscription2Variables{}, runtime.ErrNotImplemented
}
