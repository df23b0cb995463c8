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
	// package net/http/httptest. To see the error of an endpoint, call the handler as a function: as an
	// http.Handler, it answers the error, and logs nothing. The error of Handler is or wraps an *Error.
	Handler(settings map[string]any) (HTTPHandler, error)
}

// EndpointsConfig configures the adapter of an endpoint provider. It has Endpoints or a Handler: a
// Handler answers all requests, and the Endpoints none; without both, no request is found.
type EndpointsConfig[S any] struct {
	Name           string // of the provider's YAML file
	DecodeSettings func(map[string]any) (S, error)
	// Endpoints are tried as Dify's SDK for Python does it: static segments of a path come before others,
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
	// Segments are what is between two slashes of the path, from the first slash on.
	Segments []PathSegment
	Values   []PathValue // of all segments, in their order
	// Serve answers a request. If it returns an error, the caller gets the status 500, without its text,
	// or no more of the answer if that has begun. http.ErrAbortHandler breaks the answer off in any case,
	// and is not logged, as in a panic.
	Serve func(w http.ResponseWriter, r *http.Request, call EndpointCall, settings S, values PathValues) error
}

// HTTPHandler answers an HTTP request. Its error is not answered yet: callers that log errors call it,
// and answer them as ServeHTTP does.
type HTTPHandler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP answers a request. An error, it answers with the status 500, without its text; if the answer
// has begun, or the error is http.ErrAbortHandler, ServeHTTP breaks it off.
func (h HTTPHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	watched := &watchedWriter{ResponseWriter: w}
	switch err := h(watched, r); {
	case err == nil:
	case watched.begun, err == http.ErrAbortHandler: //nolint:errorlint // like net/http
		panic(http.ErrAbortHandler)
	default:
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// NewEndpoints returns the adapter of an endpoint provider.
func NewEndpoints[S any](c EndpointsConfig[S]) Endpoints {
	routes := make([]pathRoute, len(c.Endpoints))
	for i, e := range c.Endpoints {
		routes[i] = pathRoute{e.Method, e.Pattern, e.Segments, e.Values}
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
			if req.HTTP == nil {
				return nil, &Error{Type: ErrorInvalidRequest, Err: errors.New("the request has no raw_http_request")}
			}
			h, err := e.serve(req, settings)
			if err != nil {
				return nil, err
			}
			return h, nil
		},
	}}
}

// serve returns the handler of a request. A path that is not found needs no settings.
func (e *endpoints[S]) serve(req *Request, settings map[string]any) (HTTPHandler, error) {
	if e.config.Handler != nil {
		return e.Handler(settings)
	}
	router, err := e.router()
	if err != nil {
		return nil, err
	}
	m, ok := router.match(req.HTTP.Method, req.HTTP.URL.Path)
	if !ok {
		return plainHandler(http.NotFoundHandler()), nil
	}
	s, err := e.config.DecodeSettings(settings)
	if err != nil {
		return nil, typed(ErrorEndpointSetup, err)
	}
	return func(w http.ResponseWriter, r *http.Request) error { return e.call(w, r, m, req.Call, s) }, nil
}

// call calls the code of the endpoint that a request matches.
func (e *endpoints[S]) call(w http.ResponseWriter, r *http.Request, m pathMatch, call Call, settings S) error {
	m.describe(r)
	return e.config.Endpoints[m.route].Serve(w, r, EndpointCall{call, hookURL(r)}, settings, m.values)
}

func (e *endpoints[S]) Handler(settings map[string]any) (HTTPHandler, error) {
	s, err := e.config.DecodeSettings(settings)
	if err != nil {
		return nil, typed(ErrorEndpointSetup, err)
	}
	if e.config.Handler != nil {
		h, err := e.config.Handler(s)
		if err == nil && h == nil {
			err = errors.New("the plugin has no handler for the endpoint")
		}
		if err != nil {
			return nil, typed(ErrorEndpointSetup, err)
		}
		return plainHandler(h), nil
	}
	router, err := e.router()
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		m, ok := router.match(r.Method, r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return nil
		}
		return e.call(w, r, m, Call{}, s)
	}, nil
}

// plainHandler returns a handler that does not fail.
func plainHandler(h http.Handler) HTTPHandler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}
