package agents

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// PlanAndAct is the agent strategy Plan and act.
//
// Makes a plan first.
//
// It answers, for example, like this:
//
//	return out.Text(call.Parameters.Instruction)
func (p *Provider) PlanAndAct(ctx context.Context, call *PlanAndActCall, out *PlanAndActOutput) error {
	return runtime.ErrNotImplemented
}
