package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashSubscriptionPayload is what Dispatch passes on to Subscription. Declare the fields that
// Subscription needs, with tags for JSON.
type ClashSubscriptionPayload struct{}

// Subscription makes the variables of the event Subscription.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) Subscription(ctx context.Context, call *ClashSubscriptionCall) (ClashSubscriptionVariables, error) {
	return ClashSubscriptionVariables{}, runtime.ErrNotImplemented
}
