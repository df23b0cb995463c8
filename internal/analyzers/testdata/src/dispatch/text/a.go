// Package text names events by text.
package text

import (
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
)

type hooks struct{}

func (hooks) Dispatch(_ http.ResponseWriter, r *http.Request, _ *forge.DispatchCall, to *forge.Dispatcher) error {
	return to.Dispatch(r.Header.Get("X-Event"), forge.PushPayload{})
}
