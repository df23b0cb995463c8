package runtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// checkParameters returns the parameters that a call of a model with these rules gets, in JSON.
func checkParameters(tb testing.TB, rules []runtime.ParameterRule, parameters any) (string, error) {
	tb.Helper()
	values, err := checkedParameters(tb, rules, parameters)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(values)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text), nil
}

// checkedParameters returns the parameters that a call of a model with these rules gets.
func checkedParameters(tb testing.TB, rules []runtime.ParameterRule, parameters any) (any, error) {
	tb.Helper()
	p := runtime.NewModel(runtime.ModelConfig{
		Name: "p",
		CustomModel: func(context.Context, runtime.ModelCall, map[string]any) (*runtime.ModelSchema, error) {
			if rules == nil {
				return nil, nil
			}
			return &runtime.ModelSchema{Parameters: rules}, nil
		},
		Actions: []runtime.ModelAction{{Type: "llm", Name: "invoke_llm", Serve: func(_ context.Context, req *runtime.ModelRequest) (any, error) {
			return req.Parameters()
		}}},
	})
	data := map[string]any{"model_type": "llm", "model": "m", "credentials": map[string]any{}, "model_parameters": parameters}
	if _, ok := parameters.(missing); ok {
		delete(data, "model_parameters")
	}
	return p.Routes()[0].Serve(tb.Context(), &runtime.Request{Data: data})
}

// missing are parameters of a request that does not have the field.
type missing struct{}

func TestModelParameters(t *testing.T) {
	t.Parallel()
	some, none := runtime.Some[float64], runtime.Optional[float64]{}
	float := func(low, high runtime.Optional[float64], precision runtime.Optional[int]) runtime.ParameterRule {
		return runtime.ParameterRule{Name: "a", Type: runtime.ModelParameterFloat, Min: low, Max: high, Precision: precision}
	}
	integer := runtime.ParameterRule{Name: "a", Label: "Amount", Type: runtime.ModelParameterInt, Min: some(1), Max: some(9)}
	free, whole, two := float(none, none, runtime.Optional[int]{}), float(none, none, runtime.Some(0)), float(some(0), some(2), runtime.Some(2))
	boolean, text := runtime.ParameterRule{Name: "a", Type: "boolean"}, runtime.ParameterRule{Name: "a", Type: "text", Options: []string{"x"}}
	option, open := runtime.ParameterRule{Name: "a", Type: "string", Options: []string{"x", "y"}}, runtime.ParameterRule{Name: "a", Type: "string"}
	template := runtime.ParameterRule{Name: "a", Template: "top_k", Label: "K"}
	required := func(p runtime.ParameterRule, preset any) runtime.ParameterRule {
		p.Required, p.Default = true, preset
		return p
	}
	const bad = "InvokeBadRequestError: a "
	for _, test := range []struct {
		name       string
		rule       runtime.ParameterRule
		parameters string
		want       string // the parameters, or the error
	}{
		{"absent", free, `{}`, `{}`},
		{"null", free, `{"a":null}`, `{}`},
		{"no parameters", free, `null`, `{}`},
		{"undeclared", free, `{"a":1,"b":2}`, `{"a":1}`},
		{"not an object", free, `[]`, "ValidationError: model_parameters of the request has the wrong type"},

		{"int", integer, `{"a":5}`, `{"a":5}`},
		{"int with a point", integer, `{"a":5.0}`, `{"a":5}`},
		{"int with a fraction", integer, `{"a":5.5}`, "InvokeBadRequestError: Amount (a) must be a whole number"},
		{"int in text", integer, `{"a":"5"}`, "InvokeBadRequestError: Amount (a) must be a whole number"},
		{"bool as int", integer, `{"a":true}`, "InvokeBadRequestError: Amount (a) must be a whole number"},
		{"int at the limits", integer, `{"a":1}`, `{"a":1}`},
		{"int below", integer, `{"a":0}`, "InvokeBadRequestError: Amount (a) must be at least 1"},
		{"int above", integer, `{"a":10}`, "InvokeBadRequestError: Amount (a) must be at most 9"},

		{"float", free, `{"a":0.123456789}`, `{"a":0.123456789}`},
		{"int as float", free, `{"a":3}`, `{"a":3}`},
		{"bool as float", free, `{"a":false}`, bad + "must be a number"},
		{"text as float", free, `{"a":"0.5"}`, bad + "must be a number"},
		{"two places", two, `{"a":0.57}`, `{"a":0.57}`}, // × 100 is 56.99999999999999
		{"three places", two, `{"a":0.571}`, bad + "must have at most 2 decimal places"},
		{"three places and above", two, `{"a":2.571}`, bad + "must have at most 2 decimal places"},
		{"float below", two, `{"a":-0.01}`, bad + "must be at least 0"},
		{"float above", two, `{"a":2.01}`, bad + "must be at most 2"},
		{"no places", whole, `{"a":3.0}`, `{"a":3}`},
		{"a fraction without places", whole, `{"a":3.5}`, bad + "must be a whole number"},
		{"one place", float(none, none, runtime.Some(1)), `{"a":3.55}`, bad + "must have at most 1 decimal place"},

		{"true", boolean, `{"a":true}`, `{"a":true}`},
		{"1 as bool", boolean, `{"a":1}`, bad + "must be true or false"},
		{"string", open, `{"a":""}`, `{"a":""}`},
		{"number as string", open, `{"a":1}`, bad + "must be text"},
		{"option", option, `{"a":"y"}`, `{"a":"y"}`},
		{"no option", option, `{"a":"z"}`, bad + "must be one of x, y"},
		{"text", text, `{"a":"z"}`, `{"a":"z"}`},
		{"list as text", text, `{"a":["z"]}`, bad + "must be text"},

		{"template", template, `{"top_k":7}`, `{"a":7}`},
		{"template and name", template, `{"top_k":7,"a":8}`, `{"a":8}`},
		{"template and null", template, `{"top_k":7,"a":null}`, `{"a":7}`},
		{"null of the template", template, `{"top_k":null}`, `{}`},
		{"limit of the template", template, `{"top_k":101}`, "InvokeBadRequestError: K (a) must be at most 100"},
		{"type of the template", template, `{"top_k":1.5}`, "InvokeBadRequestError: K (a) must be a whole number"},

		{"default", required(two, 0.25), `{}`, `{"a":0.25}`},
		{"default of the template", required(template, nil), `{}`, `{"a":50}`},
		{"a default is trusted", required(option, "z"), `{}`, `{"a":"z"}`},
		{"a value beats the default", required(two, 0.25), `{"a":1}`, `{"a":1}`},
		{"no default", required(open, nil), `{}`, bad + "is required"},
		{"an empty text is given", required(open, "x"), `{"a":""}`, `{"a":""}`},
	} {
		var parameters any
		if err := json.Unmarshal([]byte(test.parameters), &parameters); err != nil {
			t.Fatal(err)
		}
		got, err := checkParameters(t, []runtime.ParameterRule{test.rule}, parameters)
		if got += typedText(err); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	all := []runtime.ParameterRule{integer, {Name: "b", Type: "boolean"}, {Name: "c", Type: "string", Required: true}, {Name: "d", Template: "json_schema"}}
	_, err := checkParameters(t, all, map[string]any{"a": "secret", "b": 1.0, "d": 2.0})
	want := "InvokeBadRequestError: Amount (a) must be a whole number; b must be true or false; c is required; JSON Schema (d) must be text"
	if diff := cmp.Diff(want, typedText(err)); diff != "" {
		t.Errorf("several faults (-want +got):\n%s", diff)
	}
	if got, err := checkParameters(t, all, missing{}); got != "{}" || err != nil {
		t.Errorf("without the field: %s, %v", got, err)
	}
	if got, err := checkParameters(t, nil, map[string]any{"a": 1.0}); got != "{}" || err != nil {
		t.Errorf("without a schema: %s, %v", got, err)
	}
}

// TestModelParameterNumbers checks that numbers of code are those of JSON.
func TestModelParameterNumbers(t *testing.T) {
	t.Parallel()
	for _, v := range []any{7, int64(7), float32(7), 7.0, json.Number("7")} {
		rule := runtime.ParameterRule{Name: "a", Type: "int", Required: true, Default: v}
		for _, parameters := range []map[string]any{{}, {"a": v}} {
			got, err := checkedParameters(t, []runtime.ParameterRule{rule}, parameters)
			if diff := cmp.Diff(any(map[string]any{"a": 7.0}), got); diff != "" || err != nil {
				t.Errorf("%T: %v (-want +got):\n%s", v, err, diff)
			}
		}
	}
	for _, v := range []any{math.NaN(), math.Inf(-1), json.Number("x")} {
		for _, typ := range []runtime.ModelParameterType{"int", "float"} {
			if got, err := checkParameters(t, []runtime.ParameterRule{{Name: "a", Type: typ}}, map[string]any{"a": v}); err == nil {
				t.Errorf("%s %v: %s", typ, v, got)
			}
		}
	}
}

// TestModelParameterPrecision compares the check with exact arithmetic: a number is rounded if no float
// is nearer to the decimal that is nearest to it.
func TestModelParameterPrecision(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		f := random.Float64() * math.Pow10(random.IntN(12)-4)
		kept := random.IntN(8)
		if random.IntN(2) == 0 {
			f = math.Round(f*math.Pow10(kept)) / math.Pow10(kept)
		}
		for _, places := range []int{0, 1, 2, 5} {
			want := oracleRounded(f, places)
			rule := runtime.ParameterRule{Name: "a", Type: "float", Precision: runtime.Some(places)}
			if _, err := checkParameters(t, []runtime.ParameterRule{rule}, map[string]any{"a": f}); (err == nil) != want {
				t.Errorf("%v with %d places: %v, want %v", f, places, err, want)
			}
		}
	}
	for _, test := range []struct {
		f      float64
		places int
		want   bool
	}{
		{1200, -2, true}, {1250, -2, false}, {0, -400, true}, {5, -400, false},
		{5e-324, 400, true}, {5e-324, 323, false}, {0.1, 1 << 40, true}, {math.MaxFloat64, 2, true}, {1e22, 2, true},
	} {
		rule := runtime.ParameterRule{Name: "a", Type: "float", Precision: runtime.Some(test.places)}
		if _, err := checkParameters(t, []runtime.ParameterRule{rule}, map[string]any{"a": test.f}); (err == nil) != test.want {
			t.Errorf("%v with %d places: %v", test.f, test.places, err)
		}
	}
}

func oracleRounded(f float64, places int) bool {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil))
	scaled := new(big.Rat).Mul(new(big.Rat).SetFloat64(f), scale)
	twice := new(big.Rat).Add(new(big.Rat).Mul(scaled, big.NewRat(2, 1)), big.NewRat(1, 1))
	n := new(big.Int).Div(twice.Num(), new(big.Int).Mul(twice.Denom(), big.NewInt(2))) // floor(x + 1/2)
	back, _ := new(big.Rat).Quo(new(big.Rat).SetInt(n), scale).Float64()
	return back == f
}

// FuzzModelParameters checks that rules and values of any kind end in parameters that fit, or in an
// error that does not quote them.
func FuzzModelParameters(f *testing.F) {
	f.Add(`[{"name":"a","use_template":"temperature"},{"name":"b","type":"int","required":true,"default":1}]`, `{"a":0.5}`)
	f.Add(`[{"name":"a","type":"float","precision":-3,"min":1}]`, `{"a":1e300}`)
	f.Add(`[{"name":"a","type":"string","options":["x"]}]`, `{"a":"secret"}`)
	f.Fuzz(func(t *testing.T, rules, parameters string) {
		var list []runtime.ParameterRule
		var values map[string]any
		if json.Unmarshal([]byte(rules), &list) != nil || json.Unmarshal([]byte(parameters), &values) != nil {
			return
		}
		got, err := checkParameters(t, list, values)
		if err != nil {
			return
		}
		again := decodeAny(t, []byte(got))
		for _, rule := range list {
			_, given := again[rule.Name]
			if rule.Required && !given {
				t.Errorf("%s lacks %s", got, rule.Name)
			}
			if !rule.Required && given && values[rule.Name] == nil && values[rule.Template] == nil && !declaredTwice(list, rule.Name) {
				t.Errorf("%s has %s, which was not given", got, rule.Name)
			}
		}
		if twice, err := checkParameters(t, list, again); err == nil && twice != got {
			t.Errorf("checked again, %s is %s", got, twice)
		}
	})
}

func declaredTwice(rules []runtime.ParameterRule, name string) bool {
	n := 0
	for _, r := range rules {
		if r.Name == name {
			n++
		}
	}
	return n > 1
}

func TestFormSchema(t *testing.T) {
	t.Parallel()
	const parameters = `"parameter_rules":[` +
		`{"name":"temperature","use_template":"temperature","label":{"en_US":"Temperature","zh_Hans":"温度"},"type":"float","help":null,"required":false,"default":%s,"min":0,"max":2,"precision":2,"options":[]},` +
		`{"name":"top_p","use_template":"top_p","label":{"en_US":"Top P"},"type":"float","help":null,"required":false,"default":1,"min":0,"max":1,"precision":2,"options":[]},` +
		`{"name":"frequency_penalty","use_template":null,"label":{"en_US":"Frequency Penalty","zh_Hans":"频率惩罚"},"type":"float","help":{"en_US":"The higher it is, the less the model repeats words that it has often used in the text."},"required":false,"default":0,"min":-2,"max":2,"precision":null,"options":[]},` +
		`{"name":"presence_penalty","use_template":null,"label":{"en_US":"Presence Penalty","zh_Hans":"存在惩罚"},"type":"float","help":{"en_US":"The higher it is, the more the model writes about what is not in the text yet."},"required":false,"default":0,"min":-2,"max":2,"precision":null,"options":[]},` +
		`{"name":"max_tokens","use_template":"max_tokens","label":{"en_US":"Max Tokens","zh_Hans":"最大标记"},"type":"int","help":null,"required":false,"default":%s,"min":1,"max":%s,"precision":0,"options":[]}]`
	rules := func(temperature, tokens, most string) string {
		return fmt.Sprintf(parameters, temperature, tokens, most)
	}
	for _, test := range []struct{ typ, form, features, properties, rest string }{
		{"llm", `{}`, `[]`, `{"context_size":4096,"mode":"chat"}`, rules("0.7", "512", "4096") + `,"pricing":null`},
		{
			"llm", `{"context_size":"8192","mode":"completion","function_calling_type":"tool_call","vision_support":"support","video_support":"support","max_tokens_to_sample":" 100 ","temperature":0.2}`,
			`["multi-tool-call","stream-tool-call","vision","video"]`, `{"context_size":8192,"mode":"completion"}`, rules("0.2", "100", "100") + `,"pricing":null`,
		},
		{
			"llm", `{"context_size":1000,"function_calling_type":"function_call","stream_function_calling":"not_supported","vision_support":"no_support","input_price":"0.5","unit":"0.001"}`,
			`["tool-call"]`, `{"context_size":1000,"mode":"chat"}`,
			rules("0.7", "512", "4096") + `,"pricing":{"input":"0.5","output":"0","unit":"0.001","currency":"USD"}`,
		},
		{
			"llm", `{"context_size":"","function_calling_type":"no_call","stream_function_calling":"supported","input_price":"1","output_price":"2","unit":"0.1","currency":"EUR"}`, `[]`,
			`{"context_size":4096,"mode":"chat"}`, rules("0.7", "512", "4096") + `,"pricing":{"input":"1","output":"2","unit":"0.1","currency":"EUR"}`,
		},
		{"llm", `{"max_tokens_to_sample":"-5"}`, `[]`, `{"context_size":4096,"mode":"chat"}`, rules("0.7", "1", "1") + `,"pricing":null`},
		{"llm", `{"max_tokens_to_sample":"700.9"}`, `[]`, `{"context_size":4096,"mode":"chat"}`, rules("0.7", "512", "700") + `,"pricing":null`},
		{"llm", `{"input_price":"1","output_price":"many","unit":"0.1"}`, `[]`, `{"context_size":4096,"mode":"chat"}`, rules("0.7", "512", "4096") + `,"pricing":null`},
		{"llm", `{"input_price":"1","output_price":" ","unit":"many"}`, `[]`, `{"context_size":4096,"mode":"chat"}`, rules("0.7", "512", "4096") + `,"pricing":null`},
		{"text-embedding", `{"vision_support":"support"}`, `["vision"]`, `{"context_size":512,"max_chunks":1}`, `"parameter_rules":[],"pricing":null`},
		{"text-embedding", `{"context_size":"32000","max_chunks":"10","input_price":"many","unit":"1"}`, `[]`, `{"context_size":32000,"max_chunks":10}`, `"parameter_rules":[],"pricing":null`},
		{"rerank", `{}`, `[]`, `{"context_size":4096}`, `"parameter_rules":[],"pricing":null`},
		{
			"tts", `{"voices":"a, ,b","word_limit":"9"}`, `[]`,
			`{"audio_type":"mp3","default_voice":"a","voices":[{"language":["en-US"],"mode":"a","name":"a"},{"language":["en-US"],"mode":"b","name":"b"}],"word_limit":9}`, `"parameter_rules":[],"pricing":null`,
		},
		{"speech2text", `{}`, `[]`, `{"file_upload_limit":25,"supported_file_extensions":"flac,mp3,mp4,mpeg,mpga,m4a,ogg,wav,webm"}`, `"parameter_rules":[],"pricing":null`},
		{"moderation", `{}`, `[]`, `{}`, `"parameter_rules":[],"pricing":null`},
	} {
		want := `{"model_schema":{"model":"m","label":{"en_US":"m"},"model_type":"` + test.typ + `","features":` + test.features +
			`,"fetch_from":"customizable-model","model_properties":` + test.properties + `,"deprecated":false,` + test.rest + `}}`
		got, err := answerModel(t, formProvider(), "get_ai_model_schemas", `{"model_type":"`+test.typ+`","model":"m","credentials":`+test.form+`}`)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s %s: %v (-want +got):\n%s", test.typ, test.form, err, diff)
		}
	}
	for form, want := range map[string]string{
		`{"context_size":"8k"}`:          "context_size must be a whole number",
		`{"mode":"talk"}`:                "mode must be chat or completion",
		`{"temperature":"NaN"}`:          "a number of the parameter temperature is infinite, or not a number",
		`{"max_tokens_to_sample":"Inf"}`: "a number of the parameter max_tokens is infinite, or not a number",
		`{"voices":",","mode":0}`:        "mode must be chat or completion",
	} {
		_, err := answerModel(t, formProvider(), "get_ai_model_schemas", `{"model_type":"llm","model":"m","credentials":`+form+`}`)
		if got := typedText(err); got != "InvokeError: schema of the model m: "+want {
			t.Errorf("%s: got %s", form, got)
		}
	}
}

// form is like the credentials that difygen generates.
type form struct{ values map[string]any }

func (f form) Values() map[string]any { return f.values }

func formProvider() runtime.ModelProvider {
	decode := func(_ runtime.ModelType, values map[string]any) (form, error) { return form{values}, nil }
	return runtime.NewModel(runtime.ModelConfig{
		Name: "p", CustomModel: runtime.BindCustomModel(decode, func(_ context.Context, call *runtime.CustomModelCall[form]) (*runtime.ModelSchema, error) {
			return call.FormSchema(), nil
		}),
	})
}
