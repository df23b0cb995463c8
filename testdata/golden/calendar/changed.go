package calendar

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ChangedPayload is what Dispatch passes on to Changed. Declare the fields that Changed needs,
// with tags for JSON.
type ChangedPayload struct{}

// Changed makes the variables of the event Changed.
//
// An appointment changed.
//
// If the event is not what call.Parameters ask for, it returns runtime.ErrIgnore, and no
// workflow starts.
func (p *Provider) Changed(ctx context.Context, call *ChangedCall) (ChangedVariables, error) {
	return ChangedVariables{}, runtime.ErrNotImplemented
}

// ChangedCalendarOptions returns the choices of the parameter Calendar of Changed
// (dynamic-select).
//
// If a user has set up the subscription by hand, creds are nil.
func (p *Provider) ChangedCalendarOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}
