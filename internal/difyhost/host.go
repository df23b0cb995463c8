// Package difyhost implements a Dify host for tests. It speaks the host's side of the
// plugin protocol over TCP, pipes and HTTP, and records everything that a real host
// would reject or fail on.
package difyhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// MaxLine is the longest line that a host accepts over pipes and HTTP, in bytes.
const MaxLine = 5 << 20

// ErrClosed is the error of a call whose connection closed before its response ended.
var ErrClosed = errors.New("the connection to the plugin is closed")

// Error is an error in a plugin's response.
type Error struct {
	Type    string         `json:"error_type"`
	Message string         `json:"message"`
	Args    map[string]any `json:"args"`
}

// Error returns the error's type and message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Response is a plugin's complete response to a request.
type Response struct {
	Results []json.RawMessage
	Err     *Error
}

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

// Host is how tests call a plugin, over any transport.
type Host interface {
	// Call sends a request and waits for its complete response.
	Call(ctx context.Context, typ, action string, fields map[string]any) (*Response, error)
	// Faults returns what a real host would have rejected so far.
	Faults() []string
}

// newRequest returns a request as the host sends it, with all of its keys.
func newRequest(id, typ, action string, fields map[string]any) ([]byte, error) {
	data := map[string]any{"type": typ, "action": action, "user_id": "user-1"}
	for key, v := range fields {
		data[key] = v
	}
	line, err := json.Marshal(map[string]any{
		"session_id": id, "conversation_id": nil, "message_id": nil, "app_id": nil, "endpoint_id": nil, "context": nil,
		"event": "request", "data": data,
	})
	return append(line, '\n'), err
}

// event is a line that a plugin sends.
type event struct {
	Event     string  `json:"event"`
	SessionID *string `json:"session_id"`
	Data      struct {
		Type  string          `json:"type"`
		Data  json.RawMessage `json:"data"`
		Error string          `json:"error"`
	} `json:"data"`
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

// Faults returns what a real host would have rejected so far.
func (f *faults) Faults() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// call is a request whose response has not ended.
type call struct {
	response Response
	done     chan struct{} // closed at the end
}

// receive adds a message to the response and reports whether it was the last.
func (c *call) receive(e *event, f *faults) (end bool) {
	switch e.Data.Type {
	case "stream":
		if !bytes.HasPrefix(e.Data.Data, []byte("{")) {
			f.add("a result is not an object: %s", e.Data.Data)
		}
		if c.response.Err != nil {
			f.add("a result after an error")
		}
		c.response.Results = append(c.response.Results, e.Data.Data)
	case "error":
		if c.response.Err != nil {
			f.add("a second error")
		}
		c.response.Err = new(Error)
		if err := json.Unmarshal(e.Data.Data, c.response.Err); err != nil || c.response.Err.Type == "" || len(c.response.Err.Args) > 10 {
			f.add("an error that the host drops: %s", e.Data.Data)
		}
	case "end":
		if e.Data.Data == nil {
			f.add("an end without data, which the host drops")
		}
		return true
	default:
		f.add("a session message of type %q", e.Data.Type)
	}
	return false
}
