package heron

import "context"

// LeftPayload is that of all events.
type LeftPayload = Sighting

// Left makes the variables of the event Left.
func (p *Provider) Left(_ context.Context, call *LeftCall) (LeftVariables, error) {
	return LeftVariables{Bird: call.Payload.Bird}, nil
}
