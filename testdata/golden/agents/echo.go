package agents

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Echo is the agent strategy Echo.
//
// Repeats what it is told.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Echo(ctx context.Context, call *EchoCall, out *EchoOutput) error {
	return runtime.ErrNotImplemented
}
