package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Dify is the agent strategy dify.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Dify(ctx context.Context, call *DifyCall, out *DifyOutput) error {
	return runtime.ErrNotImplemented
}
