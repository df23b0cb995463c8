package heron

import (
	"context"
	"errors"
	"io"

	"github.com/difygen/difygen/runtime"
)

// SeenPayload is that of all events.
type SeenPayload = Sighting

// Seen makes the variables of the event Seen.
func (p *Provider) Seen(_ context.Context, call *SeenCall) (SeenVariables, error) {
	switch bird := call.Parameters.Bird; {
	case bird == "fail":
		return SeenVariables{}, errors.New("no bird")
	case bird != "" && bird != call.Payload.Bird:
		return SeenVariables{}, runtime.ErrIgnore
	}
	body, err := io.ReadAll(call.Request.Body)
	return SeenVariables{
		Bird: call.Payload.Bird, Count: call.Payload.Count, Request: call.Request.Method + " " + call.Request.URL.Path + " " + string(body),
		Key: key(call.Credentials), Pond: call.Subscription.Properties.Pond,
	}, err
}

// SeenPlaceOptions returns no choices.
func (p *Provider) SeenPlaceOptions(context.Context, AnyCredentials) ([]runtime.Choice, error) {
	return nil, errors.New("no places")
}
