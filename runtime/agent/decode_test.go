package agent_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/llm"
)

// chosenModel is a model as Dify sends it.
const chosenModel = `{
	"provider": "langgenius/openai/openai", "model": "gpt-4o", "model_type": "llm", "mode": "chat", "type": "model-selector",
	"completion_params": {"temperature": 0.2, "stop": ["END"]},
	"entity": {
		"model": "gpt-4o", "label": {"zh_Hans": null, "en_US": "GPT-4o", "pt_BR": null}, "model_type": "llm",
		"features": ["multi-tool-call", "agent-thought", "stream-tool-call", "vision"], "fetch_from": "predefined-model",
		"model_properties": {"mode": "chat", "context_size": 128000}, "deprecated": false,
		"parameter_rules": [{
			"name": "temperature", "use_template": "temperature", "label": {"zh_Hans": "温度", "en_US": "Temperature"}, "type": "float",
			"help": null, "required": false, "default": 0.0, "min": 0.0, "max": 1.0, "precision": 2, "options": []
		}],
		"pricing": {"input": "2.50", "output": "10.00", "unit": "0.000001", "currency": "USD"}
	},
	"history_prompt_messages": [
		{"role": "user", "content": "hi", "name": null},
		{"role": "assistant", "content": "hello", "name": null, "tool_calls": []},
		{"role": "user", "content": [{"type": "text", "data": "and this?"}, {"type": "image", "format": "png", "base64_data": "", "url": "https://example.com/a.png", "mime_type": "image/png", "filename": "", "detail": "high"}], "name": null}
	]
}`

// chosenTools are tools as Dify sends them: one of a plugin, and one of an MCP server.
const chosenTools = `[{
	"identity": {"author": "langgenius", "name": "search", "label": {"en_US": "Search", "zh_Hans": "搜索"}, "provider": "langgenius/google/google", "icon": null},
	"parameters": [
		{"name": "query", "label": {"en_US": "Query"}, "placeholder": null, "scope": null, "auto_generate": null, "template": null, "required": true,
		 "default": null, "min": null, "max": null, "precision": null, "options": [], "type": "string", "human_description": {"en_US": "What to look for"},
		 "form": "llm", "llm_description": "words to look for", "multiple": false, "input_schema": null},
		{"name": "hl", "label": {"en_US": "Language"}, "required": false, "default": "en", "options": [{"value": "en", "label": {"en_US": "English"}, "icon": ""}],
		 "type": "select", "human_description": {"en_US": "Language"}, "form": "form", "llm_description": null}
	],
	"description": {"human": {"en_US": "Search the web"}, "llm": "Searches the web."}, "output_schema": {}, "has_runtime_parameters": false,
	"runtime_parameters": {"hl": "de"}, "credential_id": "c-1", "provider_type": "builtin"
}, {
	"identity": {"author": "a", "name": "list.files", "label": {"en_US": "List"}, "provider": "files", "icon": null},
	"parameters": [{"name": "filter", "label": {"en_US": "Filter"}, "type": "object", "form": "llm", "required": "true", "min": "1", "max": 2, "precision": 0, "llm_description": "",
		"input_schema": {"type": "object", "properties": {"name": {"type": "string"}}}}],
	"description": null, "output_schema": null, "has_runtime_parameters": null, "runtime_parameters": null, "credential_id": null, "provider_type": "mcp"
}]`

// decoder returns a decoder of one field, of that value in JSON.
func decoder(tb testing.TB, value string) runtime.Decoder {
	tb.Helper()
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		tb.Fatal(err)
	}
	return runtime.NewParameterDecoder("Function calling", map[string]any{"field": v})
}

func decodeModel(tb testing.TB, value string) (agent.Model, error) {
	tb.Helper()
	d := decoder(tb, value)
	m := agent.DecodeModel(&d, "field", "Model")
	return m, d.Err()
}

func decodeTools(tb testing.TB, value string) ([]agent.Tool, error) {
	tb.Helper()
	d := decoder(tb, value)
	tools := agent.DecodeTools(&d, "field", "Tools", runtime.FieldOptional)
	return tools, d.Err()
}

func TestDecodeModel(t *testing.T) {
	t.Parallel()
	m, err := decodeModel(t, chosenModel)
	if err != nil {
		t.Fatal(err)
	}
	want := agent.Model{
		ModelSelector: runtime.ModelSelector{
			Provider: "langgenius/openai/openai", Model: "gpt-4o", ModelType: "llm", Mode: "chat",
			CompletionParams: map[string]any{"temperature": 0.2, "stop": []any{"END"}},
		},
		Schema: &runtime.ModelSchema{
			Model: "gpt-4o", Label: "GPT-4o", Labels: map[string]string{"zh_Hans": "", "pt_BR": ""}, Type: "llm", FetchFrom: "predefined-model",
			Features:   []runtime.ModelFeature{"multi-tool-call", "agent-thought", "stream-tool-call", "vision"},
			Properties: map[string]any{"mode": "chat", "context_size": 128000.0},
			Parameters: []runtime.ParameterRule{{
				Name: "temperature", Template: "temperature", Label: "Temperature", Labels: map[string]string{"zh_Hans": "温度"}, Type: "float",
				Default: 0.0, Min: runtime.Some(0.0), Max: runtime.Some(1.0), Precision: runtime.Some(2), Options: []string{},
			}},
			Pricing: &runtime.ModelPricing{
				Input: runtime.NewDecimal(25, -1), Output: runtime.NewDecimal(10, 0), Unit: runtime.NewDecimal(1, -6), Currency: "USD",
			},
		},
		History: []llm.Message{
			llm.User("hi"), llm.Assistant("hello"),
			llm.User("and this?", &llm.Image{URL: "https://example.com/a.png", Format: "png", MIMEType: "image/png", Detail: llm.DetailHigh}),
		},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("model (-want +got):\n%s", diff)
	}
	if !m.Supports(runtime.FeatureVision) || m.Supports(runtime.FeatureAudio) || m.ContextSize() != 128000 {
		t.Errorf("features %v, context size %d", m.Schema.Features, m.ContextSize())
	}
}

func TestDecodeModelLeniently(t *testing.T) {
	t.Parallel()
	const model = `"provider":"p","model":"m","model_type":"llm"`
	for name, test := range map[string]struct{ value, want, err string }{
		"bare":                    {`{` + model + `}`, `null`, ""},
		"nulls":                   {`{` + model + `,"entity":null,"history_prompt_messages":null,"completion_params":null,"mode":null}`, `null`, ""},
		"as text":                 {`"{\"provider\":\"p\",\"model\":\"m\",\"entity\":\"{\\\"model\\\":\\\"m\\\"}\"}"`, `m [] map[]`, ""},
		"an entity that is odd":   {`{` + model + `,"entity":{"model":"m","label":5,"features":["vision",3,null],"model_properties":{"a":1},"parameter_rules":[{"name":7},{"name":"t"}],"pricing":"free"}}`, `m [vision ] map[a:1] t`, ""},
		"an entity of no sort":    {`{` + model + `,"entity":7}`, `null`, "Function calling: Model (field.entity) must be an object"},
		"messages that are wrong": {`{` + model + `,"history_prompt_messages":[{"role":"user","content":"a"},7,{"content":"b"},{"role":"user","content":[{"type":"hologram"}]}]}`, `null`, "Function calling: Model (field.history_prompt_messages[1]) must be a message; Model (field.history_prompt_messages[2]) must be a message; Model (field.history_prompt_messages[3]) must be a message"},
		"no list":                 {`{` + model + `,"history_prompt_messages":{}}`, `null`, "Function calling: Model (field.history_prompt_messages) must be a list"},
		"no model":                {`{"provider":"p"}`, `null`, "Function calling: Model (field) must be a model: an object with provider, model and model_type"},
		"nothing":                 {`null`, `null`, "Function calling: Model (field) is required"},
		"empty":                   {`{}`, `null`, "Function calling: Model (field) is required"},
		"a word":                  {`"gpt"`, `null`, "Function calling: Model (field) must be an object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := decodeModel(t, test.value)
			if got := errorText(err); got != test.err {
				t.Errorf("got error %q\nwant      %q", got, test.err)
			}
			got := "null"
			if s := m.Schema; s != nil {
				got = strings.TrimSpace(s.Model + " " + sprint(s.Features) + " " + sprint(s.Properties))
				if len(s.Parameters) > 0 {
					got += " " + s.Parameters[0].Name
				}
			}
			if got != test.want {
				t.Errorf("got schema %s, want %s", got, test.want)
			}
		})
	}
}

func TestDecodeOptionalModel(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{`null`: false, `""`: false, `{}`: false, `{"provider":"p","model":"m"}`: true} {
		d := decoder(t, value)
		m := agent.DecodeOptionalModel(&d, "field", "Model")
		if err := d.Err(); err != nil || (m != nil) != want {
			t.Errorf("%s: got %v, %v", value, m, err)
		}
	}
}

func TestDecodeTools(t *testing.T) {
	t.Parallel()
	tools, err := decodeTools(t, chosenTools)
	if err != nil {
		t.Fatal(err)
	}
	want := []agent.Tool{{
		Name: "search", Label: "Search", Provider: "langgenius/google/google", ProviderType: "builtin", Description: "Searches the web.",
		RuntimeParameters: map[string]any{"hl": "de"}, CredentialID: "c-1", OutputSchema: map[string]any{},
		Parameters: []agent.Parameter{
			{Parameter: runtime.Parameter{
				Name: "query", Label: "Query", Description: "What to look for", LLMDescription: "words to look for", Type: "string", Form: "llm", Required: true,
			}},
			{Parameter: runtime.Parameter{
				Name: "hl", Label: "Language", Description: "Language", Type: "select", Form: "form", Default: "en",
				Options: []runtime.Choice{{Value: "en", Label: "English"}},
			}},
		},
	}, {
		Name: "list.files", Label: "List", Provider: "files", ProviderType: "mcp",
		Parameters: []agent.Parameter{{
			Parameter: runtime.Parameter{
				Name: "filter", Label: "Filter", Type: "object", Form: "llm", Required: true,
				Min: runtime.Some(1.0), Max: runtime.Some(2.0), Precision: runtime.Some(0),
			},
			Schema: map[string]any{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}}},
		}},
	}}
	if diff := cmp.Diff(want, tools); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
}

func TestDecodeToolsLeniently(t *testing.T) {
	t.Parallel()
	const one = `{"identity":{"name":"n","provider":"p"}}`
	for name, test := range map[string]struct {
		value string
		want  int
		err   string
	}{
		"nothing":       {`null`, 0, ""},
		"none":          {`[]`, 0, ""},
		"bare":          {`[` + one + `]`, 1, ""},
		"one":           {one, 1, ""},
		"as text":       {`"[{\"identity\":\"{\\\"name\\\":\\\"n\\\",\\\"provider\\\":\\\"p\\\"}\",\"parameters\":\"[{\\\"name\\\":\\\"q\\\"}]\"}]"`, 1, ""},
		"words":         {`["a", 5]`, 0, "Function calling: Tools (field[0]) must be an object; Tools (field[1]) must be an object"},
		"empty objects": {`[{}]`, 1, "Function calling: Tools (field[0].identity.name) is required; Tools (field[0].identity.provider) is required"},
		"everything else": {
			`[{"identity":{"name":1,"provider":"p","label":2},"parameters":[{"name":"a","required":"perhaps","min":"low","options":[4]},"b",{"form":"llm"}],"runtime_parameters":[],"provider_type":{}}]`, 1,
			"Function calling: Tools (field[0].identity.name) must be text; Tools (field[0].identity.label) must be an object; Tools (field[0].provider_type) must be text; " +
				"Tools (field[0].runtime_parameters) must be an object; Tools (field[0].parameters[1]) must be an object; " +
				"Tools (field[0].parameters[0].required) must be true or false; Tools (field[0].parameters[0].min) must be a number; " +
				"Tools (field[0].parameters[0].options[0]) must be an object; Tools (field[0].parameters[2].name) is required",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tools, err := decodeTools(t, test.value)
			if got := errorText(err); got != test.err {
				t.Errorf("got error %q\nwant      %q", got, test.err)
			}
			if len(tools) != test.want {
				t.Errorf("got %d tools, want %d", len(tools), test.want)
			}
		})
	}
}

// TestManyFaults checks that an error does not grow with what is wrong.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	_, err := decodeTools(t, `[`+strings.Repeat(`{},`, 100_000)+`{}]`)
	if n := len(errorText(err)); n == 0 || n > 10_000 {
		t.Errorf("the error has %d bytes", n)
	}
}

func FuzzDecodeModel(f *testing.F) {
	f.Add(chosenModel)
	f.Add(`{"provider":"p","model":"m","entity":{"features":null,"parameter_rules":[{"min":"x"}]},"history_prompt_messages":[{"role":"tool","content":null}]}`)
	f.Fuzz(func(t *testing.T, value string) {
		if v := any(nil); json.Unmarshal([]byte(value), &v) != nil {
			return
		}
		m, err := decodeModel(t, value)
		if err == nil && (m.IsZero() || len(errorText(err)) > 0) {
			t.Errorf("no error, but no model: %+v", m)
		}
		for _, message := range m.History {
			if message.Role == "" {
				t.Error("a message without a role")
			}
		}
	})
}

func FuzzDecodeTools(f *testing.F) {
	f.Add(chosenTools)
	f.Add(`[{"identity":{"name":"n","provider":"p"},"parameters":[{"name":"a","form":"llm","type":"select","multiple":true,"options":[{"value":true}]}]}]`)
	f.Fuzz(func(t *testing.T, value string) {
		if v := any(nil); json.Unmarshal([]byte(value), &v) != nil {
			return
		}
		tools, err := decodeTools(t, value)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		set := agent.NewToolset(noTools, tools)
		names := make(map[string]bool)
		for _, tool := range set.ForModel() {
			data, err := json.Marshal(tool)
			if err != nil || !json.Valid(data) {
				t.Errorf("a tool that cannot be encoded: %v", err)
			}
			if names[tool.Name] || len(tool.Name) > 64 || set.Find(tool.Name) == nil {
				t.Errorf("the name %q", tool.Name)
			}
			names[tool.Name] = true
		}
		if len(names) != len(tools) {
			t.Errorf("%d names of %d tools", len(names), len(tools))
		}
	})
}
