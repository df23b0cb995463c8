// Package values names each event somewhere.
package values

import (
	"errors"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/runtime"
)

type hooks struct{}

type worker struct{ to *forge.Dispatcher }

func (w worker) push() error { return w.to.Push(forge.PushPayload{}) }

func (hooks) Dispatch(_ http.ResponseWriter, r *http.Request, _ *forge.DispatchCall, to *forge.Dispatcher) error {
	names := map[string]func(forge.TagPayload) error{"tag": to.Tag}
	check := func() error { return runtime.ErrIgnore }
	err := worker{to}.push()
	if name := names[r.Header.Get("X-Event")]; name != nil {
		err = name(forge.TagPayload{})
	}
	if errors.Is(check(), runtime.ErrIgnore) || err == runtime.ErrIgnore {
		return nil
	}
	return err
}
