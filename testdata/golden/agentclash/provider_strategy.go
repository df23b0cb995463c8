package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Provider is the agent strategy provider.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Provider(ctx context.Context, call *ProviderCall, out *ProviderOutput) error {
	return runtime.ErrNotImplemented
}
