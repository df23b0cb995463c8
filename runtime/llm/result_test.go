package llm_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

const usageJSON = `{"prompt_tokens":1000,"prompt_unit_price":"0.15","prompt_price_unit":"0.000001","prompt_price":"0.00015",` +
	`"completion_tokens":2,"completion_unit_price":"0","completion_price_unit":"0","completion_price":"0",` +
	`"total_tokens":1002,"total_price":"0.00015","currency":"USD","latency":1.25}`

func usage() llm.Usage {
	return llm.Usage{
		PromptTokens: 1000, PromptUnitPrice: runtime.NewDecimal(15, -2), PromptPriceUnit: runtime.NewDecimal(1, -6), PromptPrice: runtime.NewDecimal(15, -5),
		CompletionTokens: 2, TotalTokens: 1002, TotalPrice: runtime.NewDecimal(15, -5), Currency: "USD", Latency: 1250 * time.Millisecond,
	}
}

func TestChunkJSON(t *testing.T) {
	t.Parallel()
	u := usage()
	for _, test := range []struct {
		name    string
		chunk   llm.Chunk
		want    string
		arrives string // as Dify sends it, if that is not what it takes
	}{
		{
			"text", llm.Chunk{Model: "m", Message: llm.Assistant("Hel")},
			`{"model":"m","delta":{"index":0,"message":{"role":"assistant","content":"Hel","tool_calls":[]},"usage":null,"finish_reason":null}}`,
			`{"model":"m","system_fingerprint":"","delta":{"index":0,"message":{"role":"assistant","content":"Hel","name":"","tool_calls":null,"tool_call_id":""},"usage":null,"finish_reason":null},"prompt_messages":[]}`,
		},
		{
			"last", llm.Chunk{
				Model: "m", SystemFingerprint: "fp", Index: 1, Message: llm.Assistant(""), Usage: &u, FinishReason: llm.FinishStop,
				StructuredOutput: json.RawMessage(`{"a":1}`),
			},
			`{"model":"m","system_fingerprint":"fp","delta":{"index":1,"message":{"role":"assistant","content":"","tool_calls":[]},"usage":` + usageJSON + `,"finish_reason":"stop"},"structured_output":{"a":1}}`, "",
		},
		{
			"absent", llm.Chunk{Message: llm.Message{Role: llm.RoleAssistant}},
			"", `{"delta":{"message":{"role":"assistant"}},"structured_output":null}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.want != "" {
				for _, chunk := range []any{&test.chunk, test.chunk} {
					data, err := json.Marshal(chunk)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(test.want, string(data)); diff != "" {
						t.Errorf("sent (-want +got):\n%s", diff)
					}
				}
			}
			if test.arrives == "" {
				test.arrives = test.want
			}
			var got llm.Chunk
			if err := json.Unmarshal([]byte(test.arrives), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.chunk, got); diff != "" {
				t.Errorf("received (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChunkValidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		chunk llm.Chunk
		want  string
	}{
		{llm.Chunk{}, "a chunk has no Model"},
		{llm.Chunk{Model: "m", Message: llm.User("")}, "the message of a chunk has the role user: want assistant"},
		{llm.Chunk{Model: "m", StructuredOutput: json.RawMessage("{")}, "StructuredOutput of a chunk is not JSON"},
		{llm.Chunk{Model: "m", StructuredOutput: json.RawMessage(" [1]")}, "StructuredOutput of a chunk is not an object"},
		{llm.Chunk{Model: "m", StructuredOutput: json.RawMessage(" {}")}, ""},
		{llm.Chunk{Model: "m", Message: llm.Message{Parts: []llm.Part{nil}}}, "part 1 of a message of role assistant: the part is nil"},
		{llm.Chunk{Model: "m"}, ""},
	} {
		if err := test.chunk.Validate(); (err != nil || test.want != "") && (err == nil || err.Error() != test.want) {
			t.Errorf("Validate: %v, want %q", err, test.want)
		}
		if _, err := json.Marshal(&test.chunk); (err == nil) != (test.want == "") {
			t.Errorf("sending it: %v, want %q", err, test.want)
		}
	}
	for _, test := range []struct{ input, want string }{
		{`{"error":"e"}`, "a chunk has no delta"},
		{`{"delta":{"message":{"content":5}}}`, "content must be a text or a list of parts"},
		{`{"delta":{"usage":{"prompt_price":"1","total_price":"x"}}}`,
			"total_price must be a decimal number such as 0.0015, of at most 64 digits and with an exponent from -64 to 64"},
	} {
		if err := json.Unmarshal([]byte(test.input), new(llm.Chunk)); err == nil || err.Error() != test.want {
			t.Errorf("decoding %s: %v, want %s", test.input, err, test.want)
		}
	}
}

func TestResultJSON(t *testing.T) {
	t.Parallel()
	want := llm.Result{Model: "m", Message: llm.Assistant("Hi."), Usage: usage(), FinishReason: llm.FinishLength}
	data, err := json.Marshal(&want)
	if err != nil {
		t.Fatal(err)
	}
	text := `{"model":"m","message":{"role":"assistant","content":"Hi.","tool_calls":[]},"usage":` + usageJSON + `,"finish_reason":"length"}`
	if diff := cmp.Diff(text, string(data)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	var got llm.Result
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	if got.Text() != "Hi." {
		t.Errorf("Text = %q", got.Text())
	}
}

// FuzzChunk decodes chunks, which must be the same after they were sent, and collects them.
func FuzzChunk(f *testing.F) {
	f.Add([]byte(`{"model":"m","delta":{"index":1,"message":{"role":"assistant","content":[{"type":"text","data":"a"}],"tool_calls":[{"id":"","function":{"name":"f"}}]},"usage":` + usageJSON + `}}`))
	f.Add([]byte(`{"model":"m","delta":{"message":{"role":"assistant","content":[{"type":"image","base64_data":"eA==","format":"","mime_type":"image/png"}],"opaque_body":{}},"finish_reason":"stop"},"structured_output":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var chunk llm.Chunk
		if json.Unmarshal(data, &chunk) != nil {
			return
		}
		var c llm.Collector
		if err := c.Add(&chunk); err == nil {
			c.Result()
		}
		sent, err := json.Marshal(&chunk)
		if (err == nil) != (chunk.Validate() == nil) {
			t.Fatalf("sent: %v, valid: %v", err, chunk.Validate())
		}
		if err != nil {
			return
		}
		var again llm.Chunk
		if err := json.Unmarshal(sent, &again); err != nil {
			t.Fatalf("%s: %v", sent, err)
		}
		twice, err := json.Marshal(&again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(sent), string(twice)); diff != "" {
			t.Errorf("sent twice (-first +second):\n%s", diff)
		}
	})
}

func TestAddUsage(t *testing.T) {
	t.Parallel()
	price := func(n int64) runtime.Decimal { return runtime.NewDecimal(n, -4) }
	first := llm.Usage{
		PromptTokens: 1, CompletionTokens: 2, TotalTokens: 3, PromptPrice: price(1), CompletionPrice: price(2), TotalPrice: price(3),
		PromptUnitPrice: price(10), PromptPriceUnit: price(1), Currency: "USD", Latency: time.Second,
	}
	second := first
	second.PromptUnitPrice, second.CompletionUnitPrice, second.CompletionPriceUnit = price(20), price(30), price(2)
	both := llm.Usage{
		PromptTokens: 2, CompletionTokens: 4, TotalTokens: 6, PromptPrice: price(2), CompletionPrice: price(4), TotalPrice: price(6),
		PromptUnitPrice: price(10), PromptPriceUnit: price(1), CompletionUnitPrice: price(30), CompletionPriceUnit: price(2),
		Currency: "USD", Latency: 2 * time.Second,
	}
	foreign := first
	foreign.Currency = "EUR"
	tokens := first
	tokens.PromptTokens, tokens.CompletionTokens, tokens.TotalTokens, tokens.Latency = 2, 4, 6, 2*time.Second
	for name, test := range map[string]struct{ a, b, want llm.Usage }{
		"nothing and one":    {llm.Usage{}, first, first},
		"one and nothing":    {first, llm.Usage{}, first},
		"two":                {first, second, both},
		"another currency":   {first, foreign, tokens},
		"none and a foreign": {llm.Usage{TotalTokens: 1}, llm.Usage{Currency: "EUR", TotalPrice: price(1)}, llm.Usage{TotalTokens: 1, Currency: "EUR", TotalPrice: price(1)}},
	} {
		if diff := cmp.Diff(test.want, test.a.Add(test.b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
