package gitlab

import "context"

// PushPayload is what Dispatch passes on to Push.
type PushPayload struct{}

// Push makes the variables of the event Push.
func (p *Provider) Push(ctx context.Context, call *PushCall) (PushVariables, error) {
	return PushVariables{}, nil
}
