// Package dispatch does not name an event.
package dispatch

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/runtime"
)

type hooks struct{}

func (hooks) Dispatch(_ http.ResponseWriter, r *http.Request, call *forge.DispatchCall, to *forge.Dispatcher) error { // want `no code calls Tag of the Dispatcher, so that the event never happens`
	switch r.Header.Get("X-Event") {
	case "":
		return runtime.ErrIgnore // want `Dispatch fails with runtime.ErrIgnore, so that the sender gets the status 500; to ignore a webhook, name no event and return nil`
	case "ping":
		return fmt.Errorf("a ping: %w", runtime.ErrIgnore) // want `Dispatch fails with runtime.ErrIgnore`
	}
	to.SetUserID(call.UserID)
	return push(to, forge.PushPayload{Ref: "main"})
}

func push(to *forge.Dispatcher, payload forge.PushPayload) error { return to.Push(payload) }

// What follows is right.

type other struct{}

// Dispatch is not that of a trigger.
func (other) Dispatch(name string) error { return fmt.Errorf("%s: %w", name, runtime.ErrIgnore) }

func ignored(err error) error {
	if errors.Is(err, runtime.ErrIgnore) {
		return nil
	}
	return err
}
