package yamldoc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
