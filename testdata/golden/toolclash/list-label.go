package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ListLabel is the tool list-label.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) ListLabel(ctx context.Context, call *ListLabelCall, out *ListLabelOutput) error {
	return runtime.ErrNotImplemented
}
