package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// writer is a provider of a language model.
type writer func(ctx context.Context, out *llm.Output) error

func (w writer) LLM(ctx context.Context, _ *llmCall, out *llm.Output) error {
	return w(ctx, out)
}

// TestModelEnds checks that an answer of a model which ends early is an error after what has been sent of
// it, and never looks whole; and that nothing follows, whatever the code does.
func TestModelEnds(t *testing.T) {
	t.Parallel()
	const late = "TimeoutError: the request timed out after 1m0s"
	say := func(out *llm.Output, words ...string) error {
		for _, word := range words {
			if err := out.Text(word); err != nil {
				return err
			}
		}
		return nil
	}
	for name, test := range map[string]struct {
		write writer
		sent  []string // of the answer, in a stream
		end   string
	}{
		"it is done": {func(_ context.Context, out *llm.Output) error { return say(out, "a", "b") }, []string{"a", "b", ""}, ""},
		"it waits": {func(ctx context.Context, out *llm.Output) error {
			err := say(out, "a", "b")
			<-ctx.Done()
			return errors.Join(err, ctx.Err())
		}, []string{"a", "b"}, late},
		"it only ends": {func(ctx context.Context, out *llm.Output) error {
			err := say(out, "a")
			<-ctx.Done()
			return err
		}, []string{"a"}, late},
		"it says that it is done": {func(ctx context.Context, out *llm.Output) error {
			err := say(out, "a")
			<-ctx.Done()
			return errors.Join(err, out.Finish(llm.FinishStop, llm.Usage{}))
		}, []string{"a"}, late},
		"it goes on": {func(_ context.Context, out *llm.Output) error {
			for {
				if err := out.Text("a"); err != nil {
					return err
				}
				time.Sleep(25 * time.Second) // fake
			}
		}, []string{"a", "a", "a"}, late},
		"it ignores all errors": {func(_ context.Context, out *llm.Output) error {
			for range 10 {
				_ = out.Text("a")
				time.Sleep(25 * time.Second) // fake
			}
			return nil
		}, []string{"a", "a", "a"}, late},
		"it holds back": {func(ctx context.Context, out *llm.Output) error {
			out.StopAt("END")
			err := say(out, "a", "E")
			<-ctx.Done()
			return err
		}, []string{"a"}, late},
		"it fails": {func(_ context.Context, out *llm.Output) error {
			return errors.Join(say(out, "a"), errors.New("the service is gone"))
		}, []string{"a"}, "InvokeError: the service is gone"},
		"it fails in a way of its own": {func(_ context.Context, out *llm.Output) error {
			return errors.Join(say(out, "a"), fmt.Errorf("call: %w", &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("slower")}))
		}, []string{"a"}, "InvokeRateLimitError: call: slower"},
		"it panics": {func(_ context.Context, out *llm.Output) error {
			_ = out.Text("a")
			panic("no")
		}, []string{"a"}, "InvokeError: the plugin failed with an internal error; see its log"},
	} {
		for _, stream := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", stream ", stream), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var want []string
					switch {
					case stream:
						want = append(want, test.sent...)
					case test.end == "":
						want = []string{"ab"}
					}
					if test.end != "" {
						want = append(want, test.end)
					}
					var b bytes.Buffer
					s := newTestServer(t, modelPlugin(test.write))
					s.Answer(s.Context(), TCP, invokeLLM(stream), "", &b)
					time.Sleep(time.Hour) // fake, for code that goes on
					if diff := cmp.Diff(want, texts(t, messages(t, b.Bytes()))); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// modelPlugin returns a plugin with a model whose requests end after a minute.
func modelPlugin(w writer) *Plugin {
	credentials := func(runtime.ModelType, map[string]any) (struct{}, error) { return struct{}{}, nil }
	parameters := func(*llm.ParameterReader) struct{} { return struct{}{} }
	return NewPlugin(Declaration{Manifest: "{}"}, []Option{WithRequestTimeout(time.Minute)}, runtime.NewModel(runtime.ModelConfig{
		Name: "box", Models: []string{`{"model":"m","label":{"en_US":"M"},"model_type":"llm"}`}, Actions: llm.Bind(w, credentials, parameters),
	}))
}

// invokeLLM returns a request for the model of modelPlugin.
func invokeLLM(stream bool) []byte {
	return line("s", map[string]any{
		"type": "model", "action": "invoke_llm", "provider": "box", "model_type": "llm", "model": "m", "stream": stream,
		"prompt_messages": []any{map[string]any{"role": "user", "content": "hi"}},
	})
}

// texts returns the texts of chunks, and other messages as they are.
func texts(tb testing.TB, messages []string) (list []string) {
	tb.Helper()
	for _, m := range messages {
		if c := new(llm.Chunk); c.UnmarshalJSON([]byte(m)) == nil {
			m = c.Text()
		}
		list = append(list, m)
	}
	return list
}
