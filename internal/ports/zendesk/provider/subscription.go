package zendesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

// hook is a webhook in Zendesk's API.
type hook struct {
	Webhook struct {
		ID            string   `json:"id,omitempty"`
		Name          string   `json:"name"`
		Status        string   `json:"status"`
		Endpoint      string   `json:"endpoint"`
		HTTPMethod    string   `json:"http_method"`
		RequestFormat string   `json:"request_format"`
		Subscriptions []string `json:"subscriptions"`
	} `json:"webhook"`
}

// path is the path of the webhook with an ID.
func path(id string) string { return "/webhooks/" + url.PathEscape(id) }

// CreateSubscription adds a webhook, and asks for the secret that Zendesk has made to sign it.
func (p *Provider) CreateSubscription(ctx context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error) {
	var wanted, made hook
	w := &wanted.Webhook
	w.Name, w.Status, w.Endpoint, w.HTTPMethod, w.RequestFormat = "Dify", "active", endpoint, http.MethodPost, "json"
	for _, event := range params.Events {
		w.Subscriptions = append(w.Subscriptions, typePrefix+string(event))
	}
	if err := p.call(ctx, creds, http.MethodPost, "/webhooks", wanted, &made); err != nil {
		return Subscription{}, err
	}
	id := made.Webhook.ID
	if id == "" {
		return Subscription{}, errors.New("Zendesk did not add the webhook") //nolint:staticcheck // a name
	}
	secret, err := p.signingSecret(ctx, creds, id)
	if err != nil {
		_ = p.call(ctx, creds, http.MethodDelete, path(id), nil, nil) // nobody would need it
		return Subscription{}, err
	}
	return Subscription{
		Endpoint: endpoint, Parameters: params,
		Properties: SubscriptionProperties{WebhookID: id, SigningSecret: secret},
	}, nil
}

// signingSecret returns the secret that signs a webhook.
func (p *Provider) signingSecret(ctx context.Context, creds AnyCredentials, id string) (runtime.Secret, error) {
	var signing struct {
		Secret struct{ Secret string } `json:"signing_secret"`
	}
	err := p.call(ctx, creds, http.MethodGet, path(id)+"/signing_secret", nil, &signing)
	if err == nil && signing.Secret.Secret == "" {
		err = errors.New("Zendesk did not say which secret signs the webhook") //nolint:staticcheck // a name
	}
	return runtime.NewSecret(signing.Secret.Secret), err
}

// RefreshSubscription checks that the webhook still calls. It does not expire.
func (p *Provider) RefreshSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) (Subscription, error) {
	if sub.Properties.WebhookID == "" {
		return Subscription{}, errByHand
	}
	var found hook
	err := p.call(ctx, creds, http.MethodGet, path(sub.Properties.WebhookID), nil, &found)
	switch {
	case runtime.StatusCode(err) == http.StatusNotFound:
		return Subscription{}, errors.New("the webhook is gone: subscribe again")
	case err == nil && (found.Webhook.Endpoint != sub.Endpoint || found.Webhook.Status != "active"):
		return Subscription{}, errors.New("the webhook has another URL or is not active: subscribe again")
	}
	return sub, err
}

// DeleteSubscription removes the webhook. It is not an error if it is gone already.
func (p *Provider) DeleteSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) error {
	if sub.Properties.WebhookID == "" {
		return errByHand
	}
	err := p.call(ctx, creds, http.MethodDelete, path(sub.Properties.WebhookID), nil, nil)
	if runtime.StatusCode(err) == http.StatusNotFound {
		return nil
	}
	return err
}

// errByHand is the error for a subscription whose webhook is not the plugin's.
var errByHand = errors.New("someone has added the webhook to Zendesk by hand: look after it there")
