// Package heron is a trigger that needs no service.
package heron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// Provider is the plugin.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator    = (*Provider)(nil)
	_ SubscriptionConstructor = (*Provider)(nil)
	_ Trigger                 = (*Provider)(nil)
)

// Sighting is the payload of all events.
type Sighting struct {
	Bird  string  `json:"bird,omitempty"`
	Count float64 `json:"count,omitempty"`
}

// ValidateCredentials accepts all but one key.
func (p *Provider) ValidateCredentials(_ context.Context, creds Credentials) error {
	if creds.APIKey.Reveal() == "wrong" {
		return errors.New("the key is wrong")
	}
	return nil
}

// Dispatch does what the query of the webhook asks for.
func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	query := r.URL.Query()
	do := query.Get("do")
	if answer, ok := answers[do]; ok {
		return answer(w, r, call)
	}
	body, err := webhook.Token(r, "X-Heron-Token", call.Subscription.Properties.Secret)
	if err != nil {
		return err
	}
	var payload Sighting
	if err := json.Unmarshal(body, &payload); err != nil {
		return err
	}
	to.SetUserID(query.Get("user"))
	events := map[string][]func(Sighting) error{"seen": {to.Seen}, "left": {to.Left}, "both": {to.Seen, to.Left}, "twice": {to.Seen, to.Seen}}
	for _, event := range events[do] {
		if err := event(payload); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = io.WriteString(w, "ok")
	return err
}

// answers are those to webhooks that stand for no event.
var answers = map[string]func(w http.ResponseWriter, r *http.Request, call *DispatchCall) error{
	"challenge": func(w http.ResponseWriter, r *http.Request, _ *DispatchCall) error {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, err := io.WriteString(w, r.URL.Query().Get("challenge"))
		return err
	},
	"created": func(w http.ResponseWriter, _ *http.Request, _ *DispatchCall) error {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Heron", "grüße")
		w.WriteHeader(http.StatusCreated)
		_, err := io.WriteString(w, `{"a":1}`)
		return err
	},
	"empty": func(w http.ResponseWriter, _ *http.Request, _ *DispatchCall) error {
		w.WriteHeader(http.StatusNoContent)
		return nil
	},
	"fail": func(http.ResponseWriter, *http.Request, *DispatchCall) error {
		return errors.New("no bird")
	},
	"typed": func(http.ResponseWriter, *http.Request, *DispatchCall) error {
		return &runtime.Error{Type: "ValueError", Err: errors.New("no value")}
	},
	"report": report,
}

// report answers with what the plugin sees.
func report(w http.ResponseWriter, r *http.Request, call *DispatchCall) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	properties := call.Subscription.Properties
	return json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "path": r.URL.Path, "a": append([]string{}, r.URL.Query()["a"]...), "host": r.Host, "header": r.Header.Get("X-Note"), "body": string(body),
		"key": key(call.Credentials), "endpoint": call.Subscription.Endpoint, "secret": properties.Secret.Reveal(), "pond": properties.Pond,
		"topic": call.Subscription.Parameters.Topic,
	})
}

// key returns the key of credentials, if there are any.
func key(creds AnyCredentials) string {
	if creds, ok := creds.(Credentials); ok {
		return creds.APIKey.Reveal()
	}
	return ""
}

// CreateSubscription makes up a secret.
func (p *Provider) CreateSubscription(_ context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error) {
	if params.Topic == "fail" {
		return Subscription{}, errors.New("no topic for " + key(creds))
	}
	sub := Subscription{Endpoint: endpoint, Parameters: params, Extra: map[string]any{"hook": 7}}
	sub.Properties = SubscriptionProperties{Secret: runtime.NewSecret("secret of " + params.Topic), Pond: "sea"}
	return sub, nil
}

// RefreshSubscription says that it expires later.
func (p *Provider) RefreshSubscription(_ context.Context, sub Subscription, _ AnyCredentials) (Subscription, error) {
	if sub.Properties.Pond == "dry" {
		return Subscription{}, errors.New("the pond is dry")
	}
	sub.ExpiresAt = sub.ExpiresAt.Add(1000e9)
	return sub, nil
}

// DeleteSubscription needs what CreateSubscription has stored.
func (p *Provider) DeleteSubscription(_ context.Context, sub Subscription, _ AnyCredentials) error {
	if sub.Extra["hook"] == nil {
		return fmt.Errorf("no hook at %s", sub.Endpoint)
	}
	return nil
}

// PlaceOptions returns the places that a subscription can be for.
func (p *Provider) PlaceOptions(_ context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return []runtime.Choice{{Value: "pond", Label: "Pond of " + key(creds)}, {Value: "sea", Label: "Sea"}}, nil
}
