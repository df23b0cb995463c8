// Package hook is a trigger without mistakes.
package hook

import (
	"context"
	"errors"

	"github.com/difygen/difygen/runtime"
)

type Provider struct{}

func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	if creds.APIKey.IsZero() {
		return errors.New("no key")
	}
	return ctx.Err()
}

func (p *Provider) CreateSubscription(_ context.Context, endpoint string, params SubscriptionParameters, _ AnyCredentials) (Subscription, error) {
	return Subscription{
		Endpoint: endpoint, Parameters: params,
		Properties: SubscriptionProperties{HookID: "1", SigningSecret: runtime.NewSecret("s")},
	}, nil
}

func (p *Provider) RefreshSubscription(_ context.Context, sub Subscription, _ AnyCredentials) (Subscription, error) {
	return sub, nil
}

func (p *Provider) DeleteSubscription(context.Context, Subscription, AnyCredentials) error {
	return nil
}
