package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// List2 is the tool list_.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) List2(ctx context.Context, call *List2Call, out *List2Output) error {
	return runtime.ErrNotImplemented
}
