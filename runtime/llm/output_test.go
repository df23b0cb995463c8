package llm_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// modelCall is a call of a model that costs 2 euros for a million tokens of input, and 8 for
// output.
func modelCall() runtime.ModelCall {
	return runtime.ModelCall{Model: "m", Schema: &runtime.ModelSchema{Pricing: &runtime.ModelPricing{
		Input: decimal("2"), Output: decimal("8"), Unit: decimal("0.000001"), Currency: "EUR",
	}}}
}

func decimal(text string) runtime.Decimal {
	d, err := runtime.ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

// sent collects the chunks of an output as they are on the wire.
type sent struct {
	tb     testing.TB
	chunks []string
	result llm.Collector
}

func (s *sent) send(c *llm.Chunk) error {
	data, err := c.MarshalJSON()
	if err != nil {
		s.tb.Errorf("a chunk that is wrong: %v", err)
	}
	if len(data) > 5<<20 {
		s.tb.Errorf("a chunk of %d bytes", len(data))
	}
	s.chunks = append(s.chunks, string(data))
	if err := s.result.Add(c); err != nil {
		s.tb.Error(err)
	}
	if len(s.chunks) != c.Index+1 {
		s.tb.Errorf("chunk %d has index %d", len(s.chunks)-1, c.Index)
	}
	return nil
}

// brief returns chunks without what all have.
func brief(chunks []string) (list []string) {
	for _, c := range chunks {
		c = strings.TrimPrefix(c, `{"model":"m",`)
		c = strings.ReplaceAll(c, `"message":{"role":"assistant",`, "{")
		c = strings.ReplaceAll(c, `,"usage":null,"finish_reason":null}}`, "")
		list = append(list, c)
	}
	return list
}

const (
	noUsage = `"usage":{"prompt_tokens":0,"prompt_unit_price":"2","prompt_price_unit":"0.000001","prompt_price":"0","completion_tokens":0,` +
		`"completion_unit_price":"8","completion_price_unit":"0.000001","completion_price":"0","total_tokens":0,"total_price":"0","currency":"EUR","latency":0}`
	stopped = `{"content":"","tool_calls":[]},` + noUsage + `,"finish_reason":"stop"}}`
)

// TestOutput checks what is sent of what an output gets, with and without a stream.
func TestOutput(t *testing.T) {
	t.Parallel()
	call := llm.ToolCall{ID: "1", Name: "f", Arguments: "{}"}
	for _, test := range []struct {
		name   string
		write  func(*llm.Output) error
		stream []string // chunks before the last
		last   string   // of the stream, if it is not stopped
		whole  string
	}{
		{"nothing", func(*llm.Output) error { return nil }, nil, "", `"delta":{"index":0,` + stopped},
		{
			"text", func(out *llm.Output) error { return errors.Join(out.Text("a"), out.Text(""), out.Text("b")) },
			[]string{`"delta":{"index":0,{"content":"a","tool_calls":[]}`, `"delta":{"index":1,{"content":"b","tool_calls":[]}`}, "",
			`"delta":{"index":0,` + strings.Replace(stopped, `""`, `"ab"`, 1),
		},
		{
			"reasoning", func(out *llm.Output) error {
				return errors.Join(out.Reasoning("a"), out.Reasoning("b"), out.Reasoning(""), out.Text("c"), out.Reasoning("d"))
			},
			[]string{
				`"delta":{"index":0,{"content":"<think>\na","tool_calls":[]}`, `"delta":{"index":1,{"content":"b","tool_calls":[]}`,
				`"delta":{"index":2,{"content":"\n</think>c","tool_calls":[]}`, `"delta":{"index":3,{"content":"<think>\nd","tool_calls":[]}`,
				`"delta":{"index":4,{"content":"\n</think>","tool_calls":[]}`,
			}, "",
			`"delta":{"index":0,` + strings.Replace(stopped, `""`, `"<think>\nab\n</think>c<think>\nd\n</think>"`, 1),
		},
		{
			"parts", func(out *llm.Output) error {
				return errors.Join(out.Reasoning("a"), out.Part(&llm.Image{URL: "u", MIMEType: "image/png"}), out.Part(&llm.Text{Text: "b"}))
			},
			[]string{
				`"delta":{"index":0,{"content":"<think>\na","tool_calls":[]}`,
				`"delta":{"index":1,{"content":[{"type":"text","data":"\n</think>"},{"type":"image","url":"u","format":"png","mime_type":"image/png","detail":"low"}],"tool_calls":[]}`,
				`"delta":{"index":2,{"content":"b","tool_calls":[]}`,
			}, "",
			`"delta":{"index":0,` + strings.Replace(stopped, `""`,
				`[{"type":"text","data":"<think>\na\n</think>"},{"type":"image","url":"u","format":"png","mime_type":"image/png","detail":"low"},{"type":"text","data":"b"}]`, 1),
		},
		{
			"calls", func(out *llm.Output) error {
				out.SystemFingerprint("fp")
				return errors.Join(out.Reasoning("a"), out.ToolCall(llm.ToolCall{ID: "1", Name: "f"}), out.ToolCall(llm.ToolCall{ID: "1", Arguments: "{}"}), out.Finish(llm.FinishToolCalls, llm.Usage{}))
			},
			[]string{
				`"system_fingerprint":"fp","delta":{"index":0,{"content":"<think>\na","tool_calls":[]}`,
				`"system_fingerprint":"fp","delta":{"index":1,{"content":"\n</think>","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":""}}]}`,
				`"system_fingerprint":"fp","delta":{"index":2,{"content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"","arguments":"{}"}}]}`,
			},
			`"system_fingerprint":"fp","delta":{"index":3,` + strings.Replace(stopped, `"stop"`, `"tool_calls"`, 1),
			`"system_fingerprint":"fp","delta":{"index":0,{"content":"<think>\na\n</think>","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},` + noUsage + `,"finish_reason":"tool_calls"}}`,
		},
		{
			"opaque", func(out *llm.Output) error {
				return errors.Join(out.ToolCall(call), out.OpaqueBody([]byte(`{ "a":1}`)))
			},
			[]string{
				`"delta":{"index":0,{"content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}`,
				`"delta":{"index":1,{"content":"","tool_calls":[],"opaque_body":{"a":1}}`,
			}, "",
			`"delta":{"index":0,{"content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}],"opaque_body":{"a":1}},` + noUsage + `,"finish_reason":"stop"}}`,
		},
		{
			"split characters", func(out *llm.Output) error {
				return errors.Join(out.Text("\xe2\x82"), out.Text("\xac\xe2"), out.Text("\x82\xac"), out.Text("\xe2\x82"), out.Reasoning("a\xf0\x9f"), out.Reasoning("\x98\x80"), out.Text("x\xc3"))
			},
			[]string{
				`"delta":{"index":0,{"content":"€","tool_calls":[]}`, `"delta":{"index":1,{"content":"€","tool_calls":[]}`,
				`"delta":{"index":2,{"content":"` + "\ufffd\ufffd" + `","tool_calls":[]}`,
				`"delta":{"index":3,{"content":"<think>\na","tool_calls":[]}`, `"delta":{"index":4,{"content":"😀","tool_calls":[]}`,
				`"delta":{"index":5,{"content":"\n</think>x","tool_calls":[]}`, `"delta":{"index":6,{"content":"` + "\ufffd" + `","tool_calls":[]}`,
			}, "",
			`"delta":{"index":0,` + strings.Replace(stopped, `""`, `"€€`+"\ufffd\ufffd"+`<think>\na😀\n</think>x`+"\ufffd"+`"`, 1),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				last := test.last
				if last == "" {
					last = `"delta":{"index":` + string(rune('0'+len(test.stream))) + "," + stopped
				}
				for stream, want := range map[bool][]string{true: append(test.stream, last), false: {test.whole}} {
					s := &sent{tb: t}
					out := llm.NewOutput(modelCall(), stream, s.send)
					if err := out.End(test.write(out)); err != nil {
						t.Error(err)
					}
					if diff := cmp.Diff(want, brief(s.chunks)); diff != "" {
						t.Errorf("stream %t (-want +got):\n%s", stream, diff)
					}
				}
			})
		})
	}
}

// TestOutputUsage checks what is filled in.
func TestOutputUsage(t *testing.T) {
	t.Parallel()
	priced := llm.Usage{
		PromptTokens: 1000, PromptUnitPrice: decimal("2"), PromptPriceUnit: decimal("0.000001"), PromptPrice: decimal("0.002"),
		CompletionTokens: 10, CompletionUnitPrice: decimal("8"), CompletionPriceUnit: decimal("0.000001"), CompletionPrice: decimal("0.00008"),
		TotalTokens: 1010, TotalPrice: decimal("0.00208"), Currency: "EUR", Latency: 2 * time.Second,
	}
	tokens := llm.Usage{PromptTokens: 1000, CompletionTokens: 10}
	own := llm.Usage{PromptTokens: 1, TotalTokens: 5, TotalPrice: decimal("1"), Currency: "GBP", Latency: time.Second}
	free := runtime.ModelCall{Model: "m"}
	unpriced := tokens
	unpriced.TotalTokens, unpriced.Currency, unpriced.Latency = 1010, "USD", 2*time.Second
	most := llm.Usage{PromptTokens: math.MaxInt - 1, CompletionTokens: 2, TotalTokens: math.MaxInt, Currency: "USD", Latency: 2 * time.Second}
	for _, test := range []struct {
		name   string
		call   runtime.ModelCall
		finish []llm.Usage
		want   llm.Usage
	}{
		{"tokens", modelCall(), []llm.Usage{tokens}, priced},
		{"no pricing", free, []llm.Usage{tokens}, unpriced},
		{"own", modelCall(), []llm.Usage{own}, own},
		{"twice", modelCall(), []llm.Usage{tokens, {}}, priced},
		{"last", modelCall(), []llm.Usage{tokens, own}, own},
		{"too many", free, []llm.Usage{{PromptTokens: most.PromptTokens, CompletionTokens: 2}}, most},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &sent{tb: t}
				out := llm.NewOutput(test.call, true, s.send)
				time.Sleep(2 * time.Second)
				for i, usage := range test.finish {
					if err := out.Finish([]llm.FinishReason{llm.FinishLength, ""}[i], usage); err != nil {
						t.Error(err)
					}
				}
				if err := out.End(nil); err != nil {
					t.Error(err)
				}
				got := s.result.Result()
				if diff := cmp.Diff(test.want, got.Usage); diff != "" || got.FinishReason != llm.FinishLength {
					t.Errorf("reason %q, usage (-want +got):\n%s", got.FinishReason, diff)
				}
			})
		})
	}
}

// TestOutputFails checks what is an error, and that nothing follows the last chunk.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		s := &sent{tb: t}
		out := llm.NewOutput(modelCall(), stream, s.send)
		for name, err := range map[string]error{
			"no part": out.Part(nil), "an empty image": out.Part(&llm.Image{}), "a nil text": out.Part((*llm.Text)(nil)),
			"a piece of no call": out.ToolCall(llm.ToolCall{Arguments: "{"}), "a call without a name": out.ToolCall(llm.ToolCall{ID: "1", Arguments: "{}"}),
			"no JSON": out.OpaqueBody([]byte("{")), "no body": out.OpaqueBody(nil),
			"less than no prompt": out.Finish("", llm.Usage{PromptTokens: -1}), "less than no answer": out.Finish("", llm.Usage{CompletionTokens: -1}),
			"less than nothing": out.Finish("", llm.Usage{TotalTokens: -1}),
		} {
			if err == nil {
				t.Errorf("stream %t: %s is sent", stream, name)
			}
		}
		failed := errors.New("failed")
		if err := errors.Join(out.Text("a"), out.Finish(llm.FinishStop, llm.Usage{})); err != nil {
			t.Error(err)
		}
		if err := out.End(failed); !errors.Is(err, failed) {
			t.Errorf("got %v, want the error of the method", err)
		}
		if want := map[bool]int{true: 1}[stream]; len(s.chunks) != want {
			t.Errorf("stream %t: %d chunks, want %d", stream, len(s.chunks), want)
		}
		for name, err := range map[string]error{
			"Text": out.Text("b"), "Reasoning": out.Reasoning("b"), "Part": out.Part(&llm.Text{Text: "b"}), "ToolCall": out.ToolCall(llm.ToolCall{ID: "1"}),
			"OpaqueBody": out.OpaqueBody([]byte("1")), "Finish": out.Finish("", llm.Usage{}), "End": out.End(nil),
		} {
			if err == nil {
				t.Errorf("stream %t: %s works after the end", stream, name)
			}
		}
		out.SystemFingerprint("fp")
	}
	var none *llm.Output
	if none.Text("a") == nil || new(llm.Output).Text("a") == nil {
		t.Error("an output without a request works")
	}
	gone := errors.New("gone")
	out := llm.NewOutput(modelCall(), true, func(*llm.Chunk) error { return gone })
	if err := out.Text("a"); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	if err := out.End(nil); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

// TestOutputLarge sends more than a line can hold.
func TestOutputLarge(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("\x01€", 700<<10)
	for _, stream := range []bool{true, false} {
		s := &sent{tb: t}
		out := llm.NewOutput(modelCall(), stream, s.send)
		err := errors.Join(out.Text(text), out.Part(&llm.Image{URL: "u", MIMEType: "image/png"}), out.ToolCall(llm.ToolCall{ID: "1", Name: "f", Arguments: text}), out.ToolCall(llm.ToolCall{ID: "2", Name: "g"}))
		if err := out.End(err); err != nil {
			t.Fatal(err)
		}
		got := s.result.Result().Message
		want := llm.Message{
			Role:  llm.RoleAssistant,
			Parts: []llm.Part{&llm.Text{Text: text}, &llm.Image{URL: "u", MIMEType: "image/png"}},
			ToolCalls: []llm.ToolCall{
				{ID: "1", Type: "function", Name: "f", Arguments: text}, {ID: "2", Type: "function", Name: "g"},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stream %t: not what was sent", stream)
		}
		if len(s.chunks) < 12 || len(s.chunks) > 16 {
			t.Errorf("stream %t: %d chunks", stream, len(s.chunks))
		}
	}
}

// TestOutputLargeCall sends a large call that has no ID: the pieces must not be calls of their own.
func TestOutputLargeCall(t *testing.T) {
	t.Parallel()
	s := &sent{tb: t}
	out := llm.NewOutput(modelCall(), true, s.send)
	arguments := strings.Repeat("x", 2<<20)
	if err := out.End(out.ToolCall(llm.ToolCall{Name: "f", Arguments: arguments})); err != nil {
		t.Fatal(err)
	}
	if calls := s.result.Result().Message.ToolCalls; len(calls) != 1 || calls[0].Name != "f" || calls[0].Arguments != arguments {
		t.Errorf("%d calls", len(calls))
	}
}

// TestOutputBound checks that little more than 32 MiB are held back, and that what is cut off is
// not sent as all.
func TestOutputBound(t *testing.T) {
	t.Parallel()
	s := &sent{tb: t}
	out := llm.NewOutput(modelCall(), false, s.send)
	text := strings.Repeat("x", 1<<20)
	var err error
	n := 0
	for ; err == nil && n < 40; n++ {
		err = out.Text(text)
	}
	if err == nil || n != 33 {
		t.Errorf("%v after %d MiB", err, n)
	}
	if end := out.End(nil); end == nil || len(s.chunks) > 0 {
		t.Errorf("the end: %v, %d chunks", end, len(s.chunks))
	}
}

// TestOutputConcurrent sends from several goroutines.
func TestOutputConcurrent(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		s := &sent{tb: t}
		out := llm.NewOutput(modelCall(), stream, s.send)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 100 {
					if err := out.Text("€"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if err := out.End(nil); err != nil {
			t.Error(err)
		}
		if got := s.result.Result().Text(); got != strings.Repeat("€", 400) {
			t.Errorf("stream %t: got %d bytes", stream, len(got))
		}
	}
}

// FuzzOutput writes random pieces, and checks that they arrive as one text, however they are cut.
func FuzzOutput(f *testing.F) {
	f.Add("a€b", []byte{1, 1}, true)
	f.Add("\xf0\x9f\x98\x80\xff\xe2\x82", []byte{1, 1, 1, 2}, false)
	f.Fuzz(func(t *testing.T, text string, cuts []byte, stream bool) {
		s := &sent{tb: t}
		out := llm.NewOutput(modelCall(), stream, s.send)
		rest := text
		for _, c := range cuts {
			n := min(int(c), len(rest))
			if err := out.Text(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := errors.Join(out.Text(rest), out.End(nil)); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, c := range s.chunks {
			var chunk struct {
				Delta struct{ Message struct{ Content string } }
			}
			if err := json.Unmarshal([]byte(c), &chunk); err != nil {
				t.Fatal(err)
			}
			got.WriteString(chunk.Delta.Message.Content)
		}
		if want := string([]rune(text)); got.String() != want {
			t.Errorf("got %q, want %q", got.String(), want)
		}
	})
}
