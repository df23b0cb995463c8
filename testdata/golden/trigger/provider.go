// Package trigger connects Dify to Trigger.
package trigger

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Trigger. This file is yours: difygen wrote it once and will not touch it
// again.
//
// You must write the methods of SubscriptionConstructor:
//
//	func (p *Provider) CreateSubscription(ctx context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error)
//	func (p *Provider) RefreshSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) (Subscription, error)
//	func (p *Provider) DeleteSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) error
//	func (p *Provider) RepositoryOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error)
//	func (p *Provider) TopicsOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error)
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator    = (*Provider)(nil)
	_ SubscriptionConstructor = (*Provider)(nil)
	_ Trigger                 = (*Provider)(nil)
)

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return runtime.ErrNotImplemented
}

// Dispatch verifies a webhook, answers it on w, and passes it on to events with the methods of
// to. If the service signs webhooks as GitHub does, for example, like this:
//
//	body, err := webhook.GitHub(r, call.Subscription.Properties.Secret) // of github.com/difygen/difygen/runtime/webhook
//	if err != nil {
//		return err
//	}
//	switch r.Header.Get("X-GitHub-Event") { // or where the service names what happened
//	case "push":
//		var payload PushPayload
//		if err := json.Unmarshal(body, &payload); err != nil {
//			return err
//		}
//		return to.Push(payload)
//	}
//	return nil // the sender gets the status 200, and no event happens
func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	return runtime.ErrNotImplemented
}
