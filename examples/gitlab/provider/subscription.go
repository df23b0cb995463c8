package gitlab

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/difygen/difygen/runtime"
)

// hook is a webhook in GitLab's API.
type hook struct {
	ID           int64  `json:"id,omitempty"`
	URL          string `json:"url"`
	Token        string `json:"token,omitempty"`
	Push         bool   `json:"push_events"`
	Branch       string `json:"push_events_branch_filter,omitempty"`
	MergeRequest bool   `json:"merge_requests_events"`
	Issues       bool   `json:"issues_events"`
	VerifyTLS    bool   `json:"enable_ssl_verification"`
}

// CreateSubscription adds a webhook to the project, with a secret token that GitLab sends
// with every event.
func (p *Provider) CreateSubscription(ctx context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error) {
	secret := rand.Text()
	wanted := func(event Events) bool { return slices.Contains(params.Events, event) }
	var made hook
	err := p.do(ctx, creds, http.MethodPost, hooks(params), hook{
		URL: endpoint, Token: secret, Branch: params.Branch, VerifyTLS: params.VerifyTLS,
		Push: wanted(EventsPush), MergeRequest: wanted(EventsMergeRequests), Issues: wanted(EventsIssues),
	}, &made)
	switch {
	case runtime.StatusCode(err) == http.StatusNotFound:
		return Subscription{}, errors.New("GitLab has no such project, or the token has no access to it")
	case err != nil:
		return Subscription{}, err
	case made.ID == 0:
		return Subscription{}, errors.New("GitLab did not add the webhook")
	}
	return Subscription{
		Endpoint:   endpoint,
		Parameters: params,
		Properties: SubscriptionProperties{HookID: strconv.FormatInt(made.ID, 10), WebhookSecret: runtime.NewSecret(secret)},
	}, nil
}

// RefreshSubscription checks that the webhook still exists. It does not expire.
func (p *Provider) RefreshSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) (Subscription, error) {
	var found hook
	err := p.hook(ctx, creds, http.MethodGet, sub, &found)
	switch {
	case runtime.StatusCode(err) == http.StatusNotFound:
		return Subscription{}, errors.New("the webhook is gone: subscribe again")
	case err == nil && found.URL != sub.Endpoint:
		return Subscription{}, errors.New("the webhook has a different URL: subscribe again")
	}
	return sub, err
}

// DeleteSubscription removes the webhook. It is not an error if it is gone already.
func (p *Provider) DeleteSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) error {
	err := p.hook(ctx, creds, http.MethodDelete, sub, nil)
	if runtime.StatusCode(err) == http.StatusNotFound {
		return nil
	}
	return err
}

// hook calls the API for the webhook of a subscription.
func (p *Provider) hook(ctx context.Context, creds AnyCredentials, method string, sub Subscription, result any) error {
	if sub.Properties.HookID == "" {
		return errors.New("someone has added the webhook to GitLab by hand: look after it there")
	}
	return p.do(ctx, creds, method, hooks(sub.Parameters)+"/"+url.PathEscape(sub.Properties.HookID), nil, result)
}

// hooks is the path of the webhooks of a project.
func hooks(params SubscriptionParameters) string {
	return "projects/" + url.PathEscape(params.Project) + "/hooks"
}
