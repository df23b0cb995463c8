package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// EchoCall is the agent strategy echo-call.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) EchoCall(ctx context.Context, call *EchoCallCall, out *EchoCallOutput) error {
	return runtime.ErrNotImplemented
}
