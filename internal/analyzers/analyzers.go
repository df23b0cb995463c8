// Package analyzers finds mistakes in plugins that the compiler cannot see, in code that uses
// what difygen generated. Command difygen-vet runs them.
package analyzers

import (
	"slices"

	"golang.org/x/tools/go/analysis"
)

// all are the analyzers, in the order of docs/vet.md.
var all = []*analysis.Analyzer{
	credentialCheck,
	credentialSwitch,
	dispatch,
	emptySecret,
	errorResponse,
	hookPath,
	httpDeadline,
	notImplemented,
	oauthFlow,
	oauthRefresh,
	optionalMethod,
	optionSwitch,
	plainText,
	rawValues,
	secretCompare,
	secretLeak,
	stdout,
}

// All returns the analyzers. Each only looks at packages that depend on package runtime of
// difygen, and reports nothing in tests and in generated files.
func All() []*analysis.Analyzer { return slices.Clone(all) }
