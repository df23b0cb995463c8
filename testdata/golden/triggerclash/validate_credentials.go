package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ClashValidateCredentials2Payload is what Dispatch passes on to ValidateCredentials2. Declare
// the fields that ValidateCredentials2 needs, with tags for JSON.
type ClashValidateCredentials2Payload struct{}

// ValidateCredentials2 makes the variables of the event Validate.
//
// Something happened.
//
// If no workflow is to start, it returns runtime.ErrIgnore.
func (p *ClashProvider) ValidateCredentials2(ctx context.Context, call *ClashValidateCredentials2Call) (ClashValidateCredentials2Variables, error) {
	return ClashValidateCredentials2Variables{}, runtime.ErrNotImplemented
}
