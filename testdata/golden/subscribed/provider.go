// Package subscribed connects Dify to Subscribed.
package subscribed

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Subscribed. This file is yours: difygen wrote it once and will not touch
// it again.
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var _ Trigger = (*Provider)(nil)

// Dispatch verifies a webhook, answers it on w, and passes it on to events with the methods of
// to.
func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	return runtime.ErrNotImplemented
}
