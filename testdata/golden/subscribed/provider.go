// Package subscribed connects Dify to Subscribed.
package subscribed

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Subscribed. This file is yours: difygen wrote it once and will not touch
// it again.
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var _ Trigger = (*Provider)(nil)

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
