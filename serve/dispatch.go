package serve

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

// handler handles the requests of one action.
type handler struct {
	// errorType returns the type of errors that do not have one.
	errorType func(*plugin, *request) runtime.ErrorType
	// run returns the result, or nil if it has streamed its results to the session.
	run func(context.Context, *plugin, *request, *session) (any, error)
}

// handlers maps TYPE/ACTION to its handler, for the actions that plugins in Go support.
var handlers = map[string]handler{
	"tool/validate_tool_credentials":             {always(runtime.KindTool.CredentialsError()), validate(runtime.KindTool)},
	"datasource/validate_datasource_credentials": {always(runtime.KindDatasource.CredentialsError()), validate(runtime.KindDatasource)},
	"trigger/validate_trigger_credentials":       {always(runtime.KindTrigger.CredentialsError()), validate(runtime.KindTrigger)},
	"model/validate_provider_credentials":        {always(runtime.KindModel.CredentialsError()), validateProvider},
	"model/validate_model_credentials":           {always(runtime.KindModel.CredentialsError()), validateModel},

	"oauth/get_authorization_url": {oauthError, authorizationURL},
	"oauth/get_credentials":       {oauthError, getCredentials},
	"oauth/refresh_credentials":   {oauthError, refreshCredentials},

	"trigger/subscribe_trigger":   {always(runtime.ErrorSubscription), subscribe},
	"trigger/refresh_trigger":     {always(runtime.ErrorSubscription), refreshSubscription},
	"trigger/unsubscribe_trigger": {always(runtime.ErrorUnsubscribe), unsubscribe},

	"endpoint/invoke_endpoint":                  {always(runtime.ErrorInvoke), invokeEndpoint},
	"tool/invoke_tool":                          {always(runtime.ErrorInvoke), invokeTool},
	"dynamic_parameter/fetch_parameter_options": {always(runtime.ErrorInvoke), fetchParameterOptions},
}

func always(t runtime.ErrorType) func(*plugin, *request) runtime.ErrorType {
	return func(*plugin, *request) runtime.ErrorType { return t }
}

// unsupported returns the error of a request that the plugin does not support.
func unsupported(format string, args ...any) error {
	return &runtime.Error{Type: runtime.ErrorUnsupported, Err: fmt.Errorf(format, args...)}
}

// actionName returns the action of a request, safe to show.
func actionName(req *request) string {
	return text.Name(req.Type + "/" + req.Action)
}

// find returns the provider with that kind and name.
func (p *plugin) find(kind runtime.Kind, name string) (runtime.Provider, error) {
	if provider, ok := p.providers[identity{kind, name}]; ok {
		return provider, nil
	}
	if slices.ContainsFunc(p.names(), func(id identity) bool { return id == identity{kind, name} }) {
		return nil, unsupported("provider %s has no credentials", text.Name(name))
	}
	return nil, p.notFound(string(kind)+" provider", name)
}

// notFound returns an error that lists the providers that exist.
func (p *plugin) notFound(what, name string) error {
	var have []string
	for _, id := range p.names() {
		if id.name != "" { // an endpoint provider has no name
			have = append(have, fmt.Sprintf("%s (%s)", text.Name(id.name), id.kind))
		}
	}
	return unsupported("%s %s not found; this plugin has %s", what, text.Name(name), cmp.Or(strings.Join(have, ", "), "none"))
}

type validated struct {
	Result bool `json:"result"`
}

func validate(kind runtime.Kind) func(context.Context, *plugin, *request, *session) (any, error) {
	return func(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
		provider, err := p.find(kind, req.Provider)
		if err != nil {
			return nil, err
		}
		return validated{true}, provider.ValidateCredentials(ctx, req.Credentials)
	}
}

type validatedModel struct {
	Result      bool           `json:"result"`
	Credentials map[string]any `json:"credentials"`
}

func (p *plugin) findModel(name string) (runtime.ModelProvider, error) {
	provider, err := p.find(runtime.KindModel, name)
	if err != nil {
		return nil, err
	}
	if m, ok := provider.(runtime.ModelProvider); ok {
		return m, nil
	}
	return nil, unsupported("provider %s has no models", text.Name(name))
}

func validateProvider(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	provider, err := p.findModel(req.Provider)
	if err != nil {
		return nil, err
	}
	saved, err := provider.ValidateProviderCredentials(ctx, req.Credentials)
	return validatedModel{true, orEmpty(saved)}, err
}

func validateModel(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	provider, err := p.findModel(req.Provider)
	if err != nil {
		return nil, err
	}
	saved, err := provider.ValidateModelCredentials(ctx, runtime.ModelType(req.ModelType), req.Model, req.Credentials)
	return validatedModel{true, orEmpty(saved)}, err
}

// orEmpty returns values or, if it is nil, an empty map: the host requires an object.
func orEmpty(values map[string]any) map[string]any {
	if values == nil {
		return map[string]any{}
	}
	return values
}

// findOAuth finds a flow by the provider's name. Requests do not state the kind, so it
// tries the kinds in the host's order.
func (p *plugin) findOAuth(name string) (kind runtime.Kind, flow runtime.OAuth, err error) {
	for _, kind := range []runtime.Kind{runtime.KindTrigger, runtime.KindTool, runtime.KindDatasource} {
		if provider, ok := p.providers[identity{kind, name}]; ok && provider.OAuth() != nil {
			return kind, provider.OAuth(), nil
		}
	}
	if slices.ContainsFunc(p.names(), func(id identity) bool { return id.name == name }) {
		return "", nil, unsupported("provider %s does not support OAuth", text.Name(name))
	}
	return "", nil, p.notFound("provider", name)
}

func oauthError(p *plugin, req *request) runtime.ErrorType {
	kind, _, _ := p.findOAuth(req.Provider)
	return cmp.Or(kind.OAuthError(), runtime.ErrorToolOAuth)
}

func authorizationURL(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	_, flow, err := p.findOAuth(req.Provider)
	if err != nil {
		return nil, err
	}
	location, err := flow.AuthorizationURL(ctx, req.RedirectURI, req.SystemCredentials)
	return map[string]any{"authorization_url": location}, err
}

func getCredentials(ctx context.Context, p *plugin, req *request, s *session) (any, error) {
	_, flow, err := p.findOAuth(req.Provider)
	if err != nil {
		return nil, err
	}
	callback, err := parseHTTPRequest(ctx, req.RawHTTPRequest)
	if err != nil {
		return nil, err
	}
	s.secrets.add(httpSecrets(callback)...)
	return flow.Credentials(ctx, req.RedirectURI, req.SystemCredentials, callback)
}

func refreshCredentials(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	_, flow, err := p.findOAuth(req.Provider)
	if err != nil {
		return nil, err
	}
	grant, err := flow.Refresh(ctx, req.RedirectURI, req.SystemCredentials, req.Credentials)
	grant.Metadata = nil // the host ignores it
	return grant, err
}

func (p *plugin) findSubscriptions(name string) (runtime.Subscriptions, error) {
	provider, err := p.find(runtime.KindTrigger, name)
	if err != nil {
		return nil, err
	}
	if t, ok := provider.(runtime.TriggerProvider); ok && t.Subscriptions() != nil {
		return t.Subscriptions(), nil
	}
	return nil, unsupported("provider %s declares no subscription_constructor", text.Name(name))
}

type subscribed struct {
	Subscription any `json:"subscription"`
}

func subscribe(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	subscriptions, err := p.findSubscriptions(req.Provider)
	if err != nil {
		return nil, err
	}
	sub, err := subscriptions.Create(ctx, req.Endpoint, req.Parameters, runtime.CredentialType(req.CredentialType), req.Credentials)
	return subscribed{sub}, err
}

func refreshSubscription(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	subscriptions, err := p.findSubscriptions(req.Provider)
	if err != nil {
		return nil, err
	}
	sub, err := subscriptions.Refresh(ctx, req.subscription(), runtime.CredentialType(req.CredentialType), req.Credentials)
	return subscribed{sub}, err
}

func unsubscribe(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	subscriptions, err := p.findSubscriptions(req.Provider)
	if err != nil {
		return nil, err
	}
	err = subscriptions.Delete(ctx, req.subscription(), runtime.CredentialType(req.CredentialType), req.Credentials)
	return subscribed{map[string]any{"success": true, "message": ""}}, err
}

func (r *request) subscription() runtime.Subscription {
	if r.Subscription == nil {
		return runtime.Subscription{}
	}
	return *r.Subscription
}

func invokeTool(ctx context.Context, p *plugin, req *request, s *session) (any, error) {
	if !slices.Contains(p.names(), identity{runtime.KindTool, req.Provider}) {
		return nil, p.notFound("tool provider", req.Provider)
	}
	tool, ok := p.tools[req.Tool]
	if !ok {
		have := slices.Sorted(maps.Keys(p.tools))
		return nil, unsupported("tool %s not found; this plugin has %s", text.Name(req.Tool), cmp.Or(strings.Join(have, ", "), "none"))
	}
	return nil, tool.invoke(ctx, req, &Messages{func(m message) error { return s.stream(m) }, s.secrets.redact})
}

type parameterOption struct {
	Value string            `json:"value"`
	Label map[string]string `json:"label"`
	Icon  any               `json:"icon"`
}

func fetchParameterOptions(ctx context.Context, p *plugin, req *request, _ *session) (any, error) {
	if !slices.ContainsFunc(p.names(), func(id identity) bool { return id.name == req.Provider }) {
		return nil, p.notFound("provider", req.Provider)
	}
	source, ok := p.options[req.ProviderAction]
	if !ok {
		source, ok = p.options[req.Provider]
	}
	if !ok {
		return nil, unsupported("%s has no options for parameter %s", text.Name(req.Provider), text.Name(req.Parameter))
	}
	list, err := source.fetch(ctx, req)
	options := make([]parameterOption, len(list))
	for i, o := range list {
		label := o.Label
		if label == "" {
			label = o.Value
		}
		options[i] = parameterOption{o.Value, map[string]string{"en_US": label}, optional(o.Icon)}
	}
	return map[string]any{"options": options}, err
}
