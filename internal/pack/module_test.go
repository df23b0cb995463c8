package pack

import "testing"

func TestUnfitModule(t *testing.T) {
	t.Parallel()
	const (
		invalid  = "is not the name of a Python module, such as main"
		standard = "is a module of Python's standard library, which it would replace; write main"
		reserved = "has another meaning in Python; write main"
	)
	for name, want := range map[string]string{
		"main": "", "plugin": "", "_main2": "", "classes": "",
		"../main": invalid, "a.b": invalid, "2main": invalid, "": invalid,
		"json": standard, "site": standard, "__future__": standard,
		"class": reserved, "None": reserved, "True": reserved, "match": reserved, "_": reserved,
		"__main__": reserved, "__init__": reserved, "sitecustomize": reserved, "usercustomize": reserved, "dify_plugin": reserved,
	} {
		if got := unfitModule(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
