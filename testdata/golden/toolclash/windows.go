package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Windows is the tool windows.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Windows(ctx context.Context, call *WindowsCall, out *WindowsOutput) error {
	return runtime.ErrNotImplemented
}
