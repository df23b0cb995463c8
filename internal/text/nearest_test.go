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
