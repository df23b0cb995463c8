package runtime

import (
	"errors"
	"net/http"
)

// Endpoints is the untyped face of a group of endpoints.
type Endpoints interface {
	Declared
	// Handler returns what answers a request that came to an endpoint with these
	// settings. Its error is or wraps an *Error.
	Handler(settings map[string]any) (http.Handler, error)
}

// NewEndpoints returns the untyped face of an endpoint group. The handler is made
// for every request, with the settings of the endpoint that it came to.
func NewEndpoints[S any](
	name string,
	decode func(map[string]any) (S, error),
	handler func(S) (http.Handler, error),
	schema Schema,
) Endpoints {
	return &endpoints[S]{declared{KindEndpoint, name, schema}, decode, handler}
}

type endpoints[S any] struct {
	declared
	decode  func(map[string]any) (S, error)
	handler func(S) (http.Handler, error)
}

func (e *endpoints[S]) Handler(settings map[string]any) (http.Handler, error) {
	s, err := e.decode(settings)
	if err != nil {
		return nil, typed(ErrorEndpointSetup, err)
	}
	h, err := e.handler(s)
	if err == nil && h == nil {
		err = errors.New("the plugin has no handler for the endpoint")
	}
	return h, typed(ErrorEndpointSetup, err)
}
