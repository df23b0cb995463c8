package triggerclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// The methods of SubscriptionConstructor, as tests need them.

func (p *ClashProvider) CreateSubscription(_ context.Context, endpoint string, params ClashSubscriptionParameters, _ ClashAnyCredentials) (ClashSubscription, error) {
	return ClashSubscription{Endpoint: endpoint, Parameters: params}, nil
}

func (p *ClashProvider) RefreshSubscription(_ context.Context, sub ClashSubscription, _ ClashAnyCredentials) (ClashSubscription, error) {
	return sub, nil
}

func (p *ClashProvider) DeleteSubscription(context.Context, ClashSubscription, ClashAnyCredentials) error {
	return nil
}

func (p *ClashProvider) PushOptions2(_ context.Context, creds ClashAnyCredentials) ([]runtime.Choice, error) {
	return []runtime.Choice{{Value: creds.(ClashCredentials).Key.Reveal()}}, nil
}
