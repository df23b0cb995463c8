// Package forge is a trigger without mistakes.
package forge

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// Provider passes webhooks on.
type Provider struct {
	HTTPClient *http.Client
	URL        string
}

func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return p.call(ctx, http.MethodGet, "/user", creds)
}

func (p *Provider) CreateSubscription(ctx context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error) {
	if err := p.call(ctx, http.MethodPost, "/hooks", creds); err != nil {
		return Subscription{}, err
	}
	return Subscription{
		Endpoint: endpoint, Parameters: params, Extra: nil,
		Properties: SubscriptionProperties{HookID: "1", WebhookSecret: runtime.NewSecret("s")},
	}, nil
}

func (p *Provider) RefreshSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) (Subscription, error) {
	if id, _ := sub.Extra["hook"].(string); sub.Properties.HookID == "" {
		sub.Properties.HookID = id // of an older version
	}
	renewed := Subscription{Endpoint: sub.Endpoint, Parameters: sub.Parameters, Properties: sub.Properties, Extra: sub.Extra, ExpiresAt: sub.ExpiresAt}
	renewed.Extra = maps.Clone(sub.Extra)
	delete(renewed.Extra, "hook")
	renewed.ExpiresAt = sub.ExpiresAt.Add(time.Hour)
	return renewed, p.call(ctx, http.MethodPut, "/hooks/"+sub.Properties.HookID, creds)
}

func (p *Provider) DeleteSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) error {
	return p.call(ctx, http.MethodDelete, "/hooks/"+sub.Properties.HookID, creds)
}

func (p *Provider) call(ctx context.Context, method, path string, any AnyCredentials) error {
	creds, ok := any.(Credentials)
	if !ok {
		return errors.New("no access token")
	}
	req, err := runtime.NewJSONRequest(ctx, method, p.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	return runtime.DoJSON(p.HTTPClient, req, nil)
}

func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	body, err := webhook.GitHub(r, call.Subscription.Properties.WebhookSecret)
	if err != nil {
		return err
	}
	var payload PushPayload
	if err := json.Unmarshal(body, &payload); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil
	}
	if err := p.call(r.Context(), http.MethodGet, "/seen", call.Credentials); err != nil {
		slog.ErrorContext(r.Context(), "The service failed.", "error", err)
		http.Error(w, "the service failed", http.StatusBadGateway)
		return nil
	}
	to.SetUserID(payload.User)
	if r.Header.Get("X-Event") == "tag" {
		return to.Tag(payload)
	}
	return to.Push(payload)
}

// PushPayload is a push.
type PushPayload struct {
	Ref  string `json:"ref"`
	User string `json:"user"`
}

// TagPayload is a push of a tag.
type TagPayload = PushPayload

func (p *Provider) Tag(_ context.Context, call *TagCall) (TagVariables, error) {
	return TagVariables{Ref: call.Payload.Ref}, nil
}

func (p *Provider) Push(_ context.Context, call *PushCall) (PushVariables, error) {
	if call.Parameters.Branch != "" && call.Parameters.Branch != call.Payload.Ref {
		return PushVariables{}, runtime.ErrIgnore
	}
	return PushVariables{Ref: call.Payload.Ref}, nil
}
