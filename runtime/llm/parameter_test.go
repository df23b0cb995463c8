package llm_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// parameters is what generated code makes of parameters.
type parameters struct {
	Temperature runtime.Optional[float64]
	Format      runtime.Optional[format]
	Extra       llm.Extra
}

type format string

func decodeParameters(r *llm.ParameterReader) parameters {
	var p parameters
	p.Temperature = r.Float("temperature")
	p.Format = llm.ReadOption[format](r, "response_format")
	p.Extra = r.Extra()
	return p
}

func TestParameterReader(t *testing.T) {
	t.Parallel()
	values := map[string]any{
		"float": 0.5, "int": 5.0, "default": 7, "long": int64(8), "text": "x", "bool": true, "any": 9, "list": []any{1.0}, "huge": 1e300, "other": "y", "null": nil,
	}
	r := llm.NewParameterReader(values)
	for name, same := range map[string]bool{
		"float":        r.Float("float") == runtime.Some(0.5),
		"whole float":  r.Float("int") == runtime.Some(5.0),
		"default":      r.Float("default") == runtime.Some(7.0),
		"int":          r.Int("int") == runtime.Some(int64(5)),
		"default int":  r.Int("default") == runtime.Some(int64(7)),
		"long":         r.Int("long") == runtime.Some(int64(8)) && r.Float("long") == runtime.Some(8.0),
		"no int":       !r.Int("float").IsSet() && !r.Int("huge").IsSet() && !r.Int("text").IsSet(),
		"no float":     !r.Float("text").IsSet() && !r.Float("missing").IsSet(),
		"text":         r.Text("text") == runtime.Some("x") && !r.Text("bool").IsSet(),
		"bool":         r.Bool("bool") == runtime.Some(true) && !r.Bool("text").IsSet(),
		"any number":   r.Any("any") == runtime.Some[any](9.0),
		"any":          r.Any("text") == runtime.Some[any]("x") && r.Any("bool") == runtime.Some[any](true),
		"nothing":      !r.Any("list").IsSet() && !r.Any("null").IsSet() && !r.Any("missing").IsSet(),
		"option":       llm.ReadOption[format](r, "text") == runtime.Some(format("x")),
		"no option":    !llm.ReadOption[format](r, "bool").IsSet(),
		"extra":        r.Extra().Equal(llm.NewExtra(map[string]any{"list": []any{1.0}, "huge": 1e300, "other": "y", "null": nil})),
		"not the same": !r.Extra().Equal(llm.Extra{}),
	} {
		if !same {
			t.Errorf("%s is wrong", name)
		}
	}
	if len(values) != 11 {
		t.Error("the values have changed")
	}
}

func TestExtra(t *testing.T) {
	t.Parallel()
	e := llm.NewExtra(map[string]any{"float": 0.5, "int": 5.0, "text": "x", "bool": true})
	for name, same := range map[string]bool{
		"float": e.Float("float") == runtime.Some(0.5), "int": e.Int("int") == runtime.Some(int64(5)), "text": e.Text("text") == runtime.Some("x"),
		"bool": e.Bool("bool") == runtime.Some(true), "none": !e.Float("text").IsSet() && !e.Int("float").IsSet() && !e.Text("int").IsSet() && !e.Bool("missing").IsSet(),
	} {
		if !same {
			t.Errorf("%s is wrong", name)
		}
	}
	delete(e.Values(), "float")
	if len(e.Values()) != 4 {
		t.Error("Values is not a copy")
	}
	if (llm.Extra{}).Values() == nil || !(llm.Extra{}).Equal(llm.NewExtra(map[string]any{})) {
		t.Error("no extra is not empty")
	}
}

// FuzzParameters checks that every parameter ends up in a field or in Extra, whatever its type.
func FuzzParameters(f *testing.F) {
	f.Add([]byte(`{"temperature":0.5,"response_format":"JSON","x":[1]}`))
	f.Add([]byte(`{"temperature":"0.5","response_format":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var values map[string]any
		if json.Unmarshal(data, &values) != nil {
			t.Skip()
		}
		p := decodeParameters(llm.NewParameterReader(values))
		got := p.Extra.Values()
		if temperature, ok := p.Temperature.Get(); ok {
			got["temperature"] = temperature
		}
		if format, ok := p.Format.Get(); ok {
			got["response_format"] = string(format)
		}
		if len(values) > 0 && !cmp.Equal(values, got) {
			t.Errorf("got %v, want %v", got, values)
		}
		for name := range values {
			if n, ok := p.Extra.Int(name).Get(); ok && float64(n) != values[name] {
				t.Errorf("%v is read as %d", values[name], n)
			}
			if x, ok := p.Extra.Float(name).Get(); ok && math.IsNaN(x) {
				t.Errorf("%v is read as NaN", values[name])
			}
		}
	})
}
