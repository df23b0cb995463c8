package difytest_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// ask makes a call with a context and returns the replies and the error, if any, as text.
func ask(ctx context.Context, typ string, request any) string {
	replies, err := callback.FromContext(ctx).Invoke(ctx, typ, request)
	if err != nil {
		return err.Error()
	}
	defer replies.Close()
	var list []string
	for {
		data, err := replies.Next()
		switch {
		case errors.Is(err, io.EOF):
			return strings.Join(list, " + ")
		case err != nil:
			return strings.Join(append(list, err.Error()), " + ")
		}
		list = append(list, string(data))
	}
}

var summarize = map[string]any{"text": "a long text"}

func TestDifyInUnitTest(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	dify.Store("there", []byte("hi"))
	dify.LimitStorage(10)
	dify.ChooseCredential("a/b/c", "id-1")
	dify.Answer("system_summary", func(_ context.Context, request json.RawMessage, reply func(any)) error {
		reply(map[string]string{"summary": string(request)})
		return nil
	})
	dify.Answer("tts", func(_ context.Context, _ json.RawMessage, reply func(any)) error {
		reply(map[string]string{"result": "00"})
		reply(map[string]string{"result": "01"})
		return errors.New("too loud")
	})
	ctx := dify.Context(t.Context())
	speak := map[string]string{"provider": "a/b/c", "model": "m", "content_text": "t", "voice": "v"}
	for _, test := range []struct {
		typ     string
		request any
		want    string
	}{
		{"storage", map[string]string{"opt": "get", "key": "there"}, `{"data":"6869"}`},
		{"storage", map[string]string{"opt": "set", "key": "k", "value": "00ff"}, `{"data":"ok"}`},
		{"storage", map[string]string{"opt": "set", "key": "l", "value": strings.Repeat("00", 11)}, "save data failed: allocated size is greater than max storage size"},
		{"system_summary", summarize, `{"summary":"{\"text\":\"a long text\"}"}`},
		{"tts", speak, `{"result":"00"} + {"result":"01"} + read tts model failed: request failed: too loud`},
		{"moderation", map[string]string{}, "unmarshal backwards invoke request failed: error validating struct: " +
			"Key: 'InvokeModerationRequest.BaseRequestInvokeModel.Provider' Error:Field validation for 'Provider' failed on the 'required' tag " +
			"Key: 'InvokeModerationRequest.BaseRequestInvokeModel.Model' Error:Field validation for 'Model' failed on the 'required' tag " +
			"Key: 'InvokeModerationRequest.InvokeModerationSchema.Text' Error:Field validation for 'Text' failed on the 'required' tag"},
		{"storage", map[string]string{"key": strings.Repeat("x", 5<<20)}, "a call back into Dify of 5243078 bytes is too large: this transport carries 5242879"},
		{"storage", func() {}, "cannot encode a call of type storage as JSON: json: unsupported type: func()"},
		{"storage", "x", "a call of type storage is not a JSON object"},
	} {
		if got := ask(ctx, test.typ, test.request); got != test.want {
			t.Errorf("%s: got %.300s\nwant %s", test.typ, got, test.want)
		}
	}
	if got := callback.FromContext(ctx).ToolCredential("a/b/c"); got != "id-1" {
		t.Errorf("got %q", got)
	}
	value, ok := dify.Stored("k")
	if _, none := dify.Stored("other"); none || !ok || string(value) != "\x00\xff" {
		t.Errorf("got %q, %v, %v", value, ok, none)
	}
	if diff := cmp.Diff([]string{"k", "l", "there"}, dify.StoredKeys()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	got := dify.Calls(difytest.Speech, difytest.Summary)
	want := []difytest.Callback{
		{Type: "system_summary", Request: json.RawMessage(`{"text":"a long text"}`)},
		{Type: "tts", Request: json.RawMessage(`{"content_text":"t","model":"m","provider":"a/b/c","voice":"v"}`), Err: "read tts model failed: request failed: too loud"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	var request struct{ Text string }
	if err := got[0].Decode(&request); err != nil || request.Text != "a long text" {
		t.Errorf("got %v, %v", request, err)
	}
	if err := got[0].Decode(new(int)); err == nil || !strings.HasPrefix(err.Error(), "decoding a call of type system_summary: ") {
		t.Errorf("got %v", err)
	}
	if n := len(dify.Calls()); n != 6 {
		t.Errorf("got %d calls", n)
	}
	dify.Refuse(difytest.Storage)
	if got := ask(ctx, "storage", map[string]string{"opt": "get", "key": "there"}); got != "permission denied, you need to enable storage access in plugin manifest" {
		t.Errorf("got %s", got)
	}
	dify.Silence()
	cause := errors.New("that is enough")
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	if got := ask(ctx, "system_summary", summarize); got != cause.Error() {
		t.Errorf("got %s", got)
	}
}

// TestRepliesAfterTheEnd checks that reading on is harmless, and how large a call is.
func TestRepliesAfterTheEnd(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	replies, err := callback.FromContext(ctx).Invoke(ctx, "storage", map[string]string{"opt": "exist", "key": strings.Repeat("<", 5<<20-220)})
	if err != nil {
		t.Fatal(err)
	}
	defer replies.Close()
	if _, err := replies.Next(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if _, err := replies.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
	}
}

// TestCallsAreAsLargeAsOnTheWire checks that calls of a method have the size and the limit that they
// have in a plugin.
func TestCallsAreAsLargeAsOnTheWire(t *testing.T) {
	t.Parallel()
	const session = "00000000-0000-0000-0000-000000000000"
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	request := map[string]string{"opt": "exist", "key": strings.Repeat("<", 5<<20)}
	data, err := json.Marshal(map[string]string{"opt": "exist", "key": strings.Repeat("x", 5<<20)})
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf(`{"event":"session","session_id":%q,"data":{"type":"invoke","data":{"type":"storage","backwards_request_id":"%s-1","request":%s}}}`+"\n",
		session, rand.Text(), data)
	_, err = callback.FromContext(ctx).Invoke(ctx, "storage", request)
	var tooLarge *callback.TooLargeError
	if !errors.As(err, &tooLarge) || tooLarge.Size != len(line) || tooLarge.Limit != 5<<20-1 {
		t.Errorf("got %v, want %d bytes", err, len(line))
	}
}

// TestRepliesThatAreGivenUp checks that a call ends as that of a session does.
func TestRepliesThatAreGivenUp(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	sent := make(chan struct{})
	dify.Answer("tts", func(_ context.Context, _ json.RawMessage, reply func(any)) error {
		reply(map[string]string{"result": "00"})
		reply(map[string]string{"result": "01"})
		close(sent)
		return errors.New("line\none\x1b[31m" + strings.Repeat("é", 2000))
	})
	speak := map[string]string{"provider": "a/b/c", "model": "m", "content_text": "t", "voice": "v"}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(dify.Context(t.Context()))
	replies, err := callback.FromContext(ctx).Invoke(ctx, "tts", speak)
	if err != nil {
		t.Fatal(err)
	}
	defer replies.Close()
	if _, err := replies.Next(); err != nil {
		t.Error(err)
	}
	<-sent
	cancel(cause)
	for range 2 {
		if data, err := replies.Next(); !errors.Is(err, cause) {
			t.Errorf("got %s, %v, want the cause", data, err)
		}
	}
	if _, err := callback.FromContext(ctx).Invoke(ctx, "tts", speak); !errors.Is(err, cause) {
		t.Errorf("another call: %v, want the cause", err)
	}

	sent = make(chan struct{})
	text := strings.TrimPrefix(ask(dify.Context(t.Context()), "tts", speak), `{"result":"00"} + {"result":"01"} + `)
	if want := "read tts model failed: request failed: line one[31m"; !strings.HasPrefix(text, want) || utf8.RuneCountInString(text) != 1001 {
		t.Errorf("got %d characters, %.100s", utf8.RuneCountInString(text), text)
	}
}

// TestRepliesThatWait checks that as many bytes of replies wait to be read as in a plugin.
func TestRepliesThatWait(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	sent := make(chan struct{})
	piece := map[string]string{"result": strings.Repeat("00", 5<<20)}
	dify.Answer("tts", func(_ context.Context, _ json.RawMessage, reply func(any)) error {
		for range 4 { // of 10 MiB
			reply(piece)
		}
		close(sent)
		return nil
	})
	ctx := dify.Context(t.Context())
	replies, err := callback.FromContext(ctx).Invoke(ctx, "tts", map[string]string{"provider": "a/b/c", "model": "m", "content_text": "t", "voice": "v"})
	if err != nil {
		t.Fatal(err)
	}
	defer replies.Close()
	<-sent
	if _, err := replies.Next(); !errors.Is(err, callback.ErrOverflow) {
		t.Errorf("got %v, want %v", err, callback.ErrOverflow)
	}
}

// TestSecondReply checks that a call that has one reply gets no other.
func TestSecondReply(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	dify.Answer("system_summary", func(_ context.Context, _ json.RawMessage, reply func(any)) error {
		reply(map[string]string{"summary": "a"})
		reply(map[string]string{"summary": "b"})
		return nil
	})
	ctx := dify.Context(t.Context())
	if got, want := ask(ctx, "system_summary", summarize), `{"summary":"a"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestDifyProblems checks what fails the test of a method.
func TestDifyProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		run  func(context.Context)
		want []string
	}{
		"nothing wrong": {func(ctx context.Context) { ask(ctx, "storage", map[string]string{"opt": "exist", "key": "k"}) }, nil},
		"no answer": {func(ctx context.Context) {
			if got := ask(ctx, "system_summary", summarize); got != "invoke summary failed: request failed: this host has no answer to calls of type system_summary" {
				t.Errorf("got %s", got)
			}
		}, []string{"the plugin makes a call back into Dify of type system_summary, for which the test has no answer: use Dify.Summary"}},
		"left open": {func(ctx context.Context) {
			if _, err := callback.FromContext(ctx).Invoke(ctx, "storage", map[string]string{"opt": "exist", "key": "k"}); err != nil {
				t.Error(err)
			}
		}, []string{"the test returns while calls back into Dify are open: storage; read each to its end, or break the loop"}},
	} {
		got, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			dify := difytest.NewDify(tb)
			test.run(dify.Context(context.Background()))
		})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

// TestAnswersThatEndTheirGoroutine checks that a call ends if its answer calls Fatal, which ends the
// goroutine of the answer, not the test.
func TestAnswersThatEndTheirGoroutine(t *testing.T) {
	t.Parallel()
	got, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		dify := difytest.NewDify(tb)
		dify.Summary(func(context.Context, string, string) (string, error) {
			tb.Fatal("the wrong text")
			return "", nil
		})
		if got := ask(dify.Context(t.Context()), "system_summary", summarize); got != "the answer of this host to a call of type system_summary has not returned" {
			t.Errorf("got %s", got)
		}
	})
	if diff := cmp.Diff([]string{"the wrong text"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestChunksThatAreNil checks that a chunk that is nil fails the test, and nothing else.
func TestChunksThatAreNil(t *testing.T) {
	t.Parallel()
	got, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		dify := difytest.NewDify(tb)
		dify.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
			return append([]*llm.Chunk{nil}, difytest.Chunks("a")...), nil
		})
		ctx := dify.Context(t.Context())
		result, err := invoke.ForGeneratedCode(ctx).LLM().Generate(ctx, &invoke.LLMRequest{
			Model: runtime.ModelSelector{Provider: "a/b/c", Model: "m"}, Messages: []llm.Message{llm.User("x")},
		})
		if err != nil || result.Message.Text() != "a" {
			t.Errorf("got %v, %v", result, err)
		}
	})
	if diff := cmp.Diff([]string{"Dify would not send such a reply to a call of type llm: it is not an object"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
