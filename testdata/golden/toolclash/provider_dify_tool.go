package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ProviderDify is the tool provider_dify.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) ProviderDify(ctx context.Context, call *ProviderDifyCall, out *ProviderDifyOutput) error {
	return runtime.ErrNotImplemented
}
