package gen

import (
	"testing"

	"github.com/difygen/difygen/internal/pathpattern"
)

// TestValueWords checks what comments say of values in paths.
func TestValueWords(t *testing.T) {
	for pattern, want := range map[string]string{
		"/<v>":                               "is the text v.",
		"/<path:v>":                          "is the text v, which can have slashes.",
		"/<string(length=3):v>":              "is the text v, of 3 characters.",
		"/<string(length=1):v>":              "is the text v, of 1 character.",
		"/<string(2):v>":                     "is the text v, of at least 2 characters.",
		"/<string(0):v>":                     "is the text v, which can be empty.",
		"/<string(maxlength=5):v>":           "is the text v, of at most 5 characters.",
		"/<string(0, 5):v>":                  "is the text v, of 0 to 5 characters.",
		"/<any(a):v>":                        `is the text v: "a".`,
		`/<any(a, "b c", d):v>`:              `is the text v: "a", "b c" or "d".`,
		"/<uuid:v>":                          "is the UUID v.",
		"/<int:v>":                           "is the whole number v.",
		"/<int(max=9):v>":                    "is the whole number v, at most 9.",
		"/<int(1, 0, 9):v>":                  "is the whole number v, from 0 to 9, written with 1 digit.",
		"/<int(fixed_digits=4):v>":           "is the whole number v, written with 4 digits.",
		"/<float(min=0.5):v>":                "is the number v, at least 0.5.",
		"/<float(max=1e300, signed=True):v>": "is the number v, at most 1e+300.",
	} {
		p, err := pathpattern.Parse(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if got := valueWords(p.Values[0]); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
	}
}
