package errorresponse

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/runtime/webhook"
)

func (c *client) Dispatch(w http.ResponseWriter, r *http.Request, call *forge.DispatchCall, to *forge.Dispatcher) error {
	body, err := webhook.GitHub(r, call.Subscription.Properties.WebhookSecret)
	if errors.Is(err, webhook.ErrSignature) {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return nil
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError) // want `http.Error shows the text of an error to whoever calls; return the error, or log it`
		return nil
	}
	var payload forge.PushPayload
	if err := json.Unmarshal(body, &payload); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil
	}
	if _, err := c.find(r.Context(), payload.Ref); err != nil {
		http.Error(w, "not found: "+err.Error(), http.StatusBadGateway) // want `http.Error shows`
		return nil
	}
	return to.Push(payload)
}
