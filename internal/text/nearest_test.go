package text

import "testing"

func TestDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 3, 0}, {"ab", "ba", 3, 1}, {"abc", "abd", 3, 1}, {"abc", "ab", 3, 1},
		{"kitten", "sitting", 9, 3}, {"kitten", "sitting", 2, 2}, {"a", "bcdef", 3, 3}, {"é", "e", 3, 1},
	}
	for _, test := range tests {
		if got := Distance(test.a, test.b, test.limit); got != test.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", test.a, test.b, test.limit, got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"secret-input", "text-input", "select", "boolean", "model-selector", "app-selector", "array[tools]"}
	for in, want := range map[string]string{
		"secret_input": "secret-input", "secretinput": "secret-input", "Select": "select", "selcet": "select",
		"texT-Input": "text-input", "bool": "boolean", "file": "", "": "", "number": "", "string": "",
		"array[tool]": "array[tools]", "text": "text-input", "model": "model-selector", "x": "",
	} {
		if got := Nearest(in, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
