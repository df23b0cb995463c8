package runtime

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// KindTrigger is the kind of a provider of events.
const KindTrigger Kind = "trigger"

// The types of errors of a trigger provider.
const (
	ErrorTriggerCredentials ErrorType = "TriggerProviderCredentialValidationError"
	ErrorTriggerOAuth       ErrorType = "TriggerProviderOAuthError"
	ErrorSubscription       ErrorType = "SubscriptionError"
	ErrorUnsubscribe        ErrorType = "UnsubscribeError"
)

// Subscription is a subscription to a service's events as the wire has it.
type Subscription struct {
	ExpiresAt  int64          `json:"expires_at"` // Unix seconds, -1 for never
	Endpoint   string         `json:"endpoint"`   // the URL that the service calls
	Parameters map[string]any `json:"parameters"` // what the user chose
	Properties map[string]any `json:"properties"` // what the plugin noted about it
}

// NewSubscription returns a subscription for the wire. Extra are properties beside
// the declared ones. The zero time means that it never expires.
func NewSubscription(endpoint string, parameters, properties, extra map[string]any, expiresAt time.Time) Subscription {
	for key, value := range extra {
		if _, declared := properties[key]; !declared && value != nil {
			properties[key] = value
		}
	}
	s := Subscription{ExpiresAt: -1, Endpoint: endpoint, Parameters: parameters, Properties: properties}
	if !expiresAt.IsZero() {
		s.ExpiresAt = expiresAt.Unix()
	}
	return s
}

// Undeclared returns the values under other keys than the declared ones, nil if
// there are none.
func Undeclared(values map[string]any, declared ...string) map[string]any {
	var extra map[string]any
	for key, value := range values {
		if value == nil || slices.Contains(declared, key) {
			continue
		}
		if extra == nil {
			extra = make(map[string]any)
		}
		extra[key] = value
	}
	return extra
}

// Expiry is when the subscription expires; the zero time means never.
func (s Subscription) Expiry() time.Time {
	if s.ExpiresAt <= 0 {
		return time.Time{}
	}
	return time.Unix(s.ExpiresAt, 0)
}

// NoCredentials stands for the credentials of a trigger that declares none.
type NoCredentials struct{}

// DecodeNoCredentials reads nothing.
func DecodeNoCredentials(CredentialType, map[string]any) (NoCredentials, error) {
	return NoCredentials{}, nil
}

// SubscriptionConstructor is the shape of every generated SubscriptionConstructor
// interface.
type SubscriptionConstructor[Parameters, Sub, Creds any] interface {
	CreateSubscription(ctx context.Context, endpoint string, params Parameters, creds Creds) (Sub, error)
	RefreshSubscription(ctx context.Context, sub Sub, creds Creds) (Sub, error)
	DeleteSubscription(ctx context.Context, sub Sub, creds Creds) error
}

// TriggerProvider is the adapter of a trigger provider.
type TriggerProvider interface {
	Provider
	// Subscriptions returns how subscriptions are made, or nil if the provider
	// declares no subscription_constructor.
	Subscriptions() Subscriptions
}

// Subscriptions is the adapter of a SubscriptionConstructor, made by BindSubscriptions.
// The CredentialType says what the credentials are.
type Subscriptions interface {
	Create(ctx context.Context, endpoint string, parameters map[string]any, t CredentialType, credentials map[string]any) (Subscription, error)
	Refresh(ctx context.Context, sub Subscription, t CredentialType, credentials map[string]any) (Subscription, error)
	Delete(ctx context.Context, sub Subscription, t CredentialType, credentials map[string]any) error
}

// TypedSubscription is the shape of every generated Subscription.
type TypedSubscription interface {
	// Validate checks that what the plugin returned can be read again.
	Validate() error
	Wire() Subscription
}

// BindSubscriptions binds a typed constructor to the wire: it decodes what arrives and
// checks what the constructor returns.
func BindSubscriptions[Parameters any, Sub TypedSubscription, Creds any](
	constructor SubscriptionConstructor[Parameters, Sub, Creds],
	decodeParameters func(map[string]any) (Parameters, error),
	decodeSubscription func(Subscription) (Sub, error),
	decodeCredentials func(CredentialType, map[string]any) (Creds, error),
) Subscriptions {
	return &subscriptions[Parameters, Sub, Creds]{constructor, decodeParameters, decodeSubscription, decodeCredentials}
}

type subscriptions[Parameters any, Sub TypedSubscription, Creds any] struct {
	constructor        SubscriptionConstructor[Parameters, Sub, Creds]
	decodeParameters   func(map[string]any) (Parameters, error)
	decodeSubscription func(Subscription) (Sub, error)
	decodeCredentials  func(CredentialType, map[string]any) (Creds, error)
}

func (s *subscriptions[Parameters, Sub, Creds]) Create(ctx context.Context, endpoint string, parameters map[string]any, t CredentialType, credentials map[string]any) (Subscription, error) {
	params, err := s.decodeParameters(parameters)
	if err != nil {
		return Subscription{}, typed(ErrorSubscription, err)
	}
	creds, err := s.decodeCredentials(t, credentials)
	if err != nil {
		return Subscription{}, typed(ErrorSubscription, err)
	}
	return s.wire(s.constructor.CreateSubscription(ctx, endpoint, params, creds))
}

func (s *subscriptions[Parameters, Sub, Creds]) Refresh(ctx context.Context, sub Subscription, t CredentialType, credentials map[string]any) (Subscription, error) {
	old, creds, err := s.decode(sub, t, credentials)
	if err != nil {
		return Subscription{}, typed(ErrorSubscription, err)
	}
	return s.wire(s.constructor.RefreshSubscription(ctx, old, creds))
}

func (s *subscriptions[Parameters, Sub, Creds]) Delete(ctx context.Context, sub Subscription, t CredentialType, credentials map[string]any) error {
	old, creds, err := s.decode(sub, t, credentials)
	if err != nil {
		return typed(ErrorUnsubscribe, err)
	}
	return typed(ErrorUnsubscribe, s.constructor.DeleteSubscription(ctx, old, creds))
}

func (s *subscriptions[Parameters, Sub, Creds]) decode(wire Subscription, t CredentialType, credentials map[string]any) (sub Sub, creds Creds, err error) {
	if sub, err = s.decodeSubscription(wire); err != nil {
		return sub, creds, err
	}
	creds, err = s.decodeCredentials(t, credentials)
	return sub, creds, err
}

func (s *subscriptions[Parameters, Sub, Creds]) wire(sub Sub, err error) (Subscription, error) {
	if err != nil {
		return Subscription{}, typed(ErrorSubscription, err)
	}
	if err := sub.Validate(); err != nil {
		return Subscription{}, typed(ErrorSubscription, fmt.Errorf("the plugin returned an incomplete subscription: %w", err))
	}
	return sub.Wire(), nil
}

// TriggerConfig is what the adapter of a trigger provider is made from. Leave out
// what the provider does not declare.
type TriggerConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Subscriptions       Subscriptions
	Fingerprint         Fingerprint
}

// NewTrigger returns the adapter of a trigger provider.
func NewTrigger(c TriggerConfig) TriggerProvider {
	p := newProvider(KindTrigger, c.Name, c.Fingerprint, c.ValidateCredentials, c.OAuth)
	return &triggerProvider{p, c.Subscriptions}
}

type triggerProvider struct {
	Provider
	subscriptions Subscriptions
}

func (p *triggerProvider) Subscriptions() Subscriptions { return p.subscriptions }
