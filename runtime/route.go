package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// Route is an action of Dify's protocol, and the code that answers it. Adapters have routes;
// package serve finds the one for a request, and knows nothing else about providers.
type Route struct {
	// Type and Action are those of the requests, such as "tool" and "invoke_tool".
	Type, Action string
	// Keys are the fields of a request, and their values, that make it one for this route.
	// Their order is the same in all routes of an action.
	Keys []RouteKey
	// ErrorType is the type of errors that have none.
	ErrorType ErrorType
	// Fields says which values of a request are secret.
	Fields *Fields
	// Serve answers a request. The result is encoded as JSON. If it is nil, Serve has sent
	// its results with Stream. If it is an HTTPHandler, the handler answers the HTTP request
	// that Dify passes on, and its error is logged.
	Serve func(ctx context.Context, req *Request) (result any, err error)
}

// RouteKey is a field of a request that must have a value.
type RouteKey struct {
	Field string // such as "provider"
	Value string
}

// Fields are the names of the values that a provider declares: of credentials, settings,
// properties and parameters. A name that is secret in one section is secret in all.
type Fields struct {
	Secret []string
	Public []string
}

// Call says who calls the plugin, and from where. Where Dify does not say, it is "".
type Call struct {
	UserID         string
	ConversationID string
	MessageID      string
	AppID          string
	EndpointID     string
}

// Request is a request to a route.
type Request struct {
	Call
	// Data holds the fields of the action, as encoding/json decodes them.
	Data map[string]any
	// HTTP is the HTTP request that Dify passes on; nil if it passes none on.
	HTTP *http.Request
	// Stream sends a result before the last one. It is safe for concurrent use.
	Stream func(result any) error
	// MaxResult is the size of the largest result that the host accepts, in bytes of JSON; 0 if it sets
	// no limit.
	MaxResult int
}

// ErrorInvalidRequest is the SDK's type for a request whose fields have wrong types.
const ErrorInvalidRequest ErrorType = "ValidationError"

// RequestReader reads the fields of a request. A field that is absent or null has the zero
// value.
type RequestReader struct {
	data           map[string]any
	wrong, missing []string
}

// Read returns a reader of the fields.
func (r *Request) Read() *RequestReader { return &RequestReader{data: r.Data} }

// Text reads a text.
func (r *RequestReader) Text(field string) string { return readField[string](r, field) }

// Object reads an object, and returns nil for none.
func (r *RequestReader) Object(field string) map[string]any {
	return readField[map[string]any](r, field)
}

// Number reads a number.
func (r *RequestReader) Number(field string) float64 { return readField[float64](r, field) }

// Texts reads a list of texts, and returns nil for none.
func (r *RequestReader) Texts(field string) []string {
	list := readField[[]any](r, field)
	if list == nil {
		return nil
	}
	texts := make([]string, len(list))
	for i, v := range list {
		text, ok := v.(string)
		if !ok {
			r.wrong = append(r.wrong, field)
			return nil
		}
		texts[i] = text
	}
	return texts
}

// Require demands fields that are neither null nor an empty text: Dify's daemon passes on requests
// of which it could decode no more than the beginning.
func (r *RequestReader) Require(fields ...string) {
	for _, field := range fields {
		if v := r.data[field]; v == nil || v == "" {
			r.missing = append(r.missing, field)
		}
	}
}

// Decode decodes a field into the value that v points to, like json.Unmarshal.
func (r *RequestReader) Decode(field string, v any) {
	data, err := json.Marshal(r.data[field])
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		r.wrong = append(r.wrong, field)
	}
}

func readField[T any](r *RequestReader, field string) (x T) {
	v := r.data[field]
	if v == nil {
		return x
	}
	x, ok := v.(T)
	if !ok {
		r.wrong = append(r.wrong, field)
	}
	return x
}

// Err returns an error of type ErrorInvalidRequest that names every field that has a wrong type or
// is missing, or nil if there are none.
func (r *RequestReader) Err() error {
	var texts []string
	for _, list := range []struct {
		fields []string
		s, p   string
	}{{r.wrong, "has the wrong type", "have the wrong type"}, {r.missing, "is missing", "are missing"}} {
		switch fields := slices.Compact(list.fields); len(fields) {
		case 0:
		case 1:
			texts = append(texts, fields[0]+" of the request "+list.s)
		default:
			texts = append(texts, strings.Join(fields, ", ")+" of the request "+list.p)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return &Error{Type: ErrorInvalidRequest, Err: errors.New(strings.Join(texts, "; "))}
}

// route returns a route of a provider of that name.
func route(typ, action, provider string, t ErrorType, fields *Fields, serve func(context.Context, *Request) (any, error)) Route {
	return Route{Type: typ, Action: action, Keys: []RouteKey{{"provider", provider}}, ErrorType: t, Fields: fields, Serve: serve}
}

// with returns the route for requests in which a field has that value, too.
func (r Route) with(field, value string) Route {
	r.Keys = append(slices.Clip(r.Keys), RouteKey{field, value})
	return r
}
