package runtime

import (
	"context"
	"time"
)

// Interceptor runs around every call for which the plugin has a route, for traces, metrics or
// limits; serve.WithInterceptor adds it. The context has the deadline of the call. The function
// next runs the rest, and returns the error that the host gets, without secrets, as an *Error; it
// returns no later than the context is done, even if the code of the call does not. The host gets
// the error that the interceptor returns: that of next, another one, or one without calling next,
// which refuses the call.
//
// An endpoint whose code returns an error has answered with the status 500: that is no error here, unless
// the answer had begun, and is broken off.
//
// Requests that the plugin refuses as they arrive have none: they are malformed, unsupported, or
// too many, or the plugin is stopping.
type Interceptor func(ctx context.Context, info CallInfo, next func(context.Context) error) error

// CallInfo says what an Interceptor runs around.
type CallInfo struct {
	Call
	// SessionID is the ID that the host gave the call.
	SessionID string
	// Type and Action are those of the request, such as "tool" and "invoke_tool".
	Type, Action string
	// Model is the model that a request of type "model" is for. Users give names of their own to models
	// that they add.
	Model string
	// Keys are what else chose the route, such as a provider and a tool. It must not be changed.
	Keys []RouteKey
	// Received is when the request arrived. It may have waited since.
	Received time.Time
}

// Key returns the value of one of the Keys, such as that of "provider" or "tool", and "" if there
// is none of that name.
func (i CallInfo) Key(field string) string {
	for _, k := range i.Keys {
		if k.Field == field {
			return k.Value
		}
	}
	return ""
}
