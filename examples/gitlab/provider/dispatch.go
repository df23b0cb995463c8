package gitlab

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/difygen/difygen/runtime/webhook"
)

// Dispatch checks that a webhook comes from GitLab, and passes it on to its event. The answer is
// status 200, also for what is not an event here: GitLab disables webhooks that fail.
func (p *Provider) Dispatch(_ http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	body, err := webhook.Token(r, "X-Gitlab-Token", call.Subscription.Properties.WebhookSecret)
	if err != nil {
		return err
	}
	switch r.Header.Get("X-Gitlab-Event") {
	case "Push Hook":
		return pass(body, to.Push)
	case "Merge Request Hook":
		return pass(body, to.MergeRequest)
	case "Issue Hook":
		return pass(body, to.Issue)
	}
	return nil
}

// pass passes a webhook on to an event, with what its payload holds of the body.
func pass[Payload any](body []byte, event func(Payload) error) error {
	var payload Payload
	if err := json.Unmarshal(body, &payload); err != nil {
		return fmt.Errorf("the body of the webhook is not as GitLab documents it: %w", err)
	}
	return event(payload)
}
