package runtime_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

type region string

func (r region) Valid() bool { return r == "eu" || r == "us" || r == "1" || r == "true" }

func regions() []region { return []region{"eu", "us", "1", "true"} }

// shapes decode a field of each shape from the key "k" with the label "Key". Those whose
// name starts with "form " are in a form of a model provider.
var shapes = map[string]func(d *runtime.Decoder) any{
	"text":     func(d *runtime.Decoder) any { return d.Text("k", "Key", runtime.FieldRequired) },
	"text?":    func(d *runtime.Decoder) any { return d.Text("k", "Key", runtime.FieldOptional) },
	"text=5":   func(d *runtime.Decoder) any { return d.TextOr("k", "Key", runtime.FieldOptional, "5") },
	"text=5!":  func(d *runtime.Decoder) any { return d.TextOr("k", "Key", runtime.FieldRequired, "5") },
	"secret":   func(d *runtime.Decoder) any { return d.Secret("k", "Key", runtime.FieldRequired).Reveal() },
	"secret?":  func(d *runtime.Decoder) any { return d.Secret("k", "Key", runtime.FieldOptional).Reveal() },
	"secret=x": func(d *runtime.Decoder) any { return d.SecretOr("k", "Key", runtime.FieldOptional, "x").Reveal() },
	"bool":     func(d *runtime.Decoder) any { return d.Bool("k", "Key", runtime.FieldRequired) },
	"bool?":    func(d *runtime.Decoder) any { return d.Bool("k", "Key", runtime.FieldOptional) },
	"bool=t":   func(d *runtime.Decoder) any { return d.BoolOr("k", "Key", true) },
	"select": func(d *runtime.Decoder) any {
		return runtime.DecodeSelect(d, "k", "Key", runtime.FieldRequired, regions)
	},
	"select?": func(d *runtime.Decoder) any {
		return runtime.DecodeSelect(d, "k", "Key", runtime.FieldOptional, regions)
	},
	"select=eu": func(d *runtime.Decoder) any {
		return runtime.DecodeSelectOr(d, "k", "Key", runtime.FieldOptional, regions, "eu")
	},
	"select=eu!": func(d *runtime.Decoder) any {
		return runtime.DecodeSelectOr(d, "k", "Key", runtime.FieldRequired, regions, "eu")
	},
	"form text=5": func(d *runtime.Decoder) any { return d.TextOr("k", "Key", runtime.FieldRequired, "5") },
	"form bool=t": func(d *runtime.Decoder) any { return d.BoolOr("k", "Key", true) },
	"form select=eu": func(d *runtime.Decoder) any {
		return runtime.DecodeSelectOr(d, "k", "Key", runtime.FieldRequired, regions, "eu")
	},
	"some": func(d *runtime.Decoder) any {
		return runtime.DecodeChoice[region](d, "k", "Key", runtime.FieldRequired, "", "us", "1")
	},
	"some=us": func(d *runtime.Decoder) any {
		return runtime.DecodeChoice[region](d, "k", "Key", runtime.FieldOptional, "us", "us", "1")
	},
	"number":    func(d *runtime.Decoder) any { return d.Number("k", "Key", runtime.FieldRequired) },
	"number?":   func(d *runtime.Decoder) any { return d.Number("k", "Key", runtime.FieldOptional) },
	"number=5":  func(d *runtime.Decoder) any { return d.NumberOr("k", "Key", 5) },
	"texts":     func(d *runtime.Decoder) any { return d.Texts("k", "Key", runtime.FieldRequired) },
	"texts=a,b": func(d *runtime.Decoder) any { return d.TextsOr("k", "Key", runtime.FieldOptional, "a", "b") },
	"choices": func(d *runtime.Decoder) any {
		return runtime.DecodeChoices(d, "k", "Key", runtime.FieldRequired, regions)
	},
	"choices=eu": func(d *runtime.Decoder) any {
		return runtime.DecodeChoices(d, "k", "Key", runtime.FieldRequired, regions, "eu")
	},
	"object":  func(d *runtime.Decoder) any { return d.Object("k", "Key", runtime.FieldRequired) },
	"object?": func(d *runtime.Decoder) any { return d.Object("k", "Key", runtime.FieldOptional) },
	"array":   func(d *runtime.Decoder) any { return d.Array("k", "Key", runtime.FieldRequired) },
	"any":     func(d *runtime.Decoder) any { return d.Any("k", "Key", runtime.FieldRequired) },
	"file":    func(d *runtime.Decoder) any { return d.File("k", "Key", runtime.FieldRequired) },
	"file?":   func(d *runtime.Decoder) any { return d.File("k", "Key", runtime.FieldOptional) },
	"files":   func(d *runtime.Decoder) any { return d.Files("k", "Key", runtime.FieldRequired) },
	"app":     func(d *runtime.Decoder) any { return d.App("k", "Key") },
	"app?":    func(d *runtime.Decoder) any { return d.OptionalApp("k", "Key") },
	"model":   func(d *runtime.Decoder) any { return d.Model("k", "Key") },
	"model?":  func(d *runtime.Decoder) any { return d.OptionalModel("k", "Key") },
	"tools":   func(d *runtime.Decoder) any { return d.Tools("k", "Key", runtime.FieldRequired) },
	"tools?":  func(d *runtime.Decoder) any { return d.Tools("k", "Key", runtime.FieldOptional) },
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const (
		required    = "P: Key (k) is required"
		text        = "P: Key (k) must be text"
		boolean     = "P: Key (k) must be true or false"
		option      = "P: Key (k) must be one of eu, us, 1, true"
		options     = "P: Key (k) must be a list with any of eu, us, 1, true"
		masked      = "P: Key (k) arrived masked from Dify; enter it again"
		encrypted   = "P: Key (k) arrived encrypted from Dify; enter it again"
		notAnApp    = "P: Key (k) must be an app: an object with app_id"
		notAModel   = "P: Key (k) must be a model: an object with provider, model and model_type"
		notTools    = "P: Key (k) must be a list of tools: objects with provider_id and tool_name"
		notAList    = "P: Key (k) must be a list of objects"
		notAnObject = "P: Key (k) must be an object"
	)
	threshold, top := 0.5, 3
	tests := []struct {
		shape, json string
		want        any
		err         string
	}{
		{"text", `{"k":"v"}`, "v", ""},
		{"text", `{}`, "", required},
		{"text", `{"k":null}`, "", required},
		{"text", `{"k":""}`, "", required},
		{"text", `{"k":5}`, "", text},
		{"text", `{"k":["v"]}`, "", text},
		{"text", `{"k":"[__HIDDEN__]"}`, "", masked},
		{"text", `{"k":"[__UNKNOWN__]"}`, "", masked},
		{"secret", `{"k":"[redacted]"}`, "", masked},
		{"text", `{"k":"SFlCUklEOmFiYw=="}`, "", encrypted},
		{"text?", `{}`, "", ""},
		{"text?", `{"k":""}`, "", ""},
		{"text?", `{"k":null,"other":1}`, "", ""},
		{"text?", `{"k":"[__HIDDEN__]"}`, "", masked},
		{"text=5", `{}`, "5", ""},
		{"text=5", `{"k":5}`, "5", ""},
		{"text=5", `{"k":6}`, "", text},
		{"text=5", `{"k":""}`, "", ""},
		{"text=5!", `{}`, "5", ""},
		{"text=5!", `{"k":""}`, "", required},
		{"secret", `{"k":"v"}`, "v", ""},
		{"secret", `{"k":5}`, "", text},
		{"secret", `{"k":"SFlCUklEOmFiYw=="}`, "", encrypted},
		{"secret?", `{}`, "", ""},
		{"secret=x", `{}`, "x", ""},
		{"bool", `{}`, false, required},
		{"bool", `{"k":false}`, false, ""},
		{"bool", `{"k":1}`, true, ""},
		{"bool", `{"k":0}`, false, ""},
		{"bool", `{"k":2}`, false, boolean},
		{"bool", `{"k":"true"}`, true, ""},
		{"bool", `{"k":"false"}`, false, ""},
		{"bool", `{"k":"yes"}`, false, boolean},
		{"bool", `{"k":[]}`, false, boolean},
		{"bool?", `{}`, false, ""},
		{"bool=t", `{}`, true, ""},
		{"bool=t", `{"k":null}`, true, ""},
		{"bool=t", `{"k":false}`, false, ""},
		{"select", `{"k":"eu"}`, region("eu"), ""},
		{"select", `{}`, region(""), required},
		{"select", `{"k":""}`, region(""), required},
		{"select", `{"k":"mars"}`, region(""), option},
		{"select", `{"k":true}`, region("true"), ""},
		{"select", `{"k":1}`, region("1"), ""},
		{"select", `{"k":{}}`, region(""), option},
		{"select", `{"k":"[__HIDDEN__]"}`, region(""), masked},
		{"select?", `{"k":""}`, region(""), ""},
		{"select=eu", `{}`, region("eu"), ""},
		{"select=eu", `{"k":""}`, region(""), ""},
		{"select=eu!", `{}`, region("eu"), ""},
		{"select=eu!", `{"k":""}`, region(""), required},
		{"select=eu!", `{"k":false}`, region(""), option},
		{"form text=5", `{"k":""}`, "5", ""},
		{"form bool=t", `{"k":""}`, true, ""},
		{"form select=eu", `{"k":""}`, region("eu"), ""},
		{"some=us", `{}`, region("us"), ""},
		{"some=us", `{"k":"1"}`, region("1"), ""},
		{"some=us", `{"k":1}`, region("1"), ""},
		{"some=us", `{"k":"eu"}`, region(""), "P: Key (k) must be one of us, 1"},
		{"some=us", `{"k":"[__HIDDEN__]"}`, region(""), masked},
		{"some", `{}`, region(""), required},
		{"select=eu", `{"k":"us"}`, region("us"), ""},
		{"app", `{"k":{"app_id":"a"}}`, runtime.AppSelector{AppID: "a"}, ""},
		{"app", `{}`, runtime.AppSelector{}, required},
		{"app", `{"k":{}}`, runtime.AppSelector{}, required},
		{"app", `{"k":{"app_id":5}}`, runtime.AppSelector{}, notAnApp},
		{"app", `{"k":"a"}`, runtime.AppSelector{}, notAnObject},
		{"app?", `{"k":""}`, (*runtime.AppSelector)(nil), ""},
		{"app?", `{"k":{"app_id":"a"}}`, &runtime.AppSelector{AppID: "a"}, ""},
		{
			"model", `{"k":{"provider":"p","model":"m","model_type":"rerank","mode":"completion","score_threshold":0.5,"top_n":3,"voice":"v","completion_params":{"t":1}}}`,
			runtime.ModelSelector{
				Provider: "p", Model: "m", ModelType: "rerank", Mode: "completion", ScoreThreshold: &threshold, TopN: &top,
				Voice: "v", CompletionParams: map[string]any{"t": 1.0},
			}, "",
		},
		{"model", `{"k":{"provider":"[__HIDDEN__]","model":"m"}}`, runtime.ModelSelector{}, notAModel},
		{"bool", `{"k":""}`, false, required},
		{"bool?", `{"k":""}`, false, ""},
		{"bool=t", `{"k":""}`, true, ""},
		{"model", `{"k":{"provider":"p"}}`, runtime.ModelSelector{}, notAModel},
		{"model", `{"k":{"provider":"p","model":"m","top_n":1.5}}`, runtime.ModelSelector{}, notAModel},
		{"model", `{"k":{"provider":"p","model":"m","completion_params":5}}`, runtime.ModelSelector{}, notAModel},
		{"model?", `{}`, (*runtime.ModelSelector)(nil), ""},
		{"tools", `{"k":[]}`, []runtime.ToolSelector(nil), required},
		{"tools", `{"k":[{"provider_id":"p","tool_name":"t"}]}`, []runtime.ToolSelector{{ProviderID: "p", ToolName: "t"}}, ""},
		{
			"tools", `{"k":[{"provider_id":"p","tool_name":"t","type":"workflow","credential_id":"c","enabled":true}]}`,
			[]runtime.ToolSelector{{ProviderID: "p", ToolType: "workflow", ToolName: "t", CredentialID: "c"}}, "",
		},
		{ // as Dify's pages store it
			"tools", `{"k":[{"provider_name":"p","provider_show_name":"P","type":"builtin","tool_name":"t","tool_label":"T",` +
				`"tool_description":"d","extra":{"description":"e"},"enabled":true,"credential_id":null,` +
				`"settings":{"a":{"value":{"type":"constant","value":1}},"b":{"value":"x"},"none":{"value":null}},` +
				`"parameters":{"q":{"auto":1,"value":null},"n":{"auto":0,"value":{"type":"constant","value":2}}}}]}`,
			[]runtime.ToolSelector{{
				ProviderID: "p", ToolType: "builtin", ToolName: "t", ToolDescription: "e",
				ToolConfiguration: map[string]any{"a": 1.0, "b": "x", "n": 2.0},
				ToolParameters: map[string]any{
					"q": map[string]any{"auto": 1.0, "value": nil},
					"n": map[string]any{"auto": 0.0, "value": map[string]any{"type": "constant", "value": 2.0}},
				},
			}}, "",
		},
		{
			"tools", `{"k":[{"provider_id":"p","tool_name":"off","enabled":false},{"provider_id":"p","tool_name":"t","enabled":null}]}`,
			[]runtime.ToolSelector{{ProviderID: "p", ToolName: "t"}}, "",
		},
		{"tools", `{"k":[{"provider_id":"p","tool_name":"off","enabled":false}]}`, []runtime.ToolSelector(nil), required},
		{"tools", `{"k":[{"provider_id":"p","tool_name":"t","credential_id":7}]}`, []runtime.ToolSelector(nil), notTools},
		{"tools", `{"k":[{"provider_id":"p","tool_name":"t","extra":"e"}]}`, []runtime.ToolSelector(nil), notTools},
		{"tools", `{"k":[{"provider_id":"p","tool_name":"t","extra":{"description":7}}]}`, []runtime.ToolSelector(nil), notTools},
		{"tools", `{"k":[{"provider_id":"p"}]}`, []runtime.ToolSelector(nil), notTools},
		{"tools", `{"k":["t"]}`, []runtime.ToolSelector(nil), notAList},
		{"tools", `{"k":"t"}`, []runtime.ToolSelector(nil), notAList},
		{"tools?", `{}`, []runtime.ToolSelector(nil), ""},
		{"number", `{"k":1.5}`, 1.5, ""},
		{"number", `{"k":"1.5"}`, 1.5, ""},
		{"number", `{"k":""}`, 0.0, required},
		{"number", `{}`, 0.0, required},
		{"number", `{"k":"NaN"}`, 0.0, "P: Key (k) must be a number"},
		{"number", `{"k":[1]}`, 0.0, "P: Key (k) must be a number"},
		{"number?", `{"k":""}`, 0.0, ""},
		{"number=5", `{"k":""}`, 5.0, ""},
		{"number=5", `{"k":0}`, 0.0, ""},
		{"texts", `{"k":["a","b"]}`, []string{"a", "b"}, ""},
		{"texts", `{"k":"a"}`, []string{"a"}, ""},
		{"texts", `{"k":[]}`, []string(nil), required},
		{"texts", `{"k":""}`, []string(nil), required},
		{"texts", `{"k":[1]}`, []string(nil), "P: Key (k) must be a list of text values"},
		{"texts", `{"k":["[__HIDDEN__]"]}`, []string(nil), masked},
		{"texts", `{"k":{}}`, []string(nil), "P: Key (k) must be a list"},
		{"texts=a,b", `{}`, []string{"a", "b"}, ""},
		{"texts=a,b", `{"k":[]}`, []string(nil), ""},
		{"choices", `{"k":["eu",1,true]}`, []region{"eu", "1", "true"}, ""},
		{"choices", `{"k":["eu","mars"]}`, []region(nil), options},
		{"choices", `{}`, []region(nil), required},
		{"choices=eu", `{}`, []region{"eu"}, ""},
		{"object", `{"k":{"a":1}}`, map[string]any{"a": 1.0}, ""},
		{"object", `{"k":[]}`, map[string]any(nil), notAnObject},
		{"object", `{"k":{}}`, map[string]any(nil), required},
		{"object?", `{"k":{}}`, map[string]any(nil), ""},
		{"object?", `{"k":""}`, map[string]any(nil), ""},
		{"object?", `{"k":[]}`, map[string]any(nil), notAnObject},
		{"array", `{"k":[1]}`, []any{1.0}, ""},
		{"array", `{"k":{}}`, []any(nil), "P: Key (k) must be a list"},
		{"any", `{"k":[1]}`, []any{1.0}, ""},
		{"any", `{}`, nil, required},
		{
			"file", `{"k":{"url":"u","filename":"f","extension":".e","mime_type":"m","type":"image","size":3}}`,
			runtime.File{URL: "u", Filename: "f", Extension: ".e", MIMEType: "m", Type: "image", Size: 3}, "",
		},
		{"file", `{"k":{"filename":"f"}}`, runtime.File{}, "P: Key (k) must be a file: an object with url"},
		{"file?", `{}`, runtime.File{}, ""},
		{"file?", `{"k":{}}`, runtime.File{}, ""},
		{"file?", `{"k":{"url":5}}`, runtime.File{}, "P: Key (k) must be a file: an object with url"},
		{"files", `{"k":[{"url":"u"}]}`, []runtime.File{{URL: "u", Size: -1}}, ""},
		{"files", `{"k":[{"url":"u"},5]}`, []runtime.File(nil), "P: Key (k) must be a list of files: objects with url"},
	}
	for _, test := range tests {
		t.Run(test.shape+" "+test.json, func(t *testing.T) {
			t.Parallel()
			var values map[string]any
			if err := json.Unmarshal([]byte(test.json), &values); err != nil {
				t.Fatal(err)
			}
			d := runtime.NewDecoder("P", values)
			if strings.HasPrefix(test.shape, "form ") {
				d = runtime.NewFormDecoder("P", values)
			}
			got := shapes[test.shape](&d)
			message := ""
			if err := d.Err(); err != nil {
				message = err.Error()
			}
			if message != test.err {
				t.Errorf("error %q, want %q", message, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSelectorValuesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, input := range []string{
		`{"k":{"completion_params":{"t":1},"mode":"chat","model":"m","model_type":"rerank","provider":"p","score_threshold":0.5,"top_n":3,"voice":"v"}}`,
		`{"k":{"model":"m","model_type":"","provider":"p"}}`,
	} {
		var values map[string]any
		if err := json.Unmarshal([]byte(input), &values); err != nil {
			t.Fatal(err)
		}
		d := runtime.NewDecoder("P", values)
		if diff := cmp.Diff(values["k"], any(d.Model("k", "Key").Values())); diff != "" {
			t.Errorf("model (-in +out):\n%s", diff)
		}
	}
	tools := []any{map[string]any{
		"provider_id": "p", "tool_name": "t", "tool_description": "d",
		"tool_configuration": map[string]any{"a": 1.0}, "tool_parameters": map[string]any{"b": "c"},
		"type": "api", "credential_id": "id",
	}}
	d := runtime.NewDecoder("P", map[string]any{"k": tools})
	if diff := cmp.Diff(tools, runtime.ToolSelectorValues(d.Tools("k", "Key", runtime.FieldRequired))); diff != "" {
		t.Errorf("tools (-in +out):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	v := runtime.NewValidator("GitHub")
	v.Text("a", "A", runtime.FieldRequired, "")
	v.Text("b", "b", runtime.FieldOptional, "")
	v.Secret("c", "Token", runtime.FieldRequired, runtime.NewSecret("[__HIDDEN__]"))
	v.Present("d", "Model", false)
	v.Complete("h", "Model", true)
	runtime.ValidateSelect(&v, "e", "Region", runtime.FieldRequired, regions, "")
	runtime.ValidateSelect(&v, "f", "Region", runtime.FieldOptional, regions, "mars")
	runtime.ValidateSelect(&v, "g", "Region", runtime.FieldOptional, regions, "eu")
	err := v.Err()
	want := "GitHub: A (a) is required; Token (c) arrived masked from Dify; enter it again; " +
		"Model (d) is required; Region (e) is required; Region (f) must be one of eu, us, 1, true"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	var invalid *runtime.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 5 || invalid.Problems[0].Field != "a" {
		t.Errorf("got %#v", invalid)
	}
	odd := &runtime.ValidationError{Provider: "P", Problems: []runtime.Problem{{Field: "a\nb\u202e", Label: strings.Repeat("x", 99), Reason: "is required"}}}
	if want := "P: " + strings.Repeat("x", 60) + "… (a b ) is required"; odd.Error() != want {
		t.Errorf("got %q, want %q", odd, want)
	}
	if strings.Contains(err.Error(), "mars") {
		t.Error("the error quotes a value")
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	err := runtime.Invalid("start_time", "Start", "must be a date")
	var invalid *runtime.ValidationError
	if err.Error() != "Start (start_time) must be a date" || !errors.As(err, &invalid) || invalid.Problems[0].Field != "start_time" {
		t.Errorf("got %#v", err)
	}
	if err := runtime.Invalid("start_time", "", "must be a date"); err.Error() != "start_time must be a date" {
		t.Errorf("got %v", err)
	}
}
