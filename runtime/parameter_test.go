package runtime_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// limited are shapes with limits from 2 to 10 and at most one decimal place.
func limited(d *runtime.Decoder, need runtime.Need, value float64) {
	d.AtLeast("k", "Key", need, 2, value)
	d.AtMost("k", "Key", need, 10, value)
	d.Decimals("k", "Key", 1, value)
}

var parameterShapes = map[string]func(d *runtime.Decoder) any{
	"limited": func(d *runtime.Decoder) any {
		f := d.Number("k", "Key", runtime.FieldRequired)
		limited(d, runtime.FieldRequired, f)
		return f
	},
	"limited=0.25": func(d *runtime.Decoder) any {
		f := d.NumberOr("k", "Key", 0.25)
		limited(d, runtime.FieldOptional, f)
		return f
	},
	"limited?": func(d *runtime.Decoder) any {
		f := d.OptionalNumber("k", "Key")
		limited(d, runtime.FieldOptional, f.Or(0))
		return f
	},
	"integer":   func(d *runtime.Decoder) any { return d.Integer("k", "Key", runtime.FieldRequired) },
	"integer=5": func(d *runtime.Decoder) any { return d.IntegerOr("k", "Key", 5) },
	"integer?":  func(d *runtime.Decoder) any { return d.OptionalInteger("k", "Key") },
	"object?":   func(d *runtime.Decoder) any { return d.Object("k", "Key", runtime.FieldOptional) },
	"array?":    func(d *runtime.Decoder) any { return d.Array("k", "Key", runtime.FieldOptional) },
	"any?":      func(d *runtime.Decoder) any { return d.Any("k", "Key", runtime.FieldOptional) },
	"files?":    func(d *runtime.Decoder) any { return d.Files("k", "Key", runtime.FieldOptional) },
	"texts?":    func(d *runtime.Decoder) any { return d.Texts("k", "Key", runtime.FieldOptional) },
}

func init() {
	for name, decode := range shapes {
		if parameterShapes[name] == nil {
			parameterShapes[name] = decode
		}
	}
}

func TestDecodeParameters(t *testing.T) {
	t.Parallel()
	const (
		masked      = "P: Key (k) arrived masked from Dify; enter it again"
		required    = "P: Key (k) is required"
		text        = "P: Key (k) must be text"
		boolean     = "P: Key (k) must be true or false"
		number      = "P: Key (k) must be a number"
		integer     = "P: Key (k) must be a whole number"
		large       = "P: Key (k) is too large"
		least       = "P: Key (k) must be at least 2"
		notAList    = "P: Key (k) must be a list"
		notAnObject = "P: Key (k) must be an object"
		notAFile    = "P: Key (k) must be a file or the URL of one"
		notFiles    = "P: Key (k) must be a list of files or of their URLs"
		host        = "https://dify.example"
	)
	file := runtime.File{URL: "https://h/f?sign=1", Size: -1}
	tests := []struct {
		shape, value string // JSON, or "" for none
		want         any
		err          string
	}{
		{"text", `"v"`, "v", ""},
		{"text", `""`, "", required},
		{"text", `5`, "5", ""},
		{"text", `1.5`, "1.5", ""},
		{"text", `true`, "true", ""},
		{"text", `12345678901234567890`, "", text},
		{"text", `{}`, "", text},
		{"text", `"[__HIDDEN__]"`, "", masked},
		{"text", `"[1, 2]"`, "[1, 2]", ""},
		{"text?", `""`, "", ""},
		{"text?", `null`, "", ""},
		{"text=5", ``, "5", ""},
		{"text=5", `6`, "6", ""},
		{"text=5", `""`, "", ""},
		{"text=5!", `""`, "", required},
		{"secret", `"s"`, "s", ""},
		{"secret", `"[__HIDDEN__]"`, "", masked},
		{"bool", `"YES"`, true, ""},
		{"bool", `" off "`, false, ""},
		{"bool", `"N"`, false, ""},
		{"bool", `1`, true, ""},
		{"bool", `2`, false, boolean},
		{"bool", `"maybe"`, false, boolean},
		{"bool", `"[__HIDDEN__]"`, false, masked},
		{"bool=t", `""`, true, ""},
		{"select=eu", `""`, region("eu"), ""},
		{"select=eu!", `""`, region("eu"), ""},
		{"select", `""`, region(""), required},
		{"select", `"mars"`, region(""), "P: Key (k) must be one of eu, us, 1, true"},
		{"number", `" 1.5 "`, 1.5, ""},
		{"number", `"1e999"`, 0.0, number},
		{"number", `"NaN"`, 0.0, number},
		{"number", `"inf"`, 0.0, number},
		{"number", `true`, 0.0, number},
		{"number", `"[__UNKNOWN__]"`, 0.0, masked},
		{"number", `""`, 0.0, required},
		{"number=5", `""`, 5.0, ""},
		{"number=5", `"0"`, 0.0, ""},
		{"number=5", `"x"`, 0.0, number},
		{"limited", ``, 0.0, required},
		{"limited", `1`, 1.0, least},
		{"limited", `11`, 11.0, "P: Key (k) must be at most 10"},
		{"limited", `2.55`, 2.55, "P: Key (k) must have at most 1 decimal place"},
		{"limited=0.25", ``, 0.25, ""},
		{"limited=0.25", `""`, 0.25, ""},
		{"limited=0.25", `0`, 0.0, least},
		{"limited?", ``, runtime.Optional[float64]{}, ""},
		{"limited?", `""`, runtime.Optional[float64]{}, ""},
		{"limited?", `0`, runtime.Some(0.0), least},
		{"limited?", `"2.5"`, runtime.Some(2.5), ""},
		{"integer", `3.0`, int64(3), ""},
		{"integer", `"3"`, int64(3), ""},
		{"integer", `"-3.0"`, int64(-3), ""},
		{"integer", `3.5`, int64(0), integer},
		{"integer", `"x"`, int64(0), integer},
		{"integer", `"NaN"`, int64(0), integer},
		{"integer", `"Inf"`, int64(0), integer},
		{"integer", `"[__HIDDEN__]"`, int64(0), masked},
		{"integer", `9007199254740991`, int64(1<<53 - 1), ""},
		{"integer", `9007199254740994`, int64(0), large},
		{"integer", `"-1e300"`, int64(0), large},
		{"integer", ``, int64(0), required},
		{"integer=5", `""`, int64(5), ""},
		{"integer=5", `6`, int64(6), ""},
		{"integer?", `null`, runtime.Optional[int64]{}, ""},
		{"integer?", `"0"`, runtime.Some(int64(0)), ""},
		{"texts", `["a",1,true]`, []string{"a", "1", "true"}, ""},
		{"texts", `"[\"a\", \"b\"]"`, []string{"a", "b"}, ""},
		{"texts", `"[draft] a"`, []string{"[draft] a"}, ""},
		{"texts", `"[__HIDDEN__]"`, []string(nil), masked},
		{"texts", `["[__HIDDEN__]"]`, []string(nil), masked},
		{"texts", `5`, []string{"5"}, ""},
		{"texts", `{}`, []string(nil), notAList},
		{"texts", `[null]`, []string(nil), "P: Key (k) must be a list of text values"},
		{"texts", `"[]"`, []string(nil), required},
		{"texts", `""`, []string(nil), required},
		{"texts?", `[]`, []string(nil), ""},
		{"texts=a,b", `""`, []string{"a", "b"}, ""},
		{"texts=a,b", `[]`, []string(nil), ""},
		{"choices", `"[\"eu\",1]"`, []region{"eu", "1"}, ""},
		{"choices", `"us"`, []region{"us"}, ""},
		{"choices", `true`, []region{"true"}, ""},
		{"choices", `["mars"]`, []region(nil), "P: Key (k) must be a list with any of eu, us, 1, true"},
		{"choices", `"eu,us"`, []region(nil), "P: Key (k) must be a list with any of eu, us, 1, true"},
		{"choices=eu", `""`, []region{"eu"}, ""},
		{"object", `"{\"a\":1}"`, map[string]any{"a": 1.0}, ""},
		{"object", `"{}"`, map[string]any(nil), required},
		{"object", `"{"`, map[string]any(nil), notAnObject},
		{"object", `"[__HIDDEN__]"`, map[string]any(nil), masked},
		{"object?", `""`, map[string]any(nil), ""},
		{"array", `"[1, \"a\"]"`, []any{1.0, "a"}, ""},
		{"array", `"a"`, []any{"a"}, ""},
		{"array", `{"a":1}`, []any{map[string]any{"a": 1.0}}, ""},
		{"array", `"[__HIDDEN__]"`, []any(nil), masked},
		{"array", `["SFlCUklEOmFiYw=="]`, []any{"SFlCUklEOmFiYw=="}, "P: Key (k) arrived encrypted from Dify; enter it again"},
		{"array", `[]`, []any{}, required},
		{"array?", `""`, []any(nil), ""},
		{"any?", `""`, "", ""},
		{"any", `"[1]"`, "[1]", ""},
		{"any", `"[__HIDDEN__]"`, nil, masked},
		{
			"file", `{"dify_model_identity":"__dify__file__","url":"/files/1?sign=1","mime_type":null,"filename":"a.png","extension":null,"size":null,"type":"image"}`,
			runtime.File{URL: "/files/1?sign=1", Filename: "a.png", Type: "image", Size: -1}, "",
		},
		{"file", `{"url":"https://h/f?sign=1","size":1e300}`, file, ""},
		{"file", `" https://h/f?sign=1"`, file, ""},
		{"file", `"{\"url\":\"https://h/f?sign=1\"}"`, file, ""},
		{"file", `"ftp://h/f"`, runtime.File{}, notAFile},
		{"file", `"a.png"`, runtime.File{}, notAFile},
		{"file", `"[__HIDDEN__]"`, runtime.File{}, masked},
		{"file", `{"url":5}`, runtime.File{}, notAFile},
		{"file", `5`, runtime.File{}, notAFile},
		{"file", `{}`, runtime.File{}, required},
		{"file", `""`, runtime.File{}, required},
		{"file?", `""`, runtime.File{}, ""},
		{"file?", `null`, runtime.File{}, ""},
		{"files", `[{"url":"https://h/f?sign=1"},"https://h/f?sign=1"]`, []runtime.File{file, file}, ""},
		{"files", `{"url":"https://h/f?sign=1"}`, []runtime.File{file}, ""},
		{"files", `"[{\"url\":\"https://h/f?sign=1\"}]"`, []runtime.File{file}, ""},
		{"files", `"{\"url\":\"https://h/f?sign=1\"}"`, []runtime.File{file}, ""},
		{"files", `"https://h/f?sign=1"`, []runtime.File{file}, ""},
		{"files", `["x"]`, []runtime.File(nil), notFiles},
		{"files", `[]`, []runtime.File(nil), required},
		{"files?", `""`, []runtime.File(nil), ""},
		{"app", `"{\"app_id\":\"a\"}"`, runtime.AppSelector{AppID: "a"}, ""},
		{"app?", `""`, (*runtime.AppSelector)(nil), ""},
		{"model", `"{\"provider\":\"p\",\"model\":\"m\"}"`, runtime.ModelSelector{Provider: "p", Model: "m"}, ""},
		{"tools", `"[{\"provider_id\":\"p\",\"tool_name\":\"t\"}]"`, []runtime.ToolSelector{{ProviderID: "p", ToolName: "t"}}, ""},
		{"tools", `"t"`, []runtime.ToolSelector(nil), "P: Key (k) must be a list of objects"},
		{"tools?", `""`, []runtime.ToolSelector(nil), ""},
	}
	for _, test := range tests {
		t.Run(test.shape+" "+test.value, func(t *testing.T) {
			t.Parallel()
			values := map[string]any{"other": host}
			if test.value != "" {
				var v any
				if err := json.Unmarshal([]byte(test.value), &v); err != nil {
					t.Fatal(err)
				}
				values["k"] = v
			}
			d := runtime.NewParameterDecoder("P", values)
			got := parameterShapes[test.shape](&d)
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

// TestNumbersOfGo checks values that do not come from JSON.
func TestNumbersOfGo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value any
		ok    bool
	}{
		{5, true}, {int64(5), true}, {json.Number("5"), true}, {json.Number("1e999"), false},
		{math.NaN(), false}, {math.Inf(1), false}, {json.Number("x"), false},
	} {
		d := runtime.NewParameterDecoder("P", map[string]any{"n": test.value, "i": test.value})
		n, i := d.Number("n", "N", runtime.FieldRequired), d.Integer("i", "I", runtime.FieldRequired)
		if ok := d.Err() == nil && n == 5 && i == 5; ok != test.ok {
			t.Errorf("%v: %v, %d, %v", test.value, n, i, d.Err())
		}
	}
}

// TestEveryParameterAtFault checks that one error names all.
func TestEveryParameterAtFault(t *testing.T) {
	t.Parallel()
	d := runtime.NewParameterDecoder("GitHub", map[string]any{"limit": "many", "file": "C:\\secret.txt", "undeclared": 1})
	d.Text("repository", "Repository", runtime.FieldRequired)
	d.OptionalNumber("limit", "Limit")
	d.File("file", "file", runtime.FieldOptional)
	want := "GitHub: Repository (repository) is required; Limit (limit) must be a number; file must be a file or the URL of one"
	if err := d.Err(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// FuzzParameters decodes any JSON as a parameter of every shape. A value must be accepted
// or refused with a message that does not quote it.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{
		`null`, `"[__HIDDEN__]"`, `"[\"a\",1]"`, `"{\"url\":\"https://h/f\"}"`, `["SFlCUklEOmFiYw==",{}]`, `1e300`, `" 3.0"`, `true`,
		`{"provider":"p","model":"m","top_n":3}`, `[{"url":"u","size":-5}]`, `"https://[::1"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if json.Unmarshal(data, &v) != nil {
			return
		}
		for name, decode := range parameterShapes {
			d := runtime.NewParameterDecoder("P", map[string]any{"k": v})
			decode(&d)
			err := d.Err()
			if err == nil {
				continue
			}
			if s, ok := v.(string); ok && len(s) > 12 && strings.Contains(err.Error(), s) {
				t.Errorf("%s: the error quotes the value: %v", name, err)
			}
			if v == nil && !strings.HasSuffix(err.Error(), "is required") {
				t.Errorf("%s of null: %v", name, err)
			}
		}
	})
}
