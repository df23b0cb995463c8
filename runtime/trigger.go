package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// KindTrigger is the kind of a trigger provider.
const KindTrigger Kind = "trigger"

// The types of errors of a trigger provider.
const (
	ErrorTriggerCredentials ErrorType = "TriggerProviderCredentialValidationError"
	ErrorTriggerOAuth       ErrorType = "TriggerProviderOAuthError"
	ErrorSubscription       ErrorType = "SubscriptionError"
	ErrorUnsubscribe        ErrorType = "UnsubscribeError"
	ErrorTriggerDispatch    ErrorType = "TriggerDispatchError"
)

// Subscription is a subscription to a service's events, with values as they are on the wire.
type Subscription struct {
	ExpiresAt  int64  // Unix seconds, -1 for never
	Endpoint   string // the URL that the service calls
	Parameters Values // what the user chose
	Properties Values // what the plugin stores about it, such as the key that signs events
}

// errWrongSubscription is the error of a subscription that is not one.
var errWrongSubscription = &Error{Type: ErrorInvalidRequest, Err: errors.New("subscription of the request has the wrong type")}

// ReadSubscription returns the subscription that a JSON object of the wire holds, as encoding/json
// decodes it. With an error, it returns what can be read.
func ReadSubscription(object map[string]any) (Subscription, error) {
	r := (&Request{Data: object}).Read()
	expires := r.Number("expires_at")
	s := Subscription{int64(expires), r.Text("endpoint"), NewValues(r.Object("parameters")), NewValues(r.Object("properties"))}
	const beyond = 1 << 63 // what int64 of such a number is depends on the machine
	isWhole := expires >= -beyond && expires < beyond && float64(s.ExpiresAt) == expires
	if !isWhole {
		s.ExpiresAt = 0
	}
	if !isWhole || r.Err() != nil {
		return s, errWrongSubscription
	}
	return s, nil
}

// Reveal returns the subscription as a JSON object of the wire.
func (s Subscription) Reveal() map[string]any {
	return map[string]any{
		"expires_at": s.ExpiresAt, "endpoint": s.Endpoint, "parameters": s.Parameters.Reveal(), "properties": s.Properties.Reveal(),
	}
}

// NewSubscription returns a subscription as it is sent to Dify. The extra properties are
// those that the YAML does not declare. If expiresAt is the zero time, the subscription
// never expires.
func NewSubscription(endpoint string, parameters, properties, extra map[string]any, expiresAt time.Time) Subscription {
	for key, value := range extra {
		if _, declared := properties[key]; !declared && value != nil {
			properties[key] = value
		}
	}
	s := Subscription{ExpiresAt: -1, Endpoint: endpoint, Parameters: NewValues(parameters), Properties: NewValues(properties)}
	if !expiresAt.IsZero() {
		s.ExpiresAt = expiresAt.Unix()
	}
	return s
}

// Undeclared returns the values that are not null and whose keys are not declared. It
// returns nil if there are none.
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

// Expiry returns when the subscription expires. The zero time means never.
func (s Subscription) Expiry() time.Time {
	if s.ExpiresAt <= 0 {
		return time.Time{}
	}
	return time.Unix(s.ExpiresAt, 0)
}

// SubscriptionConstructor has the methods of every generated SubscriptionConstructor
// interface.
type SubscriptionConstructor[Parameters, Sub, Creds any] interface {
	CreateSubscription(ctx context.Context, endpoint string, params Parameters, creds Creds) (Sub, error)
	RefreshSubscription(ctx context.Context, sub Sub, creds Creds) (Sub, error)
	DeleteSubscription(ctx context.Context, sub Sub, creds Creds) error
}

// TriggerProvider is the adapter of a trigger provider.
type TriggerProvider interface {
	Provider
	// Subscriptions returns the adapter of the subscription constructor, or nil if the
	// provider does not declare a subscription_constructor.
	Subscriptions() Subscriptions
}

// Subscriptions is the adapter of a SubscriptionConstructor. BindSubscriptions returns
// one. Credentials are decoded according to their CredentialType.
type Subscriptions interface {
	Create(ctx context.Context, endpoint string, parameters map[string]any, t CredentialType, credentials map[string]any) (Subscription, error)
	Refresh(ctx context.Context, sub Subscription, t CredentialType, credentials map[string]any) (Subscription, error)
	Delete(ctx context.Context, sub Subscription, t CredentialType, credentials map[string]any) error
}

// TypedSubscription is implemented by every generated Subscription.
type TypedSubscription interface {
	// Validate checks that what the plugin returned can be decoded again.
	Validate() error
	Wire() Subscription
}

// BindSubscriptions adapts a typed constructor to values on the wire: it decodes what
// Dify sends and checks what the constructor returns.
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

// TriggerConfig configures the adapter of a trigger provider. Leave out what the
// provider does not declare.
type TriggerConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Subscriptions       Subscriptions
	Options             []OptionsBinding // of the parameters of subscriptions
	Dispatch            TriggerHandler   // passes webhooks on to events
	Events              []EventBinding
	Fields              *Fields
}

// EventBinding is the code of an event.
type EventBinding struct {
	Name    string         // by which Dify addresses the event
	Invoke  TriggerHandler // makes the event's variables
	Options []OptionsBinding
}

// TriggerHandler answers a request about a webhook. The package trigger makes them.
type TriggerHandler func(ctx context.Context, req *TriggerRequest) (result any, err error)

// TriggerRequest is a request about a webhook as it is on the wire.
type TriggerRequest struct {
	*Request

	Subscription   Subscription
	CredentialType CredentialType
	Credentials    map[string]any
}

// DecodeTriggerCredentials returns the credentials of a request, or zero ones if there are none: that is so of
// a subscription that a user has set up by hand, or is setting up. Its error has the type that Dify expects.
func DecodeTriggerCredentials[C any](req *TriggerRequest, decode func(CredentialType, map[string]any) (C, error)) (creds C, err error) {
	creds, err = OrNone(decode)(req.CredentialType, req.Credentials)
	return creds, typed(ErrorTriggerCredentials, err)
}

// NewTrigger returns the adapter of a trigger provider.
func NewTrigger(c TriggerConfig) TriggerProvider {
	p := newProvider(KindTrigger, c.Name, c.Fields, c.ValidateCredentials, c.OAuth)
	return &triggerProvider{p, c}
}

type triggerProvider struct {
	*provider
	config TriggerConfig
}

func (p *triggerProvider) Subscriptions() Subscriptions { return p.config.Subscriptions }

// Routes returns the check of credentials, the OAuth flow, the subscriptions, the events, and the choices
// of their parameters.
func (p *triggerProvider) Routes() []Route {
	routes := p.provider.Routes()
	for _, options := range p.config.Options {
		routes = append(routes, options.route("provider", p.name, p.fields))
	}
	if p.config.Dispatch != nil {
		routes = append(routes, p.handle("dispatch_trigger_event", ErrorTriggerDispatch, p.config.Dispatch))
	}
	for _, e := range p.config.Events {
		routes = append(routes, p.handle("invoke_trigger_event", ErrorInvoke, e.Invoke).with("event", e.Name))
		for _, options := range e.Options {
			routes = append(routes, options.route(e.Name, p.name, p.fields))
		}
	}
	subscriptions := p.config.Subscriptions
	if subscriptions == nil {
		return routes
	}
	add := func(action string, t ErrorType, serve func(context.Context, subscriptionRequest) (map[string]any, error)) {
		routes = append(routes, route("trigger", action, p.name, t, p.fields, func(ctx context.Context, req *Request) (any, error) {
			r := req.Read()
			fields := subscriptionRequest{
				endpoint: r.Text("endpoint"), parameters: r.Object("parameters"),
				credentialType: CredentialType(r.Text("credential_type")), credentials: r.Object("credentials"),
			}
			object := r.Object("subscription")
			if err := r.Err(); err != nil {
				return nil, err
			}
			var err error
			if fields.subscription, err = ReadSubscription(object); err != nil {
				return nil, err
			}
			result, err := serve(ctx, fields)
			return map[string]any{"subscription": result}, err
		}))
	}
	add("subscribe_trigger", ErrorSubscription, func(ctx context.Context, s subscriptionRequest) (map[string]any, error) {
		sub, err := subscriptions.Create(ctx, s.endpoint, s.parameters, s.credentialType, s.credentials)
		return sub.Reveal(), err
	})
	add("refresh_trigger", ErrorSubscription, func(ctx context.Context, s subscriptionRequest) (map[string]any, error) {
		sub, err := subscriptions.Refresh(ctx, s.subscription, s.credentialType, s.credentials)
		return sub.Reveal(), err
	})
	add("unsubscribe_trigger", ErrorUnsubscribe, func(ctx context.Context, s subscriptionRequest) (map[string]any, error) {
		return map[string]any{"success": true, "message": ""}, subscriptions.Delete(ctx, s.subscription, s.credentialType, s.credentials)
	})
	return routes
}

// handle returns the route for a request about a webhook.
func (p *triggerProvider) handle(action string, t ErrorType, serve TriggerHandler) Route {
	return route("trigger", action, p.name, t, p.fields, func(ctx context.Context, req *Request) (any, error) {
		r := req.Read()
		request := &TriggerRequest{Request: req, CredentialType: CredentialType(r.Text("credential_type")), Credentials: r.Object("credentials")}
		object := r.Object("subscription")
		if err := r.Err(); err != nil {
			return nil, err
		}
		request.Subscription, _ = ReadSubscription(object) // a draft may lack anything
		return serve(ctx, request)
	})
}

// subscriptionRequest are the fields of a request about a subscription.
type subscriptionRequest struct {
	endpoint       string
	parameters     map[string]any
	subscription   Subscription
	credentialType CredentialType
	credentials    map[string]any
}
