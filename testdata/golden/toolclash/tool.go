package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Tool9 is the tool ____.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Tool9(ctx context.Context, call *Tool9Call, out *Tool9Output) error {
	return runtime.ErrNotImplemented
}
