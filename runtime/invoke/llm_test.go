package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// llmChunk is a chunk as Dify sends it.
func llmChunk(content, rest string) string {
	return `{"model":"m","system_fingerprint":"","delta":{"index":0,"message":{"role":"assistant","content":"` + content +
		`","name":"","tool_calls":null,"tool_call_id":""},` + rest + `,"prompt_messages":[]}`
}

const (
	noEnd   = `"usage":null,"finish_reason":null}`
	lastEnd = `"usage":{"prompt_tokens":1,"prompt_unit_price":"0","prompt_price_unit":"0","prompt_price":"0","completion_tokens":2,"completion_unit_price":"0",` +
		`"completion_price_unit":"0","completion_price":"0","total_tokens":3,"total_price":"0.1","currency":"USD","latency":0.5},"finish_reason":"stop"}`
)

func llmUsage() llm.Usage {
	return llm.Usage{PromptTokens: 1, CompletionTokens: 2, TotalTokens: 3, TotalPrice: runtime.NewDecimal(1, -1), Currency: "USD", Latency: 500 * time.Millisecond}
}

func TestLLMRequest(t *testing.T) {
	t.Parallel()
	selected := runtime.ModelSelector{
		Provider: "o/p/p", Model: "m", Mode: "completion", CompletionParams: map[string]any{"temperature": 0.5, "top_p": 1},
	}
	tool := llm.Tool{Name: "now", Description: "d"}
	opaque := []llm.Message{
		{Role: llm.RoleAssistant, OpaqueBody: json.RawMessage(`{"a":1}`)}, llm.User("", &llm.Text{Text: "t", OpaqueBody: json.RawMessage(`{"b":1}`)}),
	}
	t.Cleanup(func() { // after the subtests
		if selected.CompletionParams["temperature"] != 0.5 || selected.CompletionParams["seed"] != nil || opaque[0].OpaqueBody == nil {
			t.Error("a call has changed the parameters of the selected model, or a message")
		}
	})
	for _, test := range []struct {
		name string
		req  invoke.LLMRequest
		want string
		err  string
	}{
		{
			"plain", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}},
			`{"provider":"o/p/p","model":"m","mode":"chat","completion_params":{},"prompt_messages":[{"role":"user","content":"Hi"}],"tools":null,"stop":null,"stream":true}`, "",
		},
		{
			"all", invoke.LLMRequest{
				Model: selected, Messages: []llm.Message{llm.System("s"), llm.User("", &llm.Image{URL: "u", MIMEType: "image/png"})},
				Parameters: map[string]any{"temperature": 0, "seed": 1}, Tools: []llm.Tool{tool},
				ToolChoice: llm.ToolChoice{Mode: llm.ChooseTool, Name: "now"}, Stop: []string{"\n"},
			},
			`{"provider":"o/p/p","model":"m","mode":"completion","completion_params":{"seed":1,"temperature":0,"top_p":1},` +
				`"prompt_messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"image","url":"u","format":"png","mime_type":"image/png","detail":"low"}]}],` +
				`"tools":[{"name":"now","description":"d","parameters":{"properties":{},"type":"object"}}],"tool_choice":{"mode":"tool","name":"now"},"stop":["\n"],"stream":true}`, "",
		},
		{
			"at once", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, NoStream: true},
			`{"provider":"o/p/p","model":"m","mode":"chat","completion_params":{},"prompt_messages":[{"role":"user","content":"Hi"}],"tools":null,"stop":null,"stream":false}`, "",
		},
		{
			"opaque", invoke.LLMRequest{Model: model, Messages: opaque},
			`{"provider":"o/p/p","model":"m","mode":"chat","completion_params":{},"prompt_messages":[{"role":"assistant","content":"","tool_calls":[]},` +
				`{"role":"user","content":[{"type":"text","data":"t","opaque_body":{"b":1}}]}],"tools":null,"stop":null,"stream":true}`, "",
		},
		{"no model", invoke.LLMRequest{Model: runtime.ModelSelector{Provider: "p"}, Messages: []llm.Message{llm.User("Hi")}}, "", noModel},
		{
			"mode", invoke.LLMRequest{Model: runtime.ModelSelector{Provider: "p", Model: "m", Mode: "x"}, Messages: []llm.Message{llm.User("Hi")}},
			"", "the Mode of a model is neither chat nor completion",
		},
		{
			"schema", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Schema: map[string]any{}},
			"", "a call of a language model with a Schema: only Structured takes one",
		},
		{"no messages", invoke.LLMRequest{Model: model}, "", "a call of a language model has no Messages"},
		{"message", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi"), {}}}, "", "message 2: a message has no role"},
		{"tool", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Tools: []llm.Tool{{}}}, "", "tool 1: a tool has no Name"},
		{
			"choice", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, ToolChoice: llm.ToolChoice{Mode: "x"}},
			"", "a tool choice has a mode other than auto, none, required and tool",
		},
		{
			"choice of none", invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, ToolChoice: llm.ToolChoice{Mode: llm.ChooseRequired}},
			"", "a call of a language model that must choose a tool has no Tools",
		},
		{
			"unknown choice", invoke.LLMRequest{
				Model: model, Messages: []llm.Message{llm.User("Hi")}, Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: llm.ChooseTool, Name: "then"},
			},
			"", "a call of a language model that must choose a tool has none of that name in Tools",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var call sent
			result, err := newSession(t, record(&call, reply(llmChunk("a", lastEnd)))).LLM().Generate(context.Background(), &test.req)
			if diff := cmp.Diff(test.want, call.request); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if test.err != "" {
				if err == nil || err.Error() != test.err || result != nil {
					t.Errorf("error: %v, want %s", err, test.err)
				}
				return
			}
			if err != nil || call.typ != "llm" {
				t.Errorf("a call of type %s: %v", call.typ, err)
			}
		})
	}
}

// TestLLMTooLarge has requests that are too large for the transport, which is found before they are
// encoded.
func TestLLMTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 5 << 20
	data, text := make([]byte, limit/4*3), strings.Repeat("x", limit)
	for _, test := range []struct {
		name    string
		message llm.Message
		size    int // 0 for one that fits
	}{
		{"the largest image", llm.User("", &llm.Image{Data: data, MIMEType: "image/png"}), 0},
		{"an image", llm.User("x", &llm.Image{Data: data, MIMEType: "image/png"}), limit + 1},
		{"a recording", llm.User("x", &llm.Audio{Data: data, MIMEType: "audio/mpeg"}), limit + 1},
		{"a video", llm.User("x", &llm.Video{Data: data, MIMEType: "video/mp4"}), limit + 1},
		{"a document", llm.User("x", &llm.Document{Data: data, MIMEType: "application/pdf"}), limit + 1},
		{"a URL", llm.User("", &llm.Document{URL: text + "x", MIMEType: "application/pdf"}), limit + 1},
		{"arguments", llm.Assistant("", llm.ToolCall{Arguments: text + "xx"}), limit + 2},
	} {
		caller := newCaller(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
			if test.size > 0 {
				t.Errorf("%s is encoded", test.name)
			}
			return raw(llmChunk("a", lastEnd)), nil
		})
		caller.limit = limit
		_, err := caller.session().LLM().Generate(context.Background(), &invoke.LLMRequest{Model: model, Messages: []llm.Message{test.message}})
		var got *invoke.TooLargeError
		if (err != nil || test.size > 0) && (!errors.As(err, &got) || got.Size != test.size) {
			t.Errorf("%s: %v, want an error for %d bytes", test.name, err, test.size)
		}
	}
}

func TestLLMStream(t *testing.T) {
	t.Parallel()
	req := &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}
	failed := errors.New("failed")
	for _, test := range []struct {
		name   string
		answer answer
		texts  []string
		err    string
	}{
		{"whole", reply(llmChunk("Hel", noEnd), llmChunk("lo", noEnd), llmChunk("", lastEnd)), []string{"Hel", "lo", ""}, ""},
		{"nothing", reply(), nil, ""},
		{"broken", func(string, json.RawMessage) ([]json.RawMessage, error) { return raw(llmChunk("Hel", noEnd)), failed }, []string{"Hel"}, "failed"},
		{"refused", refusal("no"), nil, "no"},
		{"no chunk", reply(`{"secret":1}`), nil, "the reply of Dify to a call of type llm is not as expected: a chunk has no delta"},
		{"type", reply(`{"model":"m","delta":{"index":"secret"}}`), nil, "delta.index in the reply of Dify to a call of type llm has the wrong type"},
		{"syntax", reply(`secret`), nil, "the reply of Dify to a call of type llm is not as expected"},
		{"price", reply(`{"model":"m","delta":{"usage":{"total_price":"secret"}}}`), nil,
			"the reply of Dify to a call of type llm is not as expected: total_price must be a decimal number such as 0.0015, of at most 64 digits and with an exponent from -64 to 64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			chunks := newSession(t, test.answer).LLM().Stream(context.Background(), req)
			for range 2 { // each loop is a call of its own
				var texts []string
				var last error
				for chunk, err := range chunks {
					if last = err; err == nil {
						texts = append(texts, chunk.Text())
					}
				}
				if diff := cmp.Diff(test.texts, texts); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
				if (last == nil && test.err != "") || (last != nil && last.Error() != test.err) {
					t.Errorf("error: %v, want %q", last, test.err)
				}
			}
		})
	}
	t.Run("left", func(t *testing.T) { // newSession sees whether the replies are closed
		t.Parallel()
		for range newSession(t, reply(llmChunk("a", noEnd), llmChunk("b", noEnd))).LLM().Stream(context.Background(), req) {
			break
		}
	})
}

func TestLLMGenerate(t *testing.T) {
	t.Parallel()
	req := &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}
	const call = `{"model":"m","delta":{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{"}}]}}}`
	const rest = `{"model":"m","delta":{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"","type":"","function":{"name":"","arguments":"}"}}]}}}`
	got, err := newSession(t, reply(llmChunk("Hel", noEnd), llmChunk("lo", noEnd), call, rest, llmChunk("", lastEnd))).LLM().Generate(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := &llm.Result{
		Model: "m", Usage: llmUsage(), FinishReason: llm.FinishStop,
		Message: llm.Assistant("Hello", llm.ToolCall{ID: "1", Type: "function", Name: "f", Arguments: "{}"}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	got, err = newSession(t, reply()).LLM().Generate(context.Background(), req)
	if want := "no reply of Dify to a call of type llm"; err == nil || err.Error() != want || got != nil {
		t.Errorf("no chunk: %v, want %s", err, want)
	}
	got, err = newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		return raw(llmChunk("a", noEnd)), refuse("late")
	}).LLM().Generate(context.Background(), req)
	if err == nil || err.Error() != "late" || got != nil {
		t.Errorf("a late error: %v, %v", got, err)
	}
}

// TestStructuredNull has a pointer, which may be null, and must be there all the same.
func TestStructuredNull(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{`{"grade":null}`: "", `{}`: "the structured output of the model does not fit: grade is missing"} {
		last := llmChunk("", lastEnd)
		last = last[:len(last)-1] + `,"structured_output":` + output + `}`
		var v struct {
			Grade *string `json:"grade" enum:"a,b"`
		}
		_, err := newSession(t, reply(last)).LLM().Structured(context.Background(), &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}, &v)
		if (err != nil || want != "") && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v, want %q", output, err, want)
		}
	}
}

func TestLLMStructured(t *testing.T) {
	t.Parallel()
	type review struct {
		Mood  string `json:"mood" enum:"good,bad"`
		Stars int    `json:"stars,omitempty"`
		Items []struct {
			Name string `json:"name"`
		} `json:"items,omitempty"`
	}
	const schema = `{"additionalProperties":false,"properties":{` +
		`"items":{"items":{"additionalProperties":false,"properties":{"name":{"type":"string"}},"required":["name"],"type":"object"},"type":"array"},` +
		`"mood":{"enum":["good","bad"],"type":"string"},"stars":{"type":"integer"}},"required":["mood"],"type":"object"}`
	request := func(schema string) string {
		return `{"provider":"o/p/p","model":"m","mode":"chat","completion_params":{},"prompt_messages":[{"role":"user","content":"Hi"}],"tools":null,"stop":null,"stream":true,"structured_output_schema":` + schema + `}`
	}
	const fails = "the structured output of the model does not fit"
	for _, test := range []struct {
		name   string
		output string // of the last chunk; empty for none
		schema map[string]any
		into   any
		want   any
		err    string
	}{
		{"typed", `{"mood":"good","stars":3,"items":[{"name":"n"}]}`, nil, new(review), &review{"good", 3, []struct {
			Name string `json:"name"`
		}{{"n"}}}, ""},
		{"given", `{"x":1}`, map[string]any{"type": "object", "required": []string{"x"}}, new(map[string]int), &map[string]int{"x": 1}, ""},
		{"none", ``, nil, new(review), nil, "the model has given no structured output"},
		{"null", `null`, nil, new(review), nil, "the model has given no structured output"},
		{"list", `["secret"]`, nil, new(review), nil, "the structured output of the model is not an object"},
		{"missing", `{"stars":1}`, nil, new(review), nil, fails + ": mood is missing"},
		{"null inside", `{"mood":null}`, nil, new(review), nil, fails + ": mood is missing"},
		{"null of no use", `{"mood":"bad","stars":null,"items":null}`, nil, new(review), &review{Mood: "bad"}, ""},
		{"null allowed", `{"x":null,"y":null}`, map[string]any{
			"required": []string{"x", "y"}, "properties": map[string]any{"x": map[string]any{"type": []string{"string", "null"}}, "y": map[string]any{}},
		}, new(map[string]any), &map[string]any{"x": nil, "y": nil}, ""},
		{"missing inside", `{"mood":"bad","items":[{"name":"n"},{}]}`, nil, new(review), nil, fails + ": items[1].name is missing"},
		{"enum", `{"mood":"secret"}`, nil, new(review), nil, fails + ": mood is none of the values that are allowed"},
		{"enum of a list", `{"mood":["secret"]}`, nil, new(review), nil, fails + ": mood is none of the values that are allowed"},
		{"type", `{"mood":"bad","stars":"secret"}`, nil, new(review), nil, fails + ": stars has the wrong type: want int"},
		{"missing by schema", `{}`, map[string]any{"type": "object", "required": []string{"x"}}, new(map[string]int), nil, fails + ": x is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var call sent
			last := llmChunk("", lastEnd)
			if test.output != "" {
				last = last[:len(last)-1] + `,"structured_output":` + test.output + `}`
			}
			s := newSession(t, record(&call, reply(llmChunk("a", noEnd), last)))
			result, err := s.LLM().Structured(context.Background(), &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Schema: test.schema}, test.into)
			if call.typ != "llm_structured_output" {
				t.Errorf("a call of type %s", call.typ)
			}
			if test.schema == nil {
				if diff := cmp.Diff(request(schema), call.request); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
			}
			if result == nil || result.Usage.TotalTokens != 3 {
				t.Errorf("result: %v", result)
			}
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("error: %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, test.into); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
	_, err := newSession(t, reply()).LLM().Structured(context.Background(), &invoke.LLMRequest{}, new(string))
	if want := "a schema needs a struct or a map"; err == nil || err.Error() != want {
		t.Errorf("a text: %v, want %s", err, want)
	}
	_, err = newSession(t, reply()).LLM().Structured(context.Background(), &invoke.LLMRequest{Schema: map[string]any{"f": func() {}}}, new(review))
	if want := "encoding the schema: json: unsupported type: func()"; err == nil || err.Error() != want {
		t.Errorf("a schema that is not JSON: %v, want %s", err, want)
	}
	_, err = newSession(t, refusal("no")).LLM().Structured(context.Background(), &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}, new(review))
	if err == nil || err.Error() != "no" {
		t.Errorf("refused: %v", err)
	}
}
