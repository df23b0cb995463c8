package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime/invoke"
)

// answer is what Dify says to a call: replies and, after them, an error, which may be nil. That of
// refuse is an error of Dify.
type answer func(typ string, request json.RawMessage) ([]json.RawMessage, error)

// fakeCaller makes calls of a Dify in memory.
type fakeCaller struct {
	answer      answer
	limit       int
	credentials map[string]string // of tools, by provider
	app         string            // its ID
	open        atomic.Int64
}

// newCaller returns a caller, and fails the test if replies are left open.
func newCaller(tb testing.TB, a answer) *fakeCaller {
	tb.Helper()
	c := &fakeCaller{answer: a}
	tb.Cleanup(func() {
		if n := c.open.Load(); n != 0 {
			tb.Errorf("the replies of %d calls are not closed", n)
		}
	})
	return c
}

// newSession returns the services of a request whose calls are answered by a.
func newSession(tb testing.TB, a answer) invoke.Session {
	tb.Helper()
	return newCaller(tb, a).session()
}

func (c *fakeCaller) session() invoke.Session {
	return invoke.ForGeneratedCode(callback.NewContext(context.Background(), c))
}

func (c *fakeCaller) Invoke(ctx context.Context, typ string, request any) (callback.Replies, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	replies, err := c.answer(typ, data)
	var refusal *callback.Error
	if errors.As(err, &refusal) {
		refusal.Type = typ
	}
	c.open.Add(1)
	return &fakeReplies{caller: c, replies: replies, err: err}, nil
}

func (c *fakeCaller) Limit() int { return c.limit }

func (c *fakeCaller) ToolCredential(provider string) string { return c.credentials[provider] }

func (c *fakeCaller) AppID() string { return c.app }

// Redact returns a text on one line, without the secret of all requests.
func (c *fakeCaller) Redact(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "sk-1", "***")
}

type fakeReplies struct {
	caller  *fakeCaller
	replies []json.RawMessage
	err     error // after the replies; nil for io.EOF
	closed  bool
}

func (r *fakeReplies) Next() (json.RawMessage, error) {
	switch {
	case len(r.replies) > 0:
		reply := r.replies[0]
		r.replies = r.replies[1:]
		return reply, nil
	case r.err != nil:
		return nil, r.err
	}
	return nil, io.EOF
}

func (r *fakeReplies) Close() {
	if !r.closed {
		r.closed = true
		r.caller.open.Add(-1)
	}
}

// refuse returns the error that Dify sends with a text.
func refuse(text string) error { return &callback.Error{Message: text} }

// reply returns an answer of these replies to any call.
func reply(replies ...string) answer {
	return func(string, json.RawMessage) ([]json.RawMessage, error) { return raw(replies...), nil }
}

// refusal returns an answer that is an error of Dify.
func refusal(text string) answer {
	return func(string, json.RawMessage) ([]json.RawMessage, error) { return nil, refuse(text) }
}

// raw returns texts as JSON.
func raw(texts ...string) []json.RawMessage {
	list := make([]json.RawMessage, len(texts))
	for i, text := range texts {
		list[i] = json.RawMessage(text)
	}
	return list
}
