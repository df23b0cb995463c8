package session

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	goruntime "runtime"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

type llmCall = llm.Call[struct{}, struct{}]

// reader is a provider whose model does what its function does.
type reader func(*llmCall)

func (r reader) LLM(_ context.Context, call *llmCall, _ *llm.Output) error {
	r(call)
	return nil
}

// newReader returns a server whose route calls a model.
func newReader(tb testing.TB, read func(*llmCall)) *Server {
	tb.Helper()
	actions := llm.Bind(reader(read), func(runtime.ModelType, map[string]any) (struct{}, error) { return struct{}{}, nil },
		func(*llm.ParameterReader) struct{} { return struct{}{} })
	return newTestServer(tb, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
		defer goruntime.KeepAlive(req) // an adapter may need the rest of it
		return actions[0].Serve(ctx, &runtime.ModelRequest{Request: req, ModelCall: runtime.ModelCall{Model: "m", ModelType: runtime.ModelTypeLLM}})
	}))
}

// largePrompt returns a request with an image of so many bytes.
func largePrompt(tb testing.TB, size int) []byte {
	tb.Helper()
	image := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\x89PNG"), size/4))
	return line("s", map[string]any{"prompt_messages": []any{map[string]any{"role": "user", "content": []any{
		map[string]any{"type": "text", "data": "What is this?"},
		map[string]any{"type": "image", "base64_data": image, "format": "png", "mime_type": "image/png", "detail": "high"},
	}}}})
}

// BenchmarkPrompt reads a prompt with an image that is 10 MiB in base64.
func BenchmarkPrompt(b *testing.B) {
	s := newReader(b, func(*llmCall) {})
	in := largePrompt(b, 10<<20/4*3)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		s.Answer(b.Context(), TCP, in, "", io.Discard)
	}
}

// TestPromptMemory checks that a large image is copied once, and that only its bytes are kept while
// the model answers.
func TestPromptMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	const size = 6 << 20
	var before, during goruntime.MemStats
	var image *llm.Image
	s := newReader(t, func(call *llmCall) {
		measure(&during)
		image = call.Messages[0].Parts[1].(*llm.Image)
	})
	in := largePrompt(t, size)
	measure(&before)
	s.Answer(t.Context(), TCP, in, "", io.Discard)
	if image == nil || len(image.Data) != size {
		t.Fatal("the model gets another image")
	}
	if made := during.TotalAlloc - before.TotalAlloc; made > size*5/2 {
		t.Errorf("%d KiB are made for an image of %d KiB", made>>10, size>>10)
	}
	if kept := int64(during.HeapAlloc) - int64(before.HeapAlloc); kept > size*5/4 {
		t.Errorf("%d KiB are kept of an image of %d KiB", kept>>10, size>>10)
	}
	goruntime.KeepAlive(in)
}

// measure collects garbage, twice, so that pools are empty, and says what is left.
func measure(m *goruntime.MemStats) {
	goruntime.GC()
	goruntime.GC()
	goruntime.ReadMemStats(m)
}
