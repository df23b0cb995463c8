package difytest

import (
	"encoding/json"
	"maps"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// Subscribe creates a subscription to a trigger's events, which are to be sent to the URL
// endpoint. The test fails if the subscription has properties that subscription_schema does not declare:
// Dify stores them in plain text.
func (h *Host) Subscribe(endpoint string, params, creds map[string]any) (runtime.Subscription, error) {
	h.tb.Helper()
	p := h.target(runtime.KindTrigger)
	if err := h.refuse(p, undeclared("provider "+p.name, "parameter of a subscription", p.subscriptionParameters, params), noSecrets(params)); err != nil {
		return runtime.Subscription{}, err
	}
	return h.subscription(host.ActionSubscribe, map[string]any{"endpoint": endpoint, "parameters": wire(params)}, creds)
}

// RefreshSubscription refreshes a subscription that expires. Undeclared properties fail the test, as they do with
// Subscribe.
func (h *Host) RefreshSubscription(sub runtime.Subscription, creds map[string]any) (runtime.Subscription, error) {
	h.tb.Helper()
	return h.subscription(host.ActionRefresh, map[string]any{"subscription": sub.Reveal()}, creds)
}

// Unsubscribe deletes a subscription.
func (h *Host) Unsubscribe(sub runtime.Subscription, creds map[string]any) error {
	h.tb.Helper()
	p := h.target(runtime.KindTrigger)
	if err := h.refuse(p, h.noCredentials(p, creds), noSecrets(creds)); err != nil {
		return err
	}
	fields := h.credentialFields(p, creds)
	fields["subscription"] = sub.Reveal()
	return h.decode(host.Request{Type: "trigger", Action: host.ActionUnsubscribe, Fields: fields}, p.secrets(creds), new(json.RawMessage))
}

func (h *Host) subscription(action string, fields, creds map[string]any) (runtime.Subscription, error) {
	h.tb.Helper()
	p := h.target(runtime.KindTrigger)
	if err := h.refuse(p, h.noCredentials(p, creds), noSecrets(creds)); err != nil {
		return runtime.Subscription{}, err
	}
	maps.Copy(fields, h.credentialFields(p, creds))
	secrets := p.secrets(creds)
	var result struct{ Subscription map[string]any }
	if err := h.decode(host.Request{Type: "trigger", Action: action, Fields: fields}, secrets, &result); err != nil {
		return runtime.Subscription{}, err
	}
	sub, err := runtime.ReadSubscription(result.Subscription)
	if err != nil {
		return sub, err
	}
	properties := maps.Clone(sub.Properties.Reveal())
	maps.DeleteFunc(properties, func(_ string, v any) bool { return v == nil })
	if names := unknown(p.subscription, properties); len(names) > 0 {
		h.tb.Errorf("the subscription has the properties %s, which subscription_schema of %s does not declare, so that Dify stores them in plain text: declare them", list(names), p.name)
	}
	// Dify encrypts the properties that are declared as secret.
	maps.DeleteFunc(properties, func(name string, _ any) bool { return p.secret(name) })
	result.Subscription["properties"] = properties
	text, err := json.Marshal(result.Subscription)
	if err != nil {
		return sub, err
	}
	h.checkSecrets("the subscription", secrets, text)
	return sub, nil
}
