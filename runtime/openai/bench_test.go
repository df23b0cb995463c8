package openai_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime/llm"
)

// answer is a service that answers all requests with a body.
type answer string

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(strings.NewReader(string(a))), Request: r}, nil
}

// chunks returns a stream of that many chunks as OpenAI sends them.
func chunks(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "data: {\"id\":\"chatcmpl-123\",\"object\":\"chat.completion.chunk\",\"created\":1694268190,\"model\":\"small\",\"system_fingerprint\":\"fp_44709d6fcb\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word%d\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n", i)
	}
	return b.String() + stream(finish("stop"), usage, "[DONE]")
}

// BenchmarkStream measures chunks from the body of a response to an Output, and reports how many
// times as long that takes as to read lines and decode their JSON into structs (x-plain).
func BenchmarkStream(b *testing.B) {
	const n = 1000
	body := chunks(n)
	provider := newBase()
	provider.HTTPClient = &http.Client{Transport: answer(body)}
	call := chatCall("https://api.example.com")
	b.ReportAllocs()
	var ours, plain time.Duration
	for b.Loop() {
		start := time.Now()
		sent := 0
		out := llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error { sent++; return nil })
		if err := out.End(provider.LLM(b.Context(), call, out)); err != nil || sent != n+1 {
			b.Fatal(sent, err)
		}
		ours += time.Since(start)
		start = time.Now()
		for lines := bufio.NewScanner(strings.NewReader(body)); lines.Scan(); {
			if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok && data[0] == '{' {
				var chunk struct {
					Choices []struct {
						Index        int     `json:"index"`
						FinishReason *string `json:"finish_reason"`
						Delta        struct {
							Content   string `json:"content"`
							ToolCalls []any  `json:"tool_calls"`
						} `json:"delta"`
					} `json:"choices"`
				}
				if err := json.Unmarshal(data, &chunk); err != nil {
					b.Fatal(err)
				}
			}
		}
		plain += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-plain")
	b.ReportMetric(n*float64(b.N)/ours.Seconds(), "chunks/s")
}

// TestSteadyMemory checks that a long stream takes no more memory than a short one.
func TestSteadyMemory(t *testing.T) {
	provider := newBase()
	provider.HTTPClient = &http.Client{Transport: answer(strings.ReplaceAll(chunks(30_000), " word", strings.Repeat(" word", 20)))}
	call := chatCall("https://api.example.com")
	var before, after runtime.MemStats
	sent, most := 0, uint64(0)
	out := llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error {
		if sent++; sent%5_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapAlloc)
		}
		return nil
	})
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := out.End(provider.LLM(t.Context(), call, out)); err != nil || sent != 30_001 {
		t.Fatal(sent, err)
	}
	if most > before.HeapAlloc+1<<20 {
		t.Errorf("%d KiB more than at the start", (most-before.HeapAlloc)>>10)
	}
}
