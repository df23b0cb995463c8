package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ListCall is the tool list_call.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) ListCall(ctx context.Context, call *ListCallCall, out *ListCallOutput) error {
	return runtime.ErrNotImplemented
}
