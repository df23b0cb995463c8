package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Dify is the tool dify.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Dify(ctx context.Context, call *DifyCall, out *DifyOutput) error {
	return runtime.ErrNotImplemented
}
