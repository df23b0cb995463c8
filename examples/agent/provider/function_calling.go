package agent

import (
	"context"

	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/llm"
)

// FunctionCalling asks the model, with the conversation so far, and calls the tools that it asks for until
// it answers without any. After that many rounds it must. What the model does wrong is told to the model.
func (p *Provider) FunctionCalling(ctx context.Context, call *FunctionCallingCall, out *FunctionCallingOutput) error {
	params := call.Parameters
	run := &agent.Run{
		Out: out.Output, LLM: call.Dify.LLM, Model: params.Model, Tools: agent.NewToolset(call.Dify.Tools, params.Tools),
	}
	if params.Instruction != "" {
		run.Append(llm.System(params.Instruction))
	}
	run.Append(params.Model.History...)
	run.Append(llm.User(params.Query))
	answer, err := run.Loop(ctx, nil, int(params.MaximumIterations))
	if err != nil {
		return err
	}
	_, text := llm.SplitReasoning(answer.Text())
	return out.SetAnswer(text)
}
