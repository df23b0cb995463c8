package schema

import (
	"strings"
	"testing"
)

// TestIsOurs checks which files are schemas of this package.
func TestIsOurs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data string
		want bool
	}{
		"ours":           {`{"$id": "urn:difygen:tool"}`, true},
		"of a version":   {`{"type": "object", "$id": "urn:difygen:of-later"}`, true},
		"empty":          {"", false},
		"no schema":      {`{}`, false},
		"another":        {`{"$id": "https://example.com/urn:difygen:tool"}`, false},
		"not text":       {`{"$id": ["urn:difygen:tool"]}`, false},
		"not an object":  {`"urn:difygen:tool"`, false},
		"a second value": {`{"$id": "urn:difygen:tool"} {}`, false},
		"too large":      {`{"$id": "urn:difygen:tool", "title": "` + strings.Repeat("a", maxSize) + `"}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := isOurs([]byte(test.data)); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	for _, f := range Files() {
		if !isOurs(f.Data) {
			t.Errorf("%s is not ours", f.Name)
		}
	}
}
