// Package trigger has what the events of a trigger take and give: the webhook that Dify passes on, and
// the Dispatcher that names the events for which it stands. Generated code embeds them in types of its
// own. The package webhook verifies what services sign.
package trigger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// EventCall is a call of an event: the webhook that Dispatch has passed on to it.
type EventCall struct {
	runtime.Call

	// Request is the webhook as the service has sent it. Its body can be read. Of several headers with the same
	// name, Dify keeps the last one, or joins them, depending on its version.
	Request *http.Request
}

// BindDispatch adapts a typed method that dispatches webhooks to values on the wire.
//
// While a user sets up a subscription, Dify passes on the webhooks that arrive, and ignores their events. Then the
// subscription has what the user has entered so far and the defaults of its properties, and there are no credentials:
// the credential type is unauthorized, as it is of a subscription that a user has set up by hand. So
// readSubscription must take what is there, and creds are zero.
//
// An error that matches webhook.ErrSignature is answered with the status 401 and what is wrong, and no event
// happens. Dify answers any other error with the status 500.
func BindDispatch[S, C any](
	readSubscription func(runtime.Subscription) S,
	decodeCredentials func(runtime.CredentialType, map[string]any) (C, error),
	dispatch func(w http.ResponseWriter, r *http.Request, call runtime.Call, sub S, creds C, to *Dispatcher) error,
) runtime.TriggerHandler {
	return func(_ context.Context, req *runtime.TriggerRequest) (any, error) {
		if req.HTTP == nil {
			return nil, errNoWebhook
		}
		creds, err := runtime.DecodeTriggerCredentials(req, decodeCredentials)
		if err != nil {
			return nil, err
		}
		to, w := &Dispatcher{maxPayload: req.MaxResult}, newResponse(req.HTTP)
		defer to.end()
		defer w.end()
		err = dispatch(w, req.HTTP, req.Call, readSubscription(req.Subscription), creds, to)
		switch {
		case errors.Is(err, webhook.ErrSignature):
			return newRefusal(req.HTTP, err), nil
		case err != nil:
			return nil, err
		}
		return to.result(w)
	}
}

// errNoWebhook is the error of a request without a webhook.
var errNoWebhook = &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: errors.New("the request has no raw_http_request")}

// BindEvent adapts the typed method of an event to values on the wire. Its subscription and its credentials are those
// of BindDispatch, also long after: another process may have dispatched the webhook.
func BindEvent[S, C, P, Payload, V any](
	readSubscription func(runtime.Subscription) S,
	decodeCredentials func(runtime.CredentialType, map[string]any) (C, error),
	decodeParameters func(map[string]any) (P, error),
	invoke func(ctx context.Context, call EventCall, payload Payload, sub S, creds C, params P) (V, error),
) runtime.TriggerHandler {
	return func(ctx context.Context, req *runtime.TriggerRequest) (any, error) {
		if req.HTTP == nil {
			return nil, errNoWebhook
		}
		r := req.Read()
		values := r.Object("parameters")
		if err := r.Err(); err != nil {
			return nil, err
		}
		payload, err := decodePayload[Payload](req.Data)
		if err != nil {
			return nil, err
		}
		creds, err := runtime.DecodeTriggerCredentials(req, decodeCredentials)
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
			return eventResult{json.RawMessage("{}"), true}, nil
		case err != nil:
			return nil, err
		}
		return newEventResult(variables)
	}
}

// decodePayload decodes what Dispatch has passed on, perhaps that of an older version of the plugin. The error
// does not quote it.
func decodePayload[Payload any](request map[string]any) (payload Payload, err error) {
	data, err := json.Marshal(request["payload"])
	if err == nil {
		err = json.Unmarshal(data, &payload)
	}
	if err == nil {
		return payload, nil
	}
	problem := fmt.Errorf("the payload of the event %v does not fit the type %s", request["event"], reflect.TypeFor[Payload]())
	if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) && e.Field != "" {
		problem = fmt.Errorf("%w: %s is not of the type %s", problem, e.Field, e.Type)
	}
	return payload, &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: problem}
}

// eventResult is what an event returns, as it is on the wire. The daemon passes on variables that are null, which
// the API refuses.
type eventResult struct {
	Variables json.RawMessage `json:"variables"`
	Cancelled bool            `json:"cancelled"`
}

func newEventResult(variables any) (any, error) {
	data, err := json.Marshal(variables)
	if err != nil {
		return nil, fmt.Errorf("the variables of the event are not JSON: %w", err)
	}
	if data, err = object(data); err != nil {
		return nil, fmt.Errorf("the variables of the event %w", err)
	}
	return eventResult{data, false}, nil
}
