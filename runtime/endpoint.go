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
	// Handler returns the handler of requests to the endpoints with these settings, such as for
	// package net/http/httptest. Its error is or wraps an *Error.
	Handler(settings map[string]any) (http.Handler, error)
}

// EndpointsConfig configures the adapter of an endpoint provider. It has Endpoints or a Handler.
type EndpointsConfig[S any] struct {
	Name           string // of the provider's YAML file
	DecodeSettings func(map[string]any) (S, error)
	// Endpoints are tried as Dify's SDK for Python does it: static parts of a path come before others,
	// and of several values the more specific ones. A request that fits none gets the status 404.
	Endpoints []EndpointBinding[S]
	// Handler returns the handler of a request to an endpoint with these settings.
	Handler func(S) (http.Handler, error)
	Fields  *Fields
}

// EndpointBinding is the code of an endpoint.
type EndpointBinding[S any] struct {
	Method string // in upper case; GET includes HEAD
	Path   []PathPart
	Values []PathValue // of all parts, in their order
	Serve  func(w http.ResponseWriter, r *http.Request, call EndpointCall, settings S, values PathValues) error
}

// PathPart is a part of the pattern of a path: what is between two slashes, as generated code has it.
type PathPart struct {
	// Text is what the part must be, if there is no Pattern.
	Text string
	// Pattern is a regular expression with a group for each value. It matches the whole part.
	Pattern string
	// Rest: the part is all that is left of the path.
	Rest bool
	// Slash: the part is all that is left of the path but a slash at the end.
	Slash bool
	// Rank orders the patterns that a part can match: the smaller one is tried first.
	Rank int
}

// PathValue is a value in the pattern of a path.
type PathValue struct {
	Name string
	Type PathType
	// Min, Max and Digits restrict a number: the bounds are inclusive, and Digits, if not 0, is its
	// length.
	Min, Max Optional[float64]
	Digits   int
}

// PathType is the type of a value in a path.
type PathType int

// The types of values. A PathText is also that of Dify's types path and any.
const (
	PathText PathType = iota
	PathInt
	PathFloat
	PathUUID
)

// PathValues are the values in the path of a request, by name.
type PathValues map[string]any

// Text returns the value of type PathText or PathUUID with that name.
func (v PathValues) Text(name string) string { return pathValue[string](v, name) }

// Int returns the value of type PathInt with that name.
func (v PathValues) Int(name string) int64 { return pathValue[int64](v, name) }

// Float returns the value of type PathFloat with that name.
func (v PathValues) Float(name string) float64 { return pathValue[float64](v, name) }

func pathValue[T any](v PathValues, name string) T {
	x, _ := v[name].(T)
	return x
}

// EndpointCall is what Dify says about a request to an endpoint.
type EndpointCall struct {
	Call

	hook string
}

// URL returns the public address of a path below the hook, such as "/items/7?full=1", at which the
// same settings apply. Who sends the request can choose its host: do not send secrets there.
func (c EndpointCall) URL(path string) string { return c.hook + path }

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
