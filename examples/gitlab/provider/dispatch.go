package gitlab

import (
	"crypto/subtle"
	"net/http"
)

// Dispatch checks that a webhook comes from GitLab, and passes it on to the event.
func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	secret := call.Subscription.Properties.WebhookSecret.Reveal()
	if secret == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Gitlab-Token")), []byte(secret)) != 1 {
		w.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	return to.Push(PushPayload{})
}
