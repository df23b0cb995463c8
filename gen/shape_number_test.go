package gen

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// TestNumberDefaults checks which defaults of numbers the code fills in: none that it would refuse.
func TestNumberDefaults(t *testing.T) {
	t.Parallel()
	number := func(n float64) *float64 { return &n }
	places := func(n int) *int { return &n }
	for name, test := range map[string]struct {
		field model.Field
		want  string // in comments; empty for none
	}{
		"any":                  {model.Field{Default: 1.5}, "1.5"},
		"a text":               {model.Field{Default: "many"}, ""},
		"whole":                {model.Field{Default: 2, Precision: places(0)}, "2"},
		"not whole":            {model.Field{Default: 1.5, Precision: places(0)}, ""},
		"with enough places":   {model.Field{Default: "1.5", Precision: places(1)}, "1.5"},
		"with too many places": {model.Field{Default: 1.25, Precision: places(1)}, ""},
		"at the bounds":        {model.Field{Default: 3, Min: number(3), Max: number(3)}, "3"},
		"too small":            {model.Field{Default: 2, Min: number(3)}, ""},
		"too large":            {model.Field{Default: 4, Max: number(3)}, ""},
	} {
		for _, section := range []model.SectionName{model.SectionParameters, model.SectionToolParameters} {
			shape := fieldTypeOf(model.TypeNumber).in(sectionKinds[section], false)
			got := ""
			if def := shape.parse(&field{about: &test.field}, test.field.Default); def != nil {
				got = def.words
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s, in %s (-want +got):\n%s", name, section, diff)
			}
		}
	}
}
