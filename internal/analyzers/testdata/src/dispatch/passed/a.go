// Package passed passes the dispatcher on.
package passed

import (
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/dispatch/other"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
)

type hooks struct{}

func (hooks) Dispatch(_ http.ResponseWriter, _ *http.Request, _ *forge.DispatchCall, to *forge.Dispatcher) error {
	return other.Name(to)
}
