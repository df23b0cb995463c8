package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Provider is the tool provider.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Provider(ctx context.Context, call *ProviderCall, out *ProviderOutput) error {
	return runtime.ErrNotImplemented
}
