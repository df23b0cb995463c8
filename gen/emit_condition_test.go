package gen

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSharedConditions checks that neighbors share their conditions, unless those refer to
// a field that one of them sets.
func TestSharedConditions(t *testing.T) {
	t.Parallel()
	a, b, c, d := &field{name: "a"}, &field{name: "b"}, &field{name: "c"}, &field{name: "d"}
	is := func(f *field, value string) []condition { return []condition{{field: f, value: value}} }
	under := func(f *field, conditions ...[]condition) block {
		b := block{field: f}
		for _, list := range conditions {
			b.cases = append(b.cases, blockCase{conditions: list})
		}
		return b
	}
	for name, test := range map[string]struct {
		blocks []block
		want   [][]string // fields that share their conditions
	}{
		"one condition":         {[]block{under(b, is(a, "x")), under(c, is(a, "x"))}, [][]string{{"b", "c"}}},
		"another value":         {[]block{under(b, is(a, "x")), under(c, is(a, "y"))}, [][]string{{"b"}, {"c"}}},
		"one more condition":    {[]block{under(b, is(a, "x")), under(c, append(is(a, "x"), is(d, "y")...))}, [][]string{{"b"}, {"c"}}},
		"no conditions":         {[]block{under(b, nil), under(c, nil)}, [][]string{{"b"}, {"c"}}},
		"one between":           {[]block{under(b, is(a, "x")), under(d, nil), under(c, is(a, "x"))}, [][]string{{"b"}, {"d"}, {"c"}}},
		"a field sets the next": {[]block{under(b, is(b, "x")), under(c, is(b, "x")), under(d, is(b, "x"))}, [][]string{{"b"}, {"c", "d"}}},
		"the type of the model": {[]block{under(b, is(nil, "llm")), under(c, is(nil, "llm"))}, [][]string{{"b", "c"}}},
		"the same variants":     {[]block{under(b, is(a, "x"), is(a, "y")), under(c, is(a, "x"), is(a, "y"))}, [][]string{{"b", "c"}}},
		"a default at last":     {[]block{under(b, is(a, "x"), nil), under(c, is(a, "x"), nil)}, [][]string{{"b", "c"}}},
		"one variant more":      {[]block{under(b, is(a, "x")), under(c, is(a, "x"), nil)}, [][]string{{"b"}, {"c"}}},
		"a later variant sets":  {[]block{under(b, is(a, "x"), is(b, "y")), under(c, is(a, "x"), is(b, "y"))}, [][]string{{"b"}, {"c"}}},
	} {
		var got [][]string
		for _, together := range neighbors(test.blocks) {
			var names []string
			for _, b := range together {
				names = append(names, b.field.name)
			}
			got = append(got, names)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
