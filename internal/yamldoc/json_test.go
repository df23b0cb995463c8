package yamldoc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	doc, err := Parse([]byte(`base: &base {a: 1, b: .nan, c: 2026-01-31}
<<: [{a: 0, d: ~}, *base]
text: {one: 1, list: [1, [yes, no]]}
flag: [yes, maybe, null]
loop: &loop [*loop, {x: *loop}]
? 1
: .inf
`))
	if err != nil {
		t.Fatal(err)
	}
	got := JSON(doc.Root, func(path []string) As {
		switch {
		case path[0] == "text":
			return AsText
		case path[0] == "flag" && path[len(path)-1] == Item:
			return AsBool
		}
		return AsTyped
	})
	want := map[string]any{
		"base": map[string]any{"a": 1, "b": ".nan", "c": "2026-01-31T00:00:00Z"},
		"a":    0, "d": nil, "b": ".nan", "c": "2026-01-31T00:00:00Z",
		"text": map[string]any{"one": "1", "list": []any{"1", []any{"yes", "no"}}},
		"flag": []any{true, "maybe", nil},
		"loop": []any{[]any{}, map[string]any{"x": []any{}}},
		"1":    ".inf",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// TestPlain converts keys of different types with the same text.
func TestPlain(t *testing.T) {
	t.Parallel()
	for range 20 {
		got := Plain(map[any]any{1: "a", 1.0: "b", "x": []any{map[any]any{true: 1}}})
		if diff := cmp.Diff(map[string]any{"1": "a", "x": []any{map[string]any{"true": 1}}}, got); diff != "" {
			t.Fatalf("plain (-want +got):\n%s", diff)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	doc, err := Parse([]byte("base: &b {x: {y: 1}}\n<<: *b\nz: *b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Position{"x.y": {1, 15}, "z.x": {1, 11}, "z.x.q": {1, 11}, "q": {}} {
		if got := At(Deepest(doc.Root, strings.Split(path, ".")...)); got != want {
			t.Errorf("%s is at %v, want %v", path, got, want)
		}
	}
	if key, value := Lookup(doc.Root, "z", "q"); key != nil || value != nil {
		t.Errorf("found %v, %v", key, value)
	}
}
