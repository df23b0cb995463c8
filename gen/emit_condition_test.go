package gen

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSharedConditions puts neighbors under one condition, unless it asks for a field
// that one of them sets.
func TestSharedConditions(t *testing.T) {
	t.Parallel()
	a, b, c, d := &field{name: "a"}, &field{name: "b"}, &field{name: "c"}, &field{name: "d"}
	is := func(f *field, value string) []condition { return []condition{{field: f, value: value}} }
	for name, test := range map[string]struct {
		blocks []block
		want   [][]string // fields that stand together
	}{
		"one condition":         {[]block{{field: b, conditions: is(a, "x")}, {field: c, conditions: is(a, "x")}}, [][]string{{"b", "c"}}},
		"another value":         {[]block{{field: b, conditions: is(a, "x")}, {field: c, conditions: is(a, "y")}}, [][]string{{"b"}, {"c"}}},
		"one more condition":    {[]block{{field: b, conditions: is(a, "x")}, {field: c, conditions: append(is(a, "x"), is(d, "y")...)}}, [][]string{{"b"}, {"c"}}},
		"no conditions":         {[]block{{field: b}, {field: c}}, [][]string{{"b"}, {"c"}}},
		"one between":           {[]block{{field: b, conditions: is(a, "x")}, {field: d}, {field: c, conditions: is(a, "x")}}, [][]string{{"b"}, {"d"}, {"c"}}},
		"a field sets the next": {[]block{{field: b, conditions: is(b, "x")}, {field: c, conditions: is(b, "x")}, {field: d, conditions: is(b, "x")}}, [][]string{{"b"}, {"c", "d"}}},
		"the type of the model": {[]block{{field: b, conditions: is(nil, "llm")}, {field: c, conditions: is(nil, "llm")}}, [][]string{{"b", "c"}}},
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
