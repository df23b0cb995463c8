// Package host implements the host's half of Dify's plugin protocol, over TCP, pipes and
// HTTP. It sends requests to a plugin, puts the responses together, and records as faults
// everything that Dify would reject, drop or fail on.
//
// It is what tests call plugins with. It neither depends on how plugins are written nor on
// package testing.
package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// MaxLine is the longest line that a host accepts over pipes and HTTP, in bytes.
const MaxLine = 5 << 20

// ErrClosed is the error of a call whose connection closed before its response ended.
var ErrClosed = errors.New("the connection to the plugin is closed")

// Host calls a plugin, over any transport.
type Host interface {
	// Do sends a request and waits for its complete response.
	Do(ctx context.Context, req Request) (*Response, error)
	// Call is Do for a request that says nothing about who sends it.
	Call(ctx context.Context, typ, action string, fields map[string]any) (*Response, error)
	// Faults returns what Dify would have rejected so far.
	Faults() []string
}

// Request is a request to a plugin.
type Request struct {
	Type, Action string // such as "tool" and "invoke_tool"
	// UserID and the other IDs say who calls the plugin, and from where. Those that are
	// empty are null on the wire, but for UserID.
	UserID, ConversationID, MessageID, AppID, EndpointID string
	// ToolCredentials are the IDs of the credentials that the user has chosen for the tools of
	// other providers, by provider.
	ToolCredentials map[string]string
	// Fields are those of the action.
	Fields map[string]any
}

// line returns the request as the host sends it, with all of its keys.
func (r Request) line(session string) ([]byte, error) {
	data := map[string]any{"type": r.Type, "action": r.Action, "user_id": r.UserID}
	maps.Copy(data, r.Fields)
	line, err := json.Marshal(map[string]any{
		"session_id": session, "conversation_id": optional(r.ConversationID), "message_id": optional(r.MessageID),
		"app_id": optional(r.AppID), "endpoint_id": optional(r.EndpointID), "context": r.context(), "event": "request", "data": data,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding a request: %w", err)
	}
	return append(line, '\n'), nil
}

// context returns the context of the envelope, or nil for none.
func (r Request) context() any {
	if r.ToolCredentials == nil {
		return nil
	}
	return map[string]any{"credentials": map[string]any{"tool_credentials": r.ToolCredentials}}
}

// optional returns s, or nil if it is empty.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Response is a plugin's complete response to a request.
type Response struct {
	Session string // the ID of the request
	Results []json.RawMessage
	Err     *Error
}

// Error is an error in a plugin's response.
type Error struct {
	Type    string         `json:"error_type"`
	Message string         `json:"message"`
	Args    map[string]any `json:"args"`
}

// Error returns the error's type and message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// String returns the results and the error on one line, joined by " + ".
func (r *Response) String() string {
	var list []string
	for _, result := range r.Results {
		list = append(list, string(result))
	}
	if r.Err != nil {
		list = append(list, r.Err.Error())
	}
	return strings.Join(list, " + ")
}

// Decode decodes the first result, the only one that Dify uses for most actions, into the
// value that v points to. It returns the response's error, if there is one.
func (r *Response) Decode(v any) error {
	switch {
	case r.Err != nil:
		return r.Err
	case len(r.Results) == 0:
		return errors.New("the response has no result")
	}
	if err := json.Unmarshal(r.Results[0], v); err != nil {
		return fmt.Errorf("decoding a result: %w", err)
	}
	return nil
}

// faults collects what a plugin does wrong.
type faults struct {
	mu   sync.Mutex
	list []string
}

func (f *faults) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// Faults returns what Dify would have rejected so far.
func (f *faults) Faults() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}
