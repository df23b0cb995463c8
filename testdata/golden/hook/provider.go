// Package hook connects Dify to hook.
package hook

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects hook. This file is yours: difygen wrote it once and will not touch it
// again.
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var _ EndpointHandler = (*Provider)(nil)

// Handler returns the handler of a request to an endpoint with these settings, such as:
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("POST /hook", func(w http.ResponseWriter, r *http.Request) { … })
//	return mux, nil
func (p *Provider) Handler(settings Settings) (http.Handler, error) {
	return nil, runtime.ErrNotImplemented
}
