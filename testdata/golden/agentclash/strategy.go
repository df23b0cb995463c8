package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Strategy8 is the agent strategy ____.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Strategy8(ctx context.Context, call *Strategy8Call, out *Strategy8Output) error {
	return runtime.ErrNotImplemented
}
