// Package gopls starts gopls, the language server that editors use for Go.
package gopls

import (
	"context"

	"github.com/difygen/difygen/internal/test/lsp"
)

// Client is an editor.
type Client = lsp.Client

// Item is a proposal.
type Item = lsp.Item

// Fix is a change that gopls offers.
type Fix = lsp.Fix

// Diagnostic is a problem that gopls found.
type Diagnostic = lsp.Diagnostic

// Start starts gopls for a folder. gopls is killed when the context is done.
func Start(ctx context.Context, gopls, dir string, env []string) (*Client, error) {
	return lsp.Start(ctx, lsp.Server{
		Name: "gopls", Command: []string{gopls, "serve"}, Dir: dir, Env: env, Language: "go",
		Options: map[string]any{"diagnosticsDelay": "1ms"},
	})
}
