package agents

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// PlanAndAct is the agent strategy Plan and act.
//
// Makes a plan first.
//
// It lets a model work until that answers, for example, like this, with the packages agent and
// llm of github.com/difygen/difygen/runtime:
//
//	run := &agent.Run{
//		Out: out.Output, LLM: call.Dify.LLM, Model: call.Parameters.Model,
//		Tools: agent.NewToolset(call.Dify.Tools, call.Parameters.Tools),
//	}
//	run.Append(llm.System(call.Parameters.Instruction))
//	run.Append(call.Parameters.Model.History...)
//	run.Append(llm.User(call.Parameters.Query))
//	_, err := run.Loop(ctx, nil, int(call.Parameters.MaximumRounds))
//	return err
func (p *Provider) PlanAndAct(ctx context.Context, call *PlanAndActCall, out *PlanAndActOutput) error {
	return runtime.ErrNotImplemented
}
