package runtime

import (
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
	Declared
	// Handler returns the handler of a request to an endpoint with these settings.
	// Its error is or wraps an *Error.
	Handler(settings map[string]any) (http.Handler, error)
}

// EndpointsConfig configures the adapter of an endpoint provider.
type EndpointsConfig[S any] struct {
	Name           string // of the provider's YAML file
	DecodeSettings func(map[string]any) (S, error)
	// Handler returns the handler of a request to an endpoint with these settings.
	Handler     func(S) (http.Handler, error)
	Fingerprint Fingerprint
}

// NewEndpoints returns the adapter of an endpoint provider.
func NewEndpoints[S any](c EndpointsConfig[S]) Endpoints {
	return &endpoints[S]{declared{KindEndpoint, c.Name, c.Fingerprint}, c}
}

type endpoints[S any] struct {
	declared
	config EndpointsConfig[S]
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
