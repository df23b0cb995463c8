package forge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// Provider is what tests need.
type Provider struct{}

// PushPayload and IssuePayload are the same type, as those of events can be.
type PushPayload struct {
	Action string          `json:"action,omitempty"`
	Pushed json.RawMessage `json:"pushed,omitempty"`
	Count  int64           `json:"count,omitempty"`
}

type IssuePayload = PushPayload

// PingPayload can be null.
type PingPayload map[string]any

func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	if call.Subscription.Properties.WebhookSecret.IsZero() { // a user is setting it up
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	body, err := webhook.GitHub(r, call.Subscription.Properties.WebhookSecret)
	if err != nil {
		return err
	}
	var payload PushPayload
	if err := json.Unmarshal(body, &payload); err != nil {
		return err
	}
	w.Header().Set("X-Credentials", credentials(call.Credentials))
	to.SetUserID("ada")
	if r.Header.Get("X-GitHub-Event") == "issues" {
		return to.Issue(payload)
	}
	return errors.Join(to.Push(payload), to.Issue(payload))
}

// credentials says how a user has authorized.
func credentials(creds AnyCredentials) string {
	switch creds := creds.(type) {
	case Credentials:
		return "key " + creds.AccessToken.Reveal()
	case OAuthCredentials:
		return "token " + creds.OAuthToken.Reveal()
	}
	return "none"
}

// Push answers with the variables that the payload has.
func (p *Provider) Push(_ context.Context, call *PushCall) (PushVariables, error) {
	if call.Parameters.Branch == "other" {
		return PushVariables{}, runtime.ErrIgnore
	}
	var variables PushVariables
	err := json.Unmarshal(call.Payload.Pushed, &variables)
	return variables, err
}

func (p *Provider) PushReviewerOptions(_ context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return []runtime.Choice{{Value: credentials(creds)}}, nil
}

// Ping is what events without parameters and variables are.
func (p *Provider) Ping(_ context.Context, call *PingCall) (PingVariables, error) {
	if call.Payload != nil {
		return PingVariables{}, errors.New("a ping has a payload")
	}
	return PingVariables{}, nil
}

func (p *Provider) CreateSubscription(_ context.Context, endpoint string, params SubscriptionParameters, _ AnyCredentials) (Subscription, error) {
	return Subscription{
		Endpoint: endpoint, Parameters: params,
		Properties: SubscriptionProperties{HookID: "1", WebhookSecret: runtime.NewSecret("s")},
	}, nil
}

func (p *Provider) RefreshSubscription(_ context.Context, sub Subscription, _ AnyCredentials) (Subscription, error) {
	return sub, nil
}

func (p *Provider) DeleteSubscription(context.Context, Subscription, AnyCredentials) error {
	return nil
}

func (p *Provider) RepositoryOptions(_ context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return []runtime.Choice{{Value: credentials(creds)}}, nil
}

func (p *Provider) ValidateCredentials(context.Context, Credentials) error { return nil }

func (p *Provider) OAuthGetAuthorizationURL(context.Context, string, OAuthClient) (string, error) {
	return "", runtime.ErrNotImplemented
}

func (p *Provider) OAuthGetCredentials(context.Context, string, OAuthClient, *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{}, runtime.ErrNotImplemented
}

func (p *Provider) OAuthRefreshCredentials(context.Context, string, OAuthClient, OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{}, runtime.ErrNotImplemented
}
