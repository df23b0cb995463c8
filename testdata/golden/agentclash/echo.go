package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Echo is the agent strategy echo.
//
// Strategy for tests.
//
// To ask a model, permit that in manifest.yaml: resource.permission.model.llm.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Echo(ctx context.Context, call *EchoCall, out *EchoOutput) error {
	return runtime.ErrNotImplemented
}
