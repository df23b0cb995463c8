package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ListLabelOptions is the tool list_label_options.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) ListLabelOptions(ctx context.Context, call *ListLabelOptionsCall, out *ListLabelOptionsOutput) error {
	return runtime.ErrNotImplemented
}
