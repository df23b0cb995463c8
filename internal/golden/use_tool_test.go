package golden_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/notool"
	"github.com/difygen/difygen/testdata/golden/oneway"
	"github.com/difygen/difygen/testdata/golden/toolbox"
	"github.com/difygen/difygen/testdata/golden/trigger"
)

// everything returns a value for every required parameter of the tool everything that has no
// default, as a host may send it.
func everything() map[string]any {
	return map[string]any{
		"text": "t", "ratio": "0.5", "count": 7.0, "color": "1", "label": "l", "flag": "true",
		"photo": map[string]any{"url": "https://files.example/a.png", "size": 3.0},
		"app":   map[string]any{"app_id": "a"},
		"model": map[string]any{"provider": "p", "model": "m", "model_type": "llm"},
	}
}

func TestDecodeToolParameters(t *testing.T) {
	t.Parallel()
	got, err := toolbox.DecodeEverythingParameters(everything())
	if err != nil {
		t.Fatal(err)
	}
	want := toolbox.EverythingParameters{
		Text: "t", TextDefault: "hello", TextNumber: "80", Ratio: 0.5, Scale: 7.5, Count: 7, Pages: 3,
		Color: toolbox.Color1, ColorDefault: toolbox.ColorDefaultGreen, Colors: []toolbox.Colors{toolbox.ColorsRed, toolbox.ColorsGreen},
		Label: "l", Flag: true, FlagOn: true,
		Photo:           runtime.File{URL: "https://files.example/a.png", Size: 3},
		App:             runtime.AppSelector{AppID: "a"},
		Model:           runtime.ModelSelector{Provider: "p", Model: "m", ModelType: "llm"},
		ObjectDefault:   map[string]any{"a": []any{1.0, true, nil, "x"}, "b": map[string]any{"c": 0.5}},
		ListDefault:     []any{1.0, "b"},
		AnythingDefault: 5.0,
		LabelsDefault:   []string{"a", "b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

// TestDecodeToolParameter decodes one parameter at a time.
func TestDecodeToolParameter(t *testing.T) {
	t.Parallel()
	field := func(name string) func(toolbox.EverythingParameters) any {
		return func(p toolbox.EverythingParameters) any { return reflect.ValueOf(p).FieldByName(name).Interface() }
	}
	for _, test := range []struct {
		name  string
		value any
		get   func(toolbox.EverythingParameters) any
		want  any
		err   string
	}{
		{"text", "", nil, nil, "Everything: Text (text) is required"},
		{"text_default", "", field("TextDefault"), "", ""},
		{"text_default", nil, field("TextDefault"), "hello", ""},
		{"text_number", 80.0, field("TextNumber"), "80", ""},
		{"ratio", 2.0, nil, nil, "Everything: Ratio (ratio) must be at most 1"},
		{"ratio", "-1", nil, nil, "Everything: Ratio (ratio) must be at least 0"},
		{"ratio", "many", nil, nil, "Everything: Ratio (ratio) must be a number"},
		{"scale", "", field("Scale"), 7.5, ""},
		{"scale", 1.25, nil, nil, "Everything: Scale (scale) must have at most 1 decimal place"},
		{"limit", "0", nil, nil, "Everything: Limit (limit) must be at least 1"},
		{"limit", 5.0, field("Limit"), runtime.Some(5.0), ""},
		{"limit", nil, field("Limit"), runtime.Optional[float64]{}, ""},
		{"count", "3", field("Count"), int64(3), ""},
		{"count", nil, nil, nil, "Everything: Count (count) is required"},
		{"pages", 11.0, nil, nil, "Everything: Pages (pages) must be at most 10"},
		{"offset", 0.0, field("Offset"), runtime.Some[int64](0), ""},
		{"offset", -1.0, nil, nil, "Everything: Offset (offset) must be at least 0"},
		{"color", "blue", nil, nil, "Everything: Color (color) must be one of red, green, 1"},
		{"color", 1.0, field("Color"), toolbox.Color1, ""},
		{"colors", "green", field("Colors"), []toolbox.Colors{toolbox.ColorsGreen}, ""},
		{"colors", []any{"red", "blue"}, nil, nil, "Everything: Colors (colors) must be a list with any of red, green, 1"},
		{"marks", `["a","b"]`, field("Marks"), []toolbox.Marks{toolbox.MarksA, toolbox.MarksB}, ""},
		{"marks", "b", field("Marks"), []toolbox.Marks{toolbox.MarksB}, ""},
		{"labels", []any{"x", "y"}, field("Labels"), []string{"x", "y"}, ""},
		{"flag_on", "false", field("FlagOn"), false, ""},
		{"token", "s", field("Token"), runtime.NewSecret("s"), ""},
		{"app", nil, nil, nil, "Everything: App (app) is required"},
		{"object_default", map[string]any{"a": nil}, field("ObjectDefault"), map[string]any{"a": nil}, ""},
		{"anything", false, field("Anything"), false, ""},
		{"twice", "text", field("Twice"), "text", ""},
		{"unknown", "x", field("Text"), "t", ""},
	} {
		values := everything()
		values[test.name] = test.value
		got, err := toolbox.DecodeEverythingParameters(values)
		if message := errorText(err); message != test.err {
			t.Errorf("%s = %v: got %q, want %q", test.name, test.value, message, test.err)
			continue
		}
		if test.get != nil {
			if diff := cmp.Diff(test.want, test.get(got)); diff != "" {
				t.Errorf("%s = %v (-want +got):\n%s", test.name, test.value, diff)
			}
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestDecodeToolParametersWrong checks that one error names everything that is wrong.
func TestDecodeToolParametersWrong(t *testing.T) {
	t.Parallel()
	_, err := toolbox.DecodeEverythingParameters(map[string]any{"scale": "x", "object_default": "hunter2"})
	want := "Everything: Text (text) is required; Ratio (ratio) is required; Scale (scale) must be a number; Count (count) is required; " +
		"Color (color) is required; Label (label) is required; Flag (flag) is required; Photo (photo) is required; App (app) is required; " +
		"Model (model) is required; Object default (object_default) must be an object"
	if errorText(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// FuzzDecodeToolParameters decodes any JSON. No input may panic, and no error may be empty or
// contain a text value.
func FuzzDecodeToolParameters(f *testing.F) {
	f.Add([]byte(`{"text":null,"limit":"1e400","offset":1e300,"pages":"9223372036854775808","colors":[[]],"marks":"[","photo":"x","papers":[null]}`))
	f.Add([]byte(`{"helpers":[{}],"object":"{","list":"[1","anything":{},"app":[],"model":"m","flag":"maybe","count":1.5,"count2":-0.0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var fuzzed map[string]any
		if json.Unmarshal(data, &fuzzed) != nil {
			return
		}
		values := everything()
		maps.Copy(values, fuzzed)
		for _, v := range []map[string]any{fuzzed, values} {
			if _, err := toolbox.DecodeEverythingParameters(v); err != nil && !strings.HasPrefix(err.Error(), "Everything: ") {
				t.Errorf("got %v", err)
			}
			if _, err := toolbox.DecodeListIssuesParameters(v); err != nil && !strings.HasPrefix(err.Error(), "List issues: ") {
				t.Errorf("got %v", err)
			}
		}
	})
}

// TestSetters checks what setters send.
func TestSetters(t *testing.T) {
	t.Parallel()
	var sent []string
	out := toolbox.ListIssuesOutput{ToolOutput: runtime.NewToolOutput(func(message runtime.ToolMessage) error {
		data, err := json.Marshal(message)
		sent = append(sent, string(data))
		return err
	})}
	for _, err := range []error{
		out.SetCount(2), out.SetNextPage("n"),
		out.SetOwner(toolbox.ListIssuesOwner{}),
		out.SetIssues([]toolbox.ListIssuesIssuesItem{{Number: 1, Comments: []toolbox.ListIssuesIssuesItemCommentsItem{{Body: "b"}}}}),
		out.SetAssignees([]toolbox.ListIssuesOwner{{Login: "a"}}),
		out.SetTags(nil), out.SetEither(runtime.Optional[string]{}), out.SetEither(runtime.Some("e")),
		out.StreamNextPage("m"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	var got []string
	for _, s := range sent {
		var m struct {
			Type    string
			Message struct {
				Name   string          `json:"variable_name"`
				Value  json.RawMessage `json:"variable_value"`
				Stream bool
			}
		}
		if err := json.Unmarshal([]byte(s), &m); err != nil {
			t.Fatal(err)
		}
		line := m.Type + " " + m.Message.Name + " " + string(m.Message.Value)
		if m.Message.Stream {
			line += " streamed"
		}
		got = append(got, line)
	}
	want := []string{
		"variable count 2", `variable next-page "n"`, `variable owner {"login":"","id":0}`,
		`variable issues [{"number":1,"title":"","labels":[],"comments":[{"body":"b"}]}]`,
		`variable assignees [{"login":"a","id":0}]`, "variable tags []", "variable either null", `variable either "e"`, `variable next-page "m" streamed`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

// routeTest is a request to a route.
type routeTest struct {
	adapter runtime.Adapter
	action  string
	keys    string
	data    map[string]any
	err     string
}

// checkRoutes sends requests.
func checkRoutes(t *testing.T, tests map[string]routeTest) {
	t.Helper()
	for name, test := range tests {
		found := false
		for _, route := range test.adapter.Routes() {
			var keys []string
			for _, k := range route.Keys {
				keys = append(keys, k.Value)
			}
			if route.Action != test.action || strings.Join(keys, " ") != test.keys {
				continue
			}
			found = true
			_, err := route.Serve(t.Context(), &runtime.Request{Data: test.data, Stream: func(any) error { return nil }})
			if got := errorText(err); got != test.err {
				t.Errorf("%s: got %q, want %q", name, got, test.err)
			}
		}
		if !found {
			t.Errorf("%s: no route", name)
		}
	}
}

// TestRoutes checks which requests reach the author's methods, and with which credentials.
func TestRoutes(t *testing.T) {
	t.Parallel()
	stub := runtime.ErrNotImplemented.Error()
	checkRoutes(t, map[string]routeTest{
		"a tool": {
			toolbox.NewProvider(&toolbox.Provider{}), "invoke_tool", "toolbox list_issues",
			map[string]any{"credential_type": "oauth2", "credentials": map[string]any{"access_token": "t"}, "tool_parameters": map[string]any{"repository": "a/b"}}, stub,
		},
		"a tool with wrong credentials": {
			toolbox.NewProvider(&toolbox.Provider{}), "invoke_tool", "toolbox list_issues",
			map[string]any{"credential_type": "oauth2", "tool_parameters": map[string]any{"repository": "a/b"}}, "Toolbox: Access token (access_token) is required",
		},
		"a tool with wrong parameters": {
			toolbox.NewProvider(&toolbox.Provider{}), "invoke_tool", "toolbox list_issues",
			map[string]any{"credential_type": "oauth2", "credentials": map[string]any{"access_token": "t"}}, "List issues: Repository (repository) is required",
		},
		"choices without a type of credentials": {
			toolbox.NewProvider(&toolbox.Provider{}), "fetch_parameter_options", "toolbox list_issues label",
			map[string]any{"credentials": map[string]any{"access_token": "t"}}, stub,
		},
		"parameters": {
			toolbox.NewProvider(&toolbox.Provider{}), "get_tool_runtime_parameters", "toolbox list_issues",
			map[string]any{"credentials": map[string]any{"api_key": "k"}}, stub,
		},
		"a tool without credentials": {
			notool.NewProvider(&notool.Provider{}), "invoke_tool", "notool now",
			map[string]any{"credential_type": "unauthorized", "tool_parameters": map[string]any{"zone": "UTC"}}, stub,
		},
		"choices without credentials": {notool.NewProvider(&notool.Provider{}), "fetch_parameter_options", "notool now zone", nil, stub},
		"one way": {
			oneway.NewProvider(&oneway.Provider{}), "invoke_tool", "oneway whoami",
			map[string]any{"credential_type": "oauth2", "credentials": map[string]any{"access_token": "t"}}, stub,
		},
		"another way": {
			oneway.NewProvider(&oneway.Provider{}), "invoke_tool", "oneway whoami",
			map[string]any{"credential_type": "api-key", "credentials": map[string]any{"access_token": "t"}}, `One way: credential type is not supported: "api-key"`,
		},
		"choices of a subscription": {
			trigger.NewProvider(&trigger.Provider{}), "fetch_parameter_options", "trigger provider repository",
			map[string]any{"credentials": map[string]any{"access_token": "t"}}, "",
		},
	})
}
