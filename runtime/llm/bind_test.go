package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// credentials is what generated code makes of credentials.
type credentials struct{ Key string }

func decodeCredentials(typ runtime.ModelType, values map[string]any) (credentials, error) {
	key, _ := values["key"].(string)
	if key == "" || typ != runtime.ModelTypeLLM {
		return credentials{}, errors.New("Key (key) is required")
	}
	return credentials{key}, nil
}

type (
	call        = llm.Call[credentials, parameters]
	pollingCall = llm.CheckPollingCall[credentials]
)

// models is the interface that generated code demands.
type models interface {
	LLM(ctx context.Context, call *call, out *llm.Output) error
}

// writer is a provider that writes what its function does.
type writer func(call *call, out *llm.Output) error

func (w writer) LLM(_ context.Context, call *call, out *llm.Output) error { return w(call, out) }

// counter is a provider that counts tokens.
type counter struct{ writer }

func (counter) CountTokens(_ context.Context, call *call) (int, error) {
	return len(call.Messages) - 2*len(call.Stop), nil
}

// poller is a provider that polls.
type poller struct {
	writer

	start func(*call) (*llm.Polling, error)
	check func(*pollingCall) (*llm.Polling, error)
}

func (p poller) StartPolling(_ context.Context, call *call) (*llm.Polling, error) {
	return p.start(call)
}

func (p poller) CheckPolling(_ context.Context, call *pollingCall) (*llm.Polling, error) {
	return p.check(call)
}

// request returns a request for the model m, with more fields in JSON.
func request(tb testing.TB, more string) *runtime.ModelRequest {
	tb.Helper()
	var data map[string]any
	if err := json.Unmarshal([]byte(more), &data); err != nil {
		tb.Fatal(err)
	}
	m := modelCall()
	m.ModelType = runtime.ModelTypeLLM
	m.Schema.Features = []runtime.ModelFeature{runtime.FeaturePolling}
	m.Schema.Parameters = []runtime.ParameterRule{{Name: "temperature", Type: runtime.ModelParameterFloat}, {Name: "x", Type: runtime.ModelParameterString}}
	return &runtime.ModelRequest{Request: &runtime.Request{Data: data}, ModelCall: m, Credentials: map[string]any{"key": "k"}}
}

// serve asks a provider, and returns the results in JSON.
func serve(tb testing.TB, provider models, action string, req *runtime.ModelRequest) (results []string, err error) {
	tb.Helper()
	add := func(v any) error {
		data, err := json.Marshal(v)
		results = append(results, string(data))
		return err
	}
	req.Stream = add
	for _, a := range llm.Bind(provider, decodeCredentials, decodeParameters) {
		if a.Name == action && a.Type == runtime.ModelTypeLLM {
			result, err := a.Serve(tb.Context(), req)
			if err == nil && result != nil {
				err = add(result)
			}
			return results, err
		}
	}
	return nil, errors.New("there is no such action")
}

const prompt = `"prompt_messages":[{"role":"user","content":"hi","name":"","tool_calls":null,"tool_call_id":""}]`

// TestInvoke checks what a provider gets of a request, in Dify's own form (PROTOCOL-CALLS, section
// 1.1).
func TestInvoke(t *testing.T) {
	t.Parallel()
	const all = `{"model_parameters":{"temperature":0.5,"x":"y"},"prompt_messages":[
		{"role":"system","content":"s","name":"","tool_calls":null,"tool_call_id":""},
		{"role":"developer","content":[{"type":"text","data":"d"}]},
		{"role":"user","content":[
			{"type":"text","data":"hi","base64_data":"","url":"","format":"","encode_format":"","mime_type":"","filename":"","detail":""},
			{"type":"image","data":"","base64_data":"iVBO","url":"","format":"png","encode_format":"base64","mime_type":"image/png","filename":"a.png","detail":"high"},
			{"type":"document","url":"https://x/a.pdf","format":"pdf","mime_type":"application/pdf"}],"name":"me","tool_calls":[],"tool_call_id":""},
		{"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}],"opaque_body":{"a":[1]}},
		{"role":"tool","content":"res","name":"f","tool_call_id":"c1"}],
		"tools":[{"name":"f","description":"does","parameters":{"type":"object"}}],"stop":["x"],"stream":true,"json_schema":null}`
	want := &call{
		ModelCall: request(t, all).ModelCall, Credentials: credentials{"k"}, Parameters: parameters{Temperature: runtime.Some(0.5), Extra: llm.NewExtra(map[string]any{"x": "y"})},
		Messages: []llm.Message{
			llm.System("s"), {Role: llm.RoleDeveloper, Parts: []llm.Part{&llm.Text{Text: "d"}}},
			{Role: llm.RoleUser, Name: "me", Parts: []llm.Part{
				&llm.Text{Text: "hi"}, &llm.Image{Data: []byte("\x89PN"), Format: "png", MIMEType: "image/png", Filename: "a.png", Detail: llm.DetailHigh},
				&llm.Document{URL: "https://x/a.pdf", Format: "pdf", MIMEType: "application/pdf"},
			}},
			{Role: llm.RoleAssistant, ToolCalls: []llm.ToolCall{{ID: "c1", Type: "function", Name: "f", Arguments: "{}"}}, OpaqueBody: json.RawMessage(`{"a":[1]}`)},
			llm.ToolResult(llm.ToolCall{ID: "c1", Name: "f"}, "res"),
		},
		Tools: []llm.Tool{{Name: "f", Description: "does", Parameters: map[string]any{"type": "object"}}}, Stop: []string{"x"}, Stream: true,
	}
	var got *call
	results, err := serve(t, writer(func(call *call, out *llm.Output) error {
		got = call
		return out.Text("a")
	}), "invoke_llm", request(t, all))
	if err != nil || len(results) != 2 || !strings.Contains(results[0], `"content":"a"`) || !strings.Contains(results[1], `"finish_reason":"stop"`) {
		t.Fatalf("got %q, %v", results, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	if got.System() != "s\n\nd" || len(got.Conversation()) != 3 {
		t.Errorf("system %q, %d messages", got.System(), len(got.Conversation()))
	}
	results, err = serve(t, writer(func(_ *call, out *llm.Output) error { return errors.Join(out.Text("a"), out.Text("b")) }), "invoke_llm", request(t, "{"+prompt+"}"))
	if err != nil || len(results) != 1 || !strings.Contains(results[0], `"content":"ab"`) {
		t.Errorf("without a stream: %q, %v", results, err)
	}
	_, err = serve(t, writer(func(call *call, _ *llm.Output) error {
		got = call
		return nil
	}), "invoke_llm", request(t, `{"tools":[],"stop":null,"stream":null,"model_parameters":null,`+prompt+"}"))
	least := &call{ModelCall: request(t, "{}").ModelCall, Credentials: credentials{"k"}, Messages: []llm.Message{llm.User("hi")}}
	if diff := cmp.Diff(least, got); diff != "" || err != nil {
		t.Errorf("the least call (-want +got):\n%s%v", diff, err)
	}
	failed := errors.New("failed")
	results, err = serve(t, writer(func(_ *call, out *llm.Output) error { return errors.Join(out.Text("a"), failed) }), "invoke_llm", request(t, `{"stream":true,`+prompt+"}"))
	if !errors.Is(err, failed) || len(results) != 1 {
		t.Errorf("after an error: %q, %v", results, err)
	}
}

// TestInvokeRefuses checks the errors of requests that Dify's daemon could not read, and of wrong
// ones.
func TestInvokeRefuses(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{}`:                       "the request has no prompt_messages",
		`{"prompt_messages":null}`: "the request has no prompt_messages",
		`{"prompt_messages":[]}`:   "the request has no prompt_messages",
		`{"prompt_messages":"x"}`:  "prompt_messages and tools of the request must be lists",
		`{"prompt_messages":[5]}`:  "message 1 of the prompt: it must be an object",
		`{"prompt_messages":[{"role":"","content":"x"}]}`:                                                                                 "message 1 of the prompt: it has no role: Dify could not read it",
		`{"prompt_messages":[{"role":"user","content":"x"},{"role":"user","content":null}]}`:                                              "message 2 of the prompt: it has no content: Dify could not read it",
		`{"prompt_messages":[{"role":"user","content":5}]}`:                                                                               "message 1 of the prompt: its content must be a text or a list of parts",
		`{"prompt_messages":[{"role":5,"content":"x"}]}`:                                                                                  "message 1 of the prompt: its role must be a text",
		`{"prompt_messages":[{"role":"user","content":[{"type":"text","data":5}]}]}`:                                                      "message 1 of the prompt: part 1 of its content: its data must be a text",
		`{"prompt_messages":[{"role":"user","content":["x"]}]}`:                                                                           "message 1 of the prompt: part 1 of its content: it must be an object",
		`{"prompt_messages":[{"role":"user","content":[{"type":"image","base64_data":"secret!"}]}]}`:                                      "message 1 of the prompt: part 1 of its content: its base64_data is not base64",
		`{"prompt_messages":[{"role":"user","content":[{"type":"smell"}]}]}`:                                                              "message 1 of the prompt: part 1 of its content: its type is none of text, image, audio, video and document: a newer difygen may know it",
		`{"prompt_messages":[{"role":"assistant","content":"","tool_calls":{}}]}`:                                                         "message 1 of the prompt: its tool_calls must be a list",
		`{"prompt_messages":[{"role":"assistant","content":"","tool_calls":[5]}]}`:                                                        "message 1 of the prompt: tool call 1 must be an object",
		`{"prompt_messages":[{"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"arguments":{}}}]}]}`: "message 1 of the prompt: tool call 1: its arguments must be a text",
		`{"prompt_messages":[{"role":"assistant","content":"","tool_calls":[{"function":5}]}]}`:                                           "message 1 of the prompt: tool call 1: its function must be an object",
		`{` + prompt + `,"stop":"x","stream":5}`:                                                                                          "stop, stream of the request have the wrong type",
		`{` + prompt + `,"tools":{}}`:                                                                                                     "prompt_messages and tools of the request must be lists",
		`{` + prompt + `,"tools":[{"name":""}]}`:                                                                                          "tool 1: a tool has no Name",
		`{` + prompt + `,"tools":["f"]}`:                                                                                                  "tool 1 must be an object",
		`{` + prompt + `,"tools":[{"name":"f","parameters":"{}"}]}`:                                                                       "tool 1: its parameters must be an object",
		`{` + prompt + `,"model_parameters":"x"}`:                                                                                         "model_parameters of the request has the wrong type",
	} {
		_, err := serve(t, writer(nil), "invoke_llm", request(t, data))
		if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorInvalidRequest || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", data, err, want)
		}
	}
	req := request(t, `{`+prompt+`}`)
	req.Credentials = nil
	if _, err := serve(t, writer(nil), "invoke_llm", req); err == nil || err.Error() != "the request has no credentials, which happens if Dify cannot read the rest of it: Key (key) is required" {
		t.Errorf("no credentials: %v", err)
	}
	req = request(t, `{}`) // of which the daemon could read nothing
	req.Credentials = nil
	if _, err := serve(t, writer(nil), "invoke_llm", req); err == nil || err.Error() != "the request has no prompt_messages" {
		t.Errorf("nothing: %v", err)
	}
}

// TestRequestedSchema checks the JSON Schema of a call, in the forms in which Dify sends it.
func TestRequestedSchema(t *testing.T) {
	t.Parallel()
	named := &llm.JSONSchema{Name: "llm_response", Strict: true, Schema: json.RawMessage(`{"type":"object","properties":{"b":{},"a":{}}}`)}
	plain := &llm.JSONSchema{Schema: named.Schema}
	offered := []runtime.ParameterRule{{Name: "response_format", Type: runtime.ModelParameterString, Options: []string{"text", "json_schema"}}}
	other := []runtime.ParameterRule{{Name: "response_format", Type: runtime.ModelParameterString, Options: []string{"text", "json_object"}}}
	const schema = `{"type":"object", "properties":{"b":{},"a":{}}}`
	quoted := func(s string) string { data, _ := json.Marshal(s); return string(data) }
	wrapped := quoted(`{"schema":` + schema + `,"name":"llm_response","strict":true}`)
	for _, test := range []struct {
		name, data string
		rules      []runtime.ParameterRule
		want       *llm.JSONSchema
		wrong      bool
	}{
		{"none", `{` + prompt + `}`, nil, nil, false},
		{"empty", `{` + prompt + `,"model_parameters":{"json_schema":" "}}`, nil, nil, false},
		{"with a name", `{` + prompt + `,"model_parameters":{"json_schema":` + wrapped + `}}`, nil, named, false},
		{"asked for", `{` + prompt + `,"model_parameters":{"json_schema":` + wrapped + `,"response_format":"json_schema"}}`, offered, named, false},
		{"left over", `{` + prompt + `,"model_parameters":{"json_schema":` + wrapped + `,"response_format":"text"}}`, offered, nil, false},
		{"wrong but left over", `{` + prompt + `,"model_parameters":{"json_schema":"{","response_format":"text"}}`, offered, nil, false},
		{"no such format", `{` + prompt + `,"model_parameters":{"json_schema":` + wrapped + `,"response_format":"json_object"}}`, other, named, false},
		{"plain", `{` + prompt + `,"model_parameters":{"json_schema":` + quoted(schema) + `}}`, nil, plain, false},
		{"a field", `{` + prompt + `,"json_schema":{"type":"object"}}`, nil, &llm.JSONSchema{Schema: json.RawMessage(`{"type":"object"}`)}, false},
		{"no JSON", `{` + prompt + `,"model_parameters":{"json_schema":"{secret"}}`, nil, nil, true},
		{"no object", `{` + prompt + `,"model_parameters":{"json_schema":"[]"}}`, nil, nil, true},
		{"null", `{` + prompt + `,"model_parameters":{"json_schema":"null"}}`, nil, nil, true},
		{"a number", `{` + prompt + `,"model_parameters":{"json_schema":5}}`, nil, nil, true},
	} {
		req := request(t, test.data)
		req.ModelCall.Schema.Parameters = test.rules
		var got *llm.JSONSchema
		_, err := serve(t, writer(func(call *call, _ *llm.Output) error {
			got = call.JSONSchema
			return nil
		}), "invoke_llm", req)
		if e := (*runtime.Error)(nil); test.wrong && (!errors.As(err, &e) || e.Type != runtime.ErrorInvokeBadRequest || strings.Contains(err.Error(), "secret")) || !test.wrong && err != nil {
			t.Errorf("%s: error %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestCountTokens checks who counts tokens.
func TestCountTokens(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][2]string{
		`{` + prompt + `,"tools":null}`:                  {`{"num_tokens":1}`, `{"num_tokens":8}`},
		`{` + prompt + `,"stop":["x"]}`:                  {"", `{"num_tokens":8}`}, // counted as -1
		`{"prompt_messages":null,"tools":null}`:          {`{"num_tokens":0}`, `{"num_tokens":0}`},
		`{"prompt_messages":null,"tools":[{}]}`:          {},
		`{"prompt_messages":[{"role":"","content":""}]}`: {},
	} {
		for i, provider := range []models{counter{}, writer(nil)} {
			got, err := serve(t, provider, "get_llm_num_tokens", request(t, data))
			if text := strings.Join(got, ""); text != want[i] || (err == nil) != (want[i] != "") {
				t.Errorf("%s: got %s, %v, want %s", data, text, err, want[i])
			}
		}
	}
}

// TestPolling checks how calls go on on the wire (PROTOCOL-CALLS, section 1.4).
func TestPolling(t *testing.T) {
	t.Parallel()
	const free = `"prompt_unit_price":"0","prompt_price_unit":"0","prompt_price":"0","completion_tokens":0,"completion_unit_price":"0","completion_price_unit":"0","completion_price":"0"`
	for _, test := range []struct {
		name    string
		polling *llm.Polling
		want    string // "" for an error
	}{
		{"running", &llm.Polling{State: json.RawMessage(` {"id":1}`)}, `{"status":"running","plugin_state":{"id":1}}`},
		{
			"when", &llm.Polling{State: json.RawMessage(`{"id":1}`), CheckAfter: 1, GiveUpAfter: 61 * 1e9, MaxAttempts: 3},
			`{"status":"running","plugin_state":{"id":1},"next_check_after_seconds":1,"expires_after_seconds":61,"max_attempts":3}`,
		},
		{"failed", &llm.Polling{Failure: "why"}, `{"status":"failed","error":"why"}`},
		{
			"succeeded", &llm.Polling{Result: &llm.Result{Message: llm.Message{Parts: []llm.Part{&llm.Text{Text: "a"}}}, Usage: llm.Usage{PromptTokens: 1, TotalPrice: decimal("1")}, FinishReason: "x"}},
			`{"status":"succeeded","result":{"model":"m","message":{"role":"assistant","content":"a","tool_calls":[]},"usage":{"prompt_tokens":1,` + free + `,"total_tokens":1,"total_price":"1","currency":"EUR","latency":0}}}`,
		},
		{
			"more", &llm.Polling{Result: &llm.Result{Model: "n", SystemFingerprint: "fp", StructuredOutput: json.RawMessage(`{}`), Usage: llm.Usage{TotalPrice: decimal("1"), Currency: "USD"}}},
			`{"status":"succeeded","result":{"model":"n","message":{"role":"assistant","content":"","tool_calls":[]},"usage":{"prompt_tokens":0,` + free + `,"total_tokens":0,"total_price":"1","currency":"USD","latency":0},"system_fingerprint":"fp","structured_output":{}}}`,
		},
		{"a call without a name", &llm.Polling{Result: &llm.Result{Message: llm.Assistant("", llm.ToolCall{ID: "1"})}}, ""},
		{"less than no tokens", &llm.Polling{Result: &llm.Result{Usage: llm.Usage{TotalTokens: -1}}}, ""},
		{"nil", nil, ""},
		{"nothing", &llm.Polling{}, ""},
		{"two", &llm.Polling{Failure: "x", State: json.RawMessage(`{"a":1}`)}, ""},
		{"an empty state", &llm.Polling{State: json.RawMessage(`{}`)}, ""},
		{"a list", &llm.Polling{State: json.RawMessage(`[1]`)}, ""},
		{"no JSON", &llm.Polling{State: json.RawMessage(`{`)}, ""},
		{"negative", &llm.Polling{State: json.RawMessage(`{"a":1}`), CheckAfter: -1}, ""},
		{"a user", &llm.Polling{Result: &llm.Result{Message: llm.User("x")}}, ""},
		{"a wrong part", &llm.Polling{Result: &llm.Result{Message: llm.Message{Parts: []llm.Part{nil}}}}, ""},
		{"no structure", &llm.Polling{Result: &llm.Result{StructuredOutput: json.RawMessage(`{`)}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := poller{
				start: func(call *call) (*llm.Polling, error) {
					if len(call.Messages) != 1 || call.Credentials.Key != "k" || call.Stream {
						t.Errorf("the call is %+v", call)
					}
					return test.polling, nil
				},
				check: func(call *pollingCall) (*llm.Polling, error) {
					if string(call.State) != `{"id":[1]}` || call.Credentials.Key != "k" {
						t.Errorf("the call is %+v", call)
					}
					return test.polling, nil
				},
			}
			for action, data := range map[string]string{"start_polling": `{` + prompt + `}`, "check_polling": `{"plugin_state":{"id":[1]},"prompt_messages":null}`} {
				got, err := serve(t, p, action, request(t, data))
				if text := strings.Join(got, ""); (err == nil) != (test.want != "") || err == nil && text != test.want {
					t.Errorf("%s: got %s, %v, want %s", action, text, err, test.want)
				}
			}
		})
	}
}

// TestPollingRefuses checks requests that are wrong, and errors of the provider.
func TestPollingRefuses(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	p := poller{
		start: func(*call) (*llm.Polling, error) { return nil, failed },
		check: func(*pollingCall) (*llm.Polling, error) { return nil, failed },
	}
	for _, test := range []struct{ action, data, want string }{
		{"start_polling", `{` + prompt + `}`, "failed"},
		{"start_polling", `{}`, "the request has no prompt_messages"},
		{"check_polling", `{"plugin_state":{"a":1}}`, "failed"},
		{"check_polling", `{"plugin_state":{}}`, "plugin_state of the request must be an object that is not empty"},
		{"check_polling", `{}`, "plugin_state of the request must be an object that is not empty"},
		{"check_polling", `{"plugin_state":[1]}`, "plugin_state of the request must be an object that is not empty"},
	} {
		if _, err := serve(t, p, test.action, request(t, test.data)); err == nil || err.Error() != test.want {
			t.Errorf("%s %s: %v, want %s", test.action, test.data, err, test.want)
		}
	}
	for _, action := range []string{"start_polling", "check_polling"} {
		req := request(t, `{`+prompt+`,"plugin_state":{"a":1}}`)
		req.ModelCall.Schema.Features = []runtime.ModelFeature{runtime.FeatureVision}
		_, err := serve(t, p, action, req)
		if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorUnsupported || err.Error() != "the model m does not have the feature polling" {
			t.Errorf("%s of a model that is not polled: %v", action, err)
		}
	}
	if _, err := serve(t, writer(nil), "start_polling", request(t, `{}`)); err == nil || err.Error() != "there is no such action" {
		t.Errorf("a provider that does not poll: %v", err)
	}
}
