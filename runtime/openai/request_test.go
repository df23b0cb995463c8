package openai_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/openai"
)

var hello = stream(delta(`"content":"Hello"`), finish("stop"), usage, "[DONE]")

// object decodes JSON.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var (
	schema = &llm.JSONSchema{Name: "answer", Schema: json.RawMessage(`{"type":"object"}`), Strict: true}
	text   = &llm.Text{Text: "What is this?"}
)

// requests are changes of a call, and what services get of it beyond what all have.
var requests = map[string]struct {
	change func(*llm.Call[form, parameters])
	want   string // beyond what all have
}{
	"nothing": {func(*llm.Call[form, parameters]) {}, `{}`},
	"no stream": {
		func(c *llm.Call[form, parameters]) { c.Stream = false }, `{"stream":false,"stream_options":null}`,
	},
	"a service that cannot stream": {
		func(c *llm.Call[form, parameters]) {
			c.Credentials.config = func(c *openai.Config) { c.NoStream = true }
		}, `{"stream":false,"stream_options":null}`,
	},
	"a service that knows no usage in streams": {
		func(c *llm.Call[form, parameters]) {
			c.Credentials.config = func(c *openai.Config) { c.NoStreamUsage = true }
		}, `{"stream_options":null}`,
	},
	"another name of the model": {
		func(c *llm.Call[form, parameters]) {
			c.Credentials.config = func(c *openai.Config) { c.Model = "vendor/small" }
		}, `{"model":"vendor/small"}`,
	},
	"a provider that prepares requests": {
		func(c *llm.Call[form, parameters]) {
			c.Parameters = parameters{"max_tokens": 5}
			c.Credentials.config = func(c *openai.Config) {
				c.Prepare = func(r *openai.Request) {
					r.Body["max_completion_tokens"], r.Body["path"], r.Body["base"] = r.Body["max_tokens"], r.Path, r.Call.BaseModelName
					delete(r.Body, "max_tokens")
					delete(r.Body, "user")
				}
			}
			c.BaseModelName = "gpt-4o"
		}, `{"max_completion_tokens":5,"path":"chat/completions","base":"gpt-4o","user":null}`,
	},
	"no user": {
		func(c *llm.Call[form, parameters]) { c.UserID = "" }, `{"user":null}`,
	},
	"parameters": {
		func(c *llm.Call[form, parameters]) {
			c.Parameters = parameters{
				"temperature": 0.0, "max_tokens": int64(5), "logprobs": false, "reasoning_effort": "low", "user": "mine", "logit_bias": map[string]any{"1": 1.0},
				"null": nil, "text": "", "list": []any{}, "object": map[string]any{}, "pointer": (*int)(nil), "strings": []string{},
			}
		}, `{"temperature":0,"max_tokens":5,"logprobs":false,"reasoning_effort":"low","user":"mine","logit_bias":{"1":1}}`,
	},
	"stops": {
		func(c *llm.Call[form, parameters]) { c.Stop = []string{"\n", "END"} }, `{"stop":["\n","END"]}`,
	},
	"a schema": {
		func(c *llm.Call[form, parameters]) {
			c.JSONSchema, c.Parameters = schema, parameters{"response_format": "json_schema", "json_schema": `{"type":"object"}`}
		}, `{"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}}}`,
	},
	"a schema without a name, of a model without the parameter": {
		func(c *llm.Call[form, parameters]) {
			c.JSONSchema = &llm.JSONSchema{Schema: schema.Schema}
		}, `{"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object"}}}}`,
	},
	"a schema that does not count": {
		func(c *llm.Call[form, parameters]) {
			c.JSONSchema, c.Parameters = schema, parameters{"response_format": "text", "json_schema": `{}`}
		}, `{"response_format":{"type":"text"}}`,
	},
	"a JSON object": {
		func(c *llm.Call[form, parameters]) { c.Parameters = parameters{"response_format": "json_object"} }, `{"response_format":{"type":"json_object"}}`,
	},
	"a JSON object, in Dify's older word": {
		func(c *llm.Call[form, parameters]) { c.Parameters = parameters{"response_format": "JSON"} }, `{"response_format":{"type":"json_object"}}`,
	},
	"XML":                {func(c *llm.Call[form, parameters]) { c.Parameters = parameters{"response_format": "XML"} }, `{}`},
	"no response format": {func(c *llm.Call[form, parameters]) { c.Parameters = parameters{"response_format": ""} }, `{}`},
	"a response format that is made": {
		func(c *llm.Call[form, parameters]) {
			c.Parameters = parameters{"response_format": map[string]any{"type": "grammar"}}
		}, `{"response_format":{"type":"grammar"}}`,
	},
	"tools": {
		func(c *llm.Call[form, parameters]) {
			c.Tools = []llm.Tool{{Name: "weather", Description: "The weather", Parameters: map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}}}, {Name: "time"}}
		}, `{"tool_choice":"auto","tools":[
			{"type":"function","function":{"name":"weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
			{"type":"function","function":{"name":"time","parameters":{"type":"object","properties":{}}}}]}`,
	},
	"a choice of tools": {
		func(c *llm.Call[form, parameters]) {
			c.Tools, c.Parameters = []llm.Tool{{Name: "time"}}, parameters{"tool_choice": "required", "parallel_tool_calls": false}
		}, `{"tool_choice":"required","parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"time","parameters":{"type":"object","properties":{}}}}]}`,
	},
	"roles": {
		func(c *llm.Call[form, parameters]) {
			call := weather("a", "")
			c.Messages = []llm.Message{
				llm.System("Be nice."), {Role: llm.RoleDeveloper, Parts: []llm.Part{text}}, {Role: llm.RoleUser, Name: "bob", Parts: []llm.Part{text}}, llm.User(""),
				llm.Assistant("Let me see.", call, weather("b", `{"city":"Ulm"}`)), llm.ToolResult(call, "rain"), llm.Assistant("", call),
			}
		}, `{"messages":[
			{"role":"system","content":"Be nice."},{"role":"developer","content":"What is this?"},{"role":"user","content":"What is this?","name":"bob"},{"role":"user","content":""},
			{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}}]},
			{"role":"tool","content":"rain","tool_call_id":"a"},
			{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{}"}}]}]}`,
	},
	"thoughts": {
		func(c *llm.Call[form, parameters]) {
			const thoughts = "<think>\nHmm.\n</think>"
			c.Messages = []llm.Message{
				llm.User("What is <think>a</think>?"), llm.Assistant(thoughts + "A tag."), llm.User("Sure?"), llm.Assistant(thoughts, weather("a", "{}")), llm.ToolResult(weather("a", ""), thoughts),
				{Role: llm.RoleAssistant, Parts: []llm.Part{&llm.Text{Text: "<think>\n\n</think>"}, &llm.Text{Text: "See:"}, &llm.Image{URL: "https://example.com/a.png"}}},
			}
		}, `{"messages":[
			{"role":"user","content":"What is <think>a</think>?"},{"role":"assistant","content":"A tag."},{"role":"user","content":"Sure?"},
			{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{}"}}]},{"role":"tool","content":"<think>\nHmm.\n</think>","tool_call_id":"a"},
			{"role":"assistant","content":[{"type":"text","text":"See:"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`,
	},
	"tools in the older form": {
		func(c *llm.Call[form, parameters]) {
			c.Credentials.config = func(c *openai.Config) { c.Functions = true }
			call := weather("a", `{"city":"Ulm"}`)
			c.Tools = []llm.Tool{{Name: "weather", Description: "The weather"}}
			c.Messages = []llm.Message{llm.User("How is the weather?"), llm.Assistant("", call), llm.ToolResult(call, "rain")}
		}, `{"functions":[{"name":"weather","description":"The weather","parameters":{"type":"object","properties":{}}}],"messages":[
			{"role":"user","content":"How is the weather?"},{"role":"assistant","content":"","function_call":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}},
			{"role":"function","name":"weather","content":"rain"}]}`,
	},
	"images": {
		func(c *llm.Call[form, parameters]) {
			c.Messages = []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{text, &llm.Image{Data: []byte{0, 1}, MIMEType: "image/png", Detail: llm.DetailHigh}, &llm.Image{URL: "https://example.com/a.png", MIMEType: "image/png"}}}}
		}, `{"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAE=","detail":"high"}},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`,
	},
	"audio": {
		func(c *llm.Call[form, parameters]) {
			c.Messages = []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{
				&llm.Audio{Data: []byte{0, 1}, MIMEType: "audio/mpeg", Format: "mpga"}, &llm.Audio{Data: []byte{0, 1}, MIMEType: "audio/x-wav"}, &llm.Audio{Data: []byte{0, 1}, MIMEType: "audio/x", Filename: "a.FLAC"},
				&llm.Audio{URL: "https://example.com/a.mp3", MIMEType: "audio/mpeg"},
			}}}
		}, `{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAE=","format":"mp3"}},{"type":"input_audio","input_audio":{"data":"AAE=","format":"wav"}},
			{"type":"input_audio","input_audio":{"data":"AAE=","format":"flac"}},{"type":"audio_url","audio_url":{"url":"https://example.com/a.mp3"}}]}]}`,
	},
	"videos and documents": {
		func(c *llm.Call[form, parameters]) {
			c.Messages = []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{
				&llm.Video{Data: []byte{0, 1}, MIMEType: "video/mp4"}, &llm.Document{Data: []byte{0, 1}, MIMEType: "application/pdf", Filename: "a.pdf"}, &llm.Document{URL: "https://example.com/b", MIMEType: "text/plain"},
			}}}
		}, `{"messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAE="}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAE="}},
			{"type":"file","file":{"filename":"document.txt","file_data":"https://example.com/b"}}]}]}`,
	},
}

// TestRequest checks what services get.
func TestRequest(t *testing.T) {
	t.Parallel()
	for name, test := range requests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, say(http.StatusOK, hello))
			call := chatCall(s.URL)
			test.change(call)
			if _, _, err := ask(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			want := object(t, `{"model":"small","messages":[{"role":"user","content":"hello"}],"stream":true,"stream_options":{"include_usage":true},"user":"u1"}`)
			for name, v := range object(t, test.want) {
				if want[name] = v; v == nil {
					delete(want, name)
				}
			}
			got := s.got()[0]
			if diff := cmp.Diff(want, got.Body); diff != "" || got.Path != "/v1/chat/completions" {
				t.Errorf("%s (-want +got):\n%s", got.Path, diff)
			}
			accept := "application/json"
			if want["stream"] == true {
				accept = "text/event-stream"
			}
			for name, want := range map[string]string{"Authorization": "Bearer " + key, "Content-Type": "application/json", "Accept": accept} {
				if got.Header.Get(name) != want {
					t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
				}
			}
		})
	}
}

func TestNoSchema(t *testing.T) {
	t.Parallel()
	s := serve(t, say(http.StatusOK, hello))
	call := chatCall(s.URL)
	call.Parameters = parameters{"response_format": "json_schema"}
	_, _, err := ask(t.Context(), call)
	checkError(t, err, runtime.ErrorInvokeBadRequest, "the response format is json_schema, but the JSON schema is missing")
	if len(s.got()) > 0 {
		t.Error("a request has been sent")
	}
}

// TestAuthorize says how services know who asks.
func TestAuthorize(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config func(*openai.Config)
		want   map[string]string
		path   string
	}{
		"white space around the key": {func(c *openai.Config) { c.APIKey = runtime.NewSecret(" k\r\n") }, map[string]string{"Authorization": "Bearer k"}, ""},
		"no key":                     {func(c *openai.Config) { c.APIKey = runtime.Secret{} }, map[string]string{"Authorization": ""}, ""},
		"a password":                 {func(c *openai.Config) { c.Authorize = func(r *http.Request) { r.SetBasicAuth("u", "p") } }, map[string]string{"Authorization": "Basic dTpw"}, ""},
		"a header": {func(c *openai.Config) {
			c.Authorize = func(r *http.Request) { r.Header.Del("Authorization"); r.Header.Set("api-key", "k") }
		}, map[string]string{"Authorization": "", "Api-Key": "k"}, ""},
		"a query": {func(c *openai.Config) {
			c.BaseURL += "/v1?api-version=1"
			c.Authorize = func(r *http.Request) { r.URL.RawQuery += "&key=k" }
		}, nil, "/v1/chat/completions?api-version=1&key=k"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, say(http.StatusOK, hello))
			call := chatCall(s.URL)
			call.Credentials.config = test.config
			if _, _, err := ask(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			got := s.got()[0]
			for name, want := range test.want {
				if got.Header.Get(name) != want {
					t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
				}
			}
			if test.path != "" && got.Path != test.path {
				t.Errorf("%s, want %s", got.Path, test.path)
			}
		})
	}
}

// TestWrongKey checks that users read what is wrong with a key that cannot be sent.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	s := serve(t, say(http.StatusOK, hello))
	call := chatCall(s.URL)
	call.Credentials.config = func(c *openai.Config) { c.APIKey = runtime.NewSecret("sk-first\nsk-second") }
	const want = "the API key has a line break or another character that no key has"
	_, _, err := ask(t.Context(), call)
	checkError(t, err, runtime.ErrorInvokeAuthorization, want)
	checkPlain(t, newBase().CheckProvider(t.Context(), call.Credentials), want, false)
	if len(s.got()) > 0 {
		t.Error("a request has been sent")
	}
}

// TestDemands checks that services that refuse what they could do without are asked again.
func TestDemands(t *testing.T) {
	t.Parallel()
	const (
		noUsage  = `{"error":{"message":"Unrecognized request argument supplied: stream_options","code":null}}`
		inStream = `{"error":{"message":"This model only supports stream mode, please enable the stream parameter."}}`
		newLimit = `{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}`
	)
	options := map[string]any{"include_usage": true}
	for name, test := range map[string]struct {
		status   int
		refusals []string
		change   func(*llm.Call[form, parameters])
		want     map[string]any // of the last request; nil if there is one only
	}{
		"no usage":                     {400, []string{noUsage}, nil, map[string]any{"stream": true, "stream_options": nil}},
		"no usage, in FastAPI's words": {422, []string{`{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted: include_usage"}]}`}, nil, map[string]any{"stream": true, "stream_options": nil}},
		"no usage, again":              {400, []string{noUsage, noUsage}, nil, map[string]any{"stream": true, "stream_options": nil}},
		"no usage, which was not asked": {400, []string{noUsage}, func(c *llm.Call[form, parameters]) {
			c.Credentials.config = func(c *openai.Config) { c.NoStreamUsage = true }
		}, nil},
		"a stream": {400, []string{inStream}, func(c *llm.Call[form, parameters]) { c.Stream = false }, map[string]any{"stream": true, "stream_options": options}},
		"a stream of a service without": {400, []string{inStream}, func(c *llm.Call[form, parameters]) {
			c.Credentials.config = func(c *openai.Config) { c.NoStream = true }
		}, nil},
		"another limit":           {400, []string{newLimit}, func(c *llm.Call[form, parameters]) { c.Parameters = parameters{"max_tokens": 5} }, map[string]any{"max_tokens": nil, "max_completion_tokens": 5.0, "stream_options": options}},
		"another limit than none": {400, []string{newLimit}, nil, nil},
		"everything": {
			400, []string{newLimit, inStream, noUsage}, func(c *llm.Call[form, parameters]) { c.Stream, c.Parameters = false, parameters{"max_tokens": 5} },
			map[string]any{"max_tokens": nil, "max_completion_tokens": 5.0, "stream": true, "stream_options": nil},
		},
		"something else": {400, []string{`{"error":{"message":"The prompt is too long"}}`}, nil, nil},
		"another status": {403, []string{noUsage}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusals := test.refusals
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if len(refusals) > 0 {
					refusal := refusals[0]
					refusals = refusals[1:]
					say(test.status, refusal)(w, r)
					return
				}
				say(http.StatusOK, hello)(w, r)
			})
			call := chatCall(s.URL)
			if test.change != nil {
				test.change(call)
			}
			_, _, err := ask(t.Context(), call)
			got := s.got()
			last := got[len(got)-1].Body
			switch again := name == "no usage, again"; {
			case test.want == nil && (len(got) != 1 || err == nil), test.want != nil && (err != nil) != again, again && len(got) != 2:
				t.Errorf("%d requests, %v", len(got), err)
			}
			for name, want := range test.want {
				if diff := cmp.Diff(want, last[name]); diff != "" {
					t.Errorf("%s of the last request (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}
