// Package trigger has what the events of a trigger take and give: the webhook that Dify passes on, and
// the Dispatcher that names the events which it stands for. Generated code embeds them in types of its
// own. The package webhook verifies what services sign.
package trigger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// EventCall is a call of an event: the webhook that Dispatch has passed on to it.
type EventCall struct {
	runtime.Call

	// Request is the webhook as the service has sent it. Its body can be read.
	Request *http.Request
}

// BindDispatch adapts a typed method that dispatches webhooks to values on the wire.
func BindDispatch[S, C any](
	readSubscription func(runtime.Subscription) S,
	decodeCredentials func(runtime.CredentialType, map[string]any) (C, error),
	dispatch func(w http.ResponseWriter, r *http.Request, call runtime.Call, sub S, creds C, to *Dispatcher) error,
) runtime.TriggerHandler {
	return func(_ context.Context, req *runtime.TriggerRequest) (any, error) {
		if req.HTTP == nil {
			return nil, errNoWebhook
		}
		creds, err := credentials(req, decodeCredentials)
		if err != nil {
			return nil, err
		}
		to, w := new(Dispatcher), newResponse(req.HTTP)
		err = dispatch(w, req.HTTP, req.Call, readSubscription(req.Subscription), creds, to)
		if err != nil {
			return nil, err
		}
		return to.result(w)
	}
}

// errNoWebhook is the error of a request without a webhook.
var errNoWebhook = &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: errors.New("the request has no raw_http_request")}

// credentials decodes those of a request, if there are any.
func credentials[C any](req *runtime.TriggerRequest, decode func(runtime.CredentialType, map[string]any) (C, error)) (creds C, err error) {
	if req.CredentialType == runtime.CredentialTypeUnauthorized || len(req.Credentials) == 0 {
		return creds, nil
	}
	return decode(req.CredentialType, req.Credentials)
}

// BindEvent adapts the typed method of an event to values on the wire.
func BindEvent[S, C, P, Payload, V any](
	readSubscription func(runtime.Subscription) S,
	decodeCredentials func(runtime.CredentialType, map[string]any) (C, error),
	decodeParameters func(map[string]any) (P, error),
	invoke func(ctx context.Context, call EventCall, payload Payload, sub S, creds C, params P) (V, error),
) runtime.TriggerHandler {
	return func(ctx context.Context, req *runtime.TriggerRequest) (any, error) {
		r := req.Read()
		values := r.Object("parameters")
		var payload Payload
		r.Decode("payload", &payload)
		if err := r.Err(); err != nil {
			return nil, err
		}
		creds, err := credentials(req, decodeCredentials)
		if err != nil {
			return nil, err
		}
		params, err := decodeParameters(values)
		if err != nil {
			return nil, err
		}
		variables, err := invoke(ctx, EventCall{req.Call, req.HTTP}, payload, readSubscription(req.Subscription), creds, params)
		switch {
		case errors.Is(err, runtime.ErrIgnore):
			return eventResult{struct{}{}, true}, nil
		case err != nil:
			return nil, err
		}
		return eventResult{variables, false}, nil
	}
}

// eventResult is what an event returns, as it is on the wire.
type eventResult struct {
	Variables any  `json:"variables"`
	Cancelled bool `json:"cancelled"`
}

// Dispatcher names the events for which a webhook stands.
type Dispatcher struct {
	userID  string
	events  []string
	payload json.RawMessage
}

// Dispatch names an event. Generated code calls it with the type that the payload has.
func (d *Dispatcher) Dispatch(event string, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	d.events, d.payload = append(d.events, event), data
	return nil
}

// SetUserID sets who has caused the events: the UserID of the calls of events.
func (d *Dispatcher) SetUserID(id string) { d.userID = id }

// dispatched is what Dispatch returns, as it is on the wire.
type dispatched struct {
	UserID   string          `json:"user_id"`
	Events   []string        `json:"events"`
	Payload  json.RawMessage `json:"payload,omitempty"`
	Response string          `json:"response"` // hexadecimal
}

func (d *Dispatcher) result(w *response) (*dispatched, error) {
	raw, err := w.raw()
	if err != nil {
		return nil, err
	}
	events := d.events
	if events == nil {
		events = []string{}
	}
	return &dispatched{d.userID, events, d.payload, hex.EncodeToString(raw)}, nil
}
