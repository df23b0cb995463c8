package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Echo2 is the agent strategy echo_.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Echo2(ctx context.Context, call *Echo2Call, out *Echo2Output) error {
	return runtime.ErrNotImplemented
}
