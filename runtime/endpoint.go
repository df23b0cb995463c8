package runtime

import (
	"context"
	"errors"
	"net/http"
)

// KindEndpoint is the kind of an endpoint provider.
const KindEndpoint Kind = "endpoint"

// ErrorEndpointSetup is the type of an error in the settings of an endpoint, or in making
// its handler.
const ErrorEndpointSetup ErrorType = "EndpointSetupFailedError"

// Endpoints is the adapter of an endpoint provider.
type Endpoints interface {
	Adapter
	// Handler returns the handler of a request to an endpoint with these settings.
	// Its error is or wraps an *Error.
	Handler(settings map[string]any) (http.Handler, error)
}

// EndpointsConfig configures the adapter of an endpoint provider.
type EndpointsConfig[S any] struct {
	Name           string // of the provider's YAML file
	DecodeSettings func(map[string]any) (S, error)
	// Handler returns the handler of a request to an endpoint with these settings.
	Handler func(S) (http.Handler, error)
	Fields  *Fields
}

// NewEndpoints returns the adapter of an endpoint provider.
func NewEndpoints[S any](c EndpointsConfig[S]) Endpoints {
	return &endpoints[S]{adapter{KindEndpoint, c.Name, c.Fields}, c}
}

type endpoints[S any] struct {
	adapter
	config EndpointsConfig[S]
}

// Routes returns the invocation of an endpoint. The host uses one endpoint provider only, and
// does not name it.
func (e *endpoints[S]) Routes() []Route {
	return []Route{{
		Type: "endpoint", Action: "invoke_endpoint", ErrorType: ErrorInvoke, Fields: e.fields,
		Serve: func(_ context.Context, req *Request) (any, error) {
			r := req.Read()
			settings := r.Object("settings")
			if err := r.Err(); err != nil {
				return nil, err
			}
			h, err := e.Handler(settings)
			if err != nil {
				return nil, err
			}
			return h, nil
		},
	}}
}

func (e *endpoints[S]) Handler(settings map[string]any) (http.Handler, error) {
	s, err := e.config.DecodeSettings(settings)
	if err != nil {
		return nil, typed(ErrorEndpointSetup, err)
	}
	h, err := e.config.Handler(s)
	if err == nil && h == nil {
		err = errors.New("the plugin has no handler for the endpoint")
	}
	return h, typed(ErrorEndpointSetup, err)
}
