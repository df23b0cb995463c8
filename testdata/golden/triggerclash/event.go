package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashEvent10Payload is what Dispatch passes on to Event10. Declare the fields that Event10
// needs, with tags for JSON.
type ClashEvent10Payload struct{}

// Event10 makes the variables of the event Underscores.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) Event10(ctx context.Context, call *ClashEvent10Call) (ClashEvent10Variables, error) {
	return ClashEvent10Variables{}, runtime.ErrNotImplemented
}
