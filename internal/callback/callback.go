// Package callback is what package runtime/invoke and the session of a request know of each other:
// how calls back into Dify are sent, and what comes back.
package callback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Caller makes calls back into Dify for one request. It is safe for concurrent use.
type Caller interface {
	// Invoke sends a call of a type, such as "storage". It encodes the request as JSON. The replies
	// end, at the latest, when the context is done or the request has ended. The caller closes them.
	Invoke(ctx context.Context, typ string, request any) (Replies, error)
	// Limit returns how many bytes a call may have on the wire; 0 for no limit.
	Limit() int
	// ToolCredential returns the ID of the credentials that the user has chosen for the tools of a
	// provider, or "".
	ToolCredential(provider string) string
	// AppID returns the ID of the app that the request is made for, or "".
	AppID() string
	// Redact returns a text of Dify as an error shows it: on one line, cut, and without secrets of
	// the request.
	Redact(text string) string
}

// Replies are the replies to a call back into Dify.
type Replies interface {
	// Next waits for the next reply. After the last one, its error is io.EOF.
	Next() (json.RawMessage, error)
	// Close gives up what has not come yet. It can be called more than once.
	Close()
}

// Error is Dify's answer to a call that it refuses or that has failed. Dify sends no more than a
// text.
type Error struct {
	Type    string // of the call, such as "storage"
	Message string
}

func (e *Error) Error() string { return e.Message }

// Reason returns what has failed behind Dify's daemon, such as a tool, in the words of that. It leaves out
// those that the daemon puts before it, as in "read tool response failed: request failed: ". Of another
// text it is all.
func (e *Error) Reason() string {
	const request, body = " failed: request failed", " and respond with: "
	_, rest, _ := strings.Cut(e.Message, request)
	if reason, ok := strings.CutPrefix(rest, ": "); ok {
		return reason
	}
	var refusal struct{ Message string }
	if _, answer, ok := strings.Cut(rest, body); ok && json.Unmarshal([]byte(answer), &refusal) == nil && refusal.Message != "" {
		return refusal.Message
	}
	return e.Message
}

// TooLargeError is the error of a call that is too large to send.
type TooLargeError struct {
	Size  int // bytes on the wire; at least that many
	Limit int // of the transport
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a call back into Dify of %d bytes is too large: this transport carries %d", e.Size, e.Limit)
}

// Errors of calls.
var (
	ErrTimeout  = errors.New("no answer of Dify to a call back in time")
	ErrOverflow = errors.New("more replies of Dify wait to be read than fit into memory")
	ErrEnded    = errors.New("the request that a call back into Dify belongs to has ended")
	ErrOutside  = errors.New("no call back into Dify: the context is not that of a request")
	ErrModel    = errors.New("no call back into Dify: Dify does not let models make any")
)

type key struct{}

// NewContext returns a context of the request that makes its calls with c.
func NewContext(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// FromContext returns the caller of a request's context. If there is none, it returns one whose
// calls fail with ErrOutside.
func FromContext(ctx context.Context) Caller {
	if c, ok := ctx.Value(key{}).(Caller); ok {
		return c
	}
	return Failing{ErrOutside}
}

// Failing is a caller all of whose calls fail.
type Failing struct{ Err error }

// Invoke returns the error.
func (f Failing) Invoke(context.Context, string, any) (Replies, error) { return nil, f.Err }

// Limit returns 0.
func (Failing) Limit() int { return 0 }

// ToolCredential returns "".
func (Failing) ToolCredential(string) string { return "" }

// AppID returns "".
func (Failing) AppID() string { return "" }

// Redact returns "": no call has a text.
func (Failing) Redact(string) string { return "" }
