package mail

import (
	"context"
	"time"
)

// The methods of SubscriptionConstructor, as tests need them.

func (p *Provider) CreateSubscription(_ context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error) {
	return Subscription{
		Endpoint: endpoint, Parameters: params, Extra: map[string]any{"id": creds.(Credentials).APIKey.Reveal()},
	}, nil
}

func (p *Provider) RefreshSubscription(_ context.Context, sub Subscription, _ AnyCredentials) (Subscription, error) {
	sub.ExpiresAt = time.Unix(2_000_000_000, 0)
	return sub, nil
}

func (p *Provider) DeleteSubscription(context.Context, Subscription, AnyCredentials) error {
	return nil
}
