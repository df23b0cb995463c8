package text

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSourceLines(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"": {""}, "a\nb": {"a", "b"}, "a\r\nb\r": {"a", "b", ""}, "a\rb\n\rc": {"a", "b", "", "c"},
		"a\u2028b\u2029c\u0085é": {"a", "b", "c", "é"},
	} {
		if diff := cmp.Diff(want, SourceLines(in)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}
