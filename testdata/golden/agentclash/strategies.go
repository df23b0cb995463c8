package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Strategies is the agent strategy strategies.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Strategies(ctx context.Context, call *StrategiesCall, out *StrategiesOutput) error {
	return runtime.ErrNotImplemented
}
