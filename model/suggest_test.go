package model

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"secret_input": "secret-input", "secretinput": "secret-input", "Select": "select", "selcet": "select",
		"texT-Input": "text-input", "bool": "boolean", "file": "", "": "", "number": "", "string": "",
		"array[tool]": "array[tools]", "text": "text-input", "model": "model-selector", "x": "",
	} {
		if got := nearest(in, knownTypes(inCredentials)); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
