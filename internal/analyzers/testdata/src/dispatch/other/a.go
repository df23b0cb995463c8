// Package other names an event for another one, in which Dispatch is.
package other

import "github.com/difygen/difygen/internal/analyzers/testdata/src/forge"

// Name names an event.
func Name(to *forge.Dispatcher) error { return to.Tag(forge.TagPayload{}) }
