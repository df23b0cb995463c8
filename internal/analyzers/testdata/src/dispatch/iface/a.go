// Package iface calls the methods of events by an interface.
package iface

import (
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/runtime"
)

type pusher interface {
	Push(payload forge.PushPayload) error
}

type hooks struct{}

func (hooks) Dispatch(_ http.ResponseWriter, _ *http.Request, _ *forge.DispatchCall, to *forge.Dispatcher) error {
	var p pusher = to
	return p.Push(forge.PushPayload{})
}

type stub struct{}

func (stub) Dispatch(_ http.ResponseWriter, _ *http.Request, _ *forge.DispatchCall, _ *forge.Dispatcher) error {
	return runtime.ErrNotImplemented
}
