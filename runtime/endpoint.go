package runtime

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

// KindEndpoint is the kind of an endpoint provider.
const KindEndpoint Kind = "endpoint"

// ErrorEndpointSetup is the type of an error in the settings of an endpoint, or in making
// its handler.
const ErrorEndpointSetup ErrorType = "EndpointSetupFailedError"

// Endpoints is the adapter of an endpoint provider.
type Endpoints interface {
	Adapter
	// Handler returns the handler of requests to the endpoints with these settings, such as for
	// package net/http/httptest. Its error is or wraps an *Error.
	Handler(settings map[string]any) (http.Handler, error)
}

// EndpointsConfig configures the adapter of an endpoint provider. It has Endpoints or a Handler.
type EndpointsConfig[S any] struct {
	Name           string // of the provider's YAML file
	DecodeSettings func(map[string]any) (S, error)
	// Endpoints are tried as Dify's SDK for Python does it: static parts of a path come before others,
	// and of several values the more specific ones. A request that fits none gets the status 404,
	// before its settings are decoded.
	Endpoints []EndpointBinding[S]
	// Handler returns the handler of a request to an endpoint with these settings.
	Handler func(S) (http.Handler, error)
	Fields  *Fields
}

// EndpointBinding is the code of an endpoint.
type EndpointBinding[S any] struct {
	Method  string // in upper case; GET includes HEAD
	Pattern string // of the path, as the YAML has it, such as /items/<int:id>
	Path    []PathPart
	Values  []PathValue // of all parts, in their order
	// Serve answers a request. If it returns an error, the caller gets the status 500, without a word of
	// the error, or no more of the answer if that has begun.
	Serve func(w http.ResponseWriter, r *http.Request, call EndpointCall, settings S, values PathValues) error
}

// ErrorHandler is a handler that can fail. It is for who logs the errors: ServeHTTP answers
// them, too.
type ErrorHandler interface {
	http.Handler
	// TryServeHTTP answers a request like ServeHTTP. Its error is not answered yet.
	TryServeHTTP(w http.ResponseWriter, r *http.Request) error
}

// NewEndpoints returns the adapter of an endpoint provider.
func NewEndpoints[S any](c EndpointsConfig[S]) Endpoints {
	routes := make([]pathRoute, len(c.Endpoints))
	for i, e := range c.Endpoints {
		routes[i] = pathRoute{e.Method, e.Pattern, e.Path, e.Values}
	}
	return &endpoints[S]{adapter{KindEndpoint, c.Name, c.Fields}, c, sync.OnceValues(func() (*pathRouter, error) {
		r, err := newPathRouter(routes)
		return r, typed(ErrorEndpointSetup, err)
	})}
}

type endpoints[S any] struct {
	adapter
	config EndpointsConfig[S]
	router func() (*pathRouter, error)
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
			h, err := e.serve(req, settings)
			if err != nil {
				return nil, err
			}
			return h, nil
		},
	}}
}

// serve returns the handler of a request.
func (e *endpoints[S]) serve(req *Request, settings map[string]any) (http.Handler, error) {
	if e.config.Handler != nil {
		return e.Handler(settings)
	}
	router, err := e.router()
	if err != nil {
		return nil, err
	}
	if req.HTTP == nil {
		return http.NotFoundHandler(), nil
	}
	m, ok := router.match(req.HTTP.Method, req.HTTP.URL.Path)
	if !ok {
		return http.NotFoundHandler(), nil
	}
	s, err := e.config.DecodeSettings(settings)
	if err != nil {
		return nil, typed(ErrorEndpointSetup, err)
	}
	return matchedEndpoint(func(w http.ResponseWriter, r *http.Request) error {
		return e.call(w, r, m, req.Call, s)
	}), nil
}

// call calls the code of the endpoint that a request matches.
func (e *endpoints[S]) call(w http.ResponseWriter, r *http.Request, m pathMatch, call Call, settings S) error {
	m.describe(r)
	return e.config.Endpoints[m.route].Serve(w, r, EndpointCall{call, hookURL(r)}, settings, m.values)
}

func (e *endpoints[S]) Handler(settings map[string]any) (http.Handler, error) {
	s, err := e.config.DecodeSettings(settings)
	if err != nil {
		return nil, typed(ErrorEndpointSetup, err)
	}
	if e.config.Handler != nil {
		h, err := e.config.Handler(s)
		if err == nil && h == nil {
			err = errors.New("the plugin has no handler for the endpoint")
		}
		return h, typed(ErrorEndpointSetup, err)
	}
	router, err := e.router()
	if err != nil {
		return nil, err
	}
	return matchedEndpoint(func(w http.ResponseWriter, r *http.Request) error {
		m, ok := router.match(r.Method, r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return nil
		}
		return e.call(w, r, m, Call{}, s)
	}), nil
}

// matchedEndpoint is the code of an endpoint, as an ErrorHandler.
type matchedEndpoint func(w http.ResponseWriter, r *http.Request) error

func (f matchedEndpoint) TryServeHTTP(w http.ResponseWriter, r *http.Request) error { return f(w, r) }

func (f matchedEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	watched := &watchedWriter{ResponseWriter: w}
	switch err := f(watched, r); {
	case err == nil:
	case watched.begun:
		panic(http.ErrAbortHandler)
	default:
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}
