package pack

import (
	_ "embed" // of modules.txt
	"slices"
	"strings"
)

// modules are the modules of the standard library of Python 3.12, which the host runs, one a
// line.
//
//go:embed modules.txt
var modules string

// pythonNames are Python's keywords, and other names that it or the host's SDK has for modules.
const pythonNames = `False None True and as assert async await break class continue def del elif
	else except finally for from global if import in is lambda nonlocal not or pass raise return
	try while with yield _ case match type __init__ __main__ sitecustomize usercustomize dify_plugin`

// unfitModule returns why a Python module in the plugin's folder cannot have a name; "" if it
// can.
func unfitModule(name string) string {
	switch {
	case !isModuleName(name):
		return "is not the name of a Python module, such as main"
	case slices.Contains(strings.Fields(modules), name):
		return "is a module of Python's standard library, which it would replace; write main"
	case slices.Contains(strings.Fields(pythonNames), name):
		return "has another meaning in Python; write main"
	}
	return ""
}

// isModuleName reports whether s can name a Python module in the plugin's folder.
func isModuleName(s string) bool {
	const letters, digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", "0123456789"
	return s != "" && strings.Contains(letters, s[:1]) && strings.Trim(s, letters+digits) == ""
}
