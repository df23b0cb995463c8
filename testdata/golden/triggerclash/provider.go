// Package triggerclash connects Dify to Clashes.
package triggerclash

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// ClashProvider connects Clashes. This file is yours: difygen wrote it once and will not touch
// it again.
//
// You must write the methods of ClashSubscriptionConstructor:
//
//	func (p *ClashProvider) CreateSubscription(ctx context.Context, endpoint string, params ClashSubscriptionParameters, creds ClashAnyCredentials) (ClashSubscription, error)
//	func (p *ClashProvider) RefreshSubscription(ctx context.Context, sub ClashSubscription, creds ClashAnyCredentials) (ClashSubscription, error)
//	func (p *ClashProvider) DeleteSubscription(ctx context.Context, sub ClashSubscription, creds ClashAnyCredentials) error
//	func (p *ClashProvider) PushOptions2(ctx context.Context, creds ClashAnyCredentials) ([]runtime.Choice, error)
type ClashProvider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If ClashProvider lacks a method, the compiler reports it here.
var (
	_ ClashCredentialsValidator    = (*ClashProvider)(nil)
	_ ClashSubscriptionConstructor = (*ClashProvider)(nil)
	_ ClashTrigger                 = (*ClashProvider)(nil)
)

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.Key.Reveal())
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *ClashProvider) ValidateCredentials(ctx context.Context, creds ClashCredentials) error {
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
//	case "dispatch":
//		var payload ClashDispatch2Payload
//		if err := json.Unmarshal(body, &payload); err != nil {
//			return err
//		}
//		return to.Dispatch2(payload)
//	}
//	return nil // the sender gets the status 200, and no event happens
func (p *ClashProvider) Dispatch(w http.ResponseWriter, r *http.Request, call *ClashDispatchCall, to *ClashDispatcher) error {
	return runtime.ErrNotImplemented
}
