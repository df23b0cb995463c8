// Package agentclash connects Dify to Clashes.
package agentclash

import "net/http"

// Provider connects Clashes. This file is yours: difygen wrote it once and will not touch it
// again.
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var _ Strategies = (*Provider)(nil)
