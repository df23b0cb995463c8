// Package agent has what agent strategies take and give: the model and the tools that a user has
// chosen, and the output that Dify shows while the agent works. Run is a conversation in which a model calls
// tools until it can answer:
//
//	run := &agent.Run{
//		Out: out.Output, LLM: call.Dify.LLM, Model: call.Parameters.Model,
//		Tools:    agent.NewToolset(call.Dify.Tools, call.Parameters.Tools),
//		Messages: []llm.Message{llm.System(instruction), llm.User(query)},
//	}
//	_, err := run.Loop(ctx, nil, 10)
//
// Strategies that work in another way use its methods one by one: Run.Ask asks the model, Run.CallTool calls
// a tool, and Output.Step shows a step.
package agent

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// BindStrategy adapts the typed method of a strategy to values on the wire.
func BindStrategy[P any](
	decodeParameters func(map[string]any) (P, error),
	run func(ctx context.Context, call runtime.Call, params P, out *Output) error,
) runtime.StrategyHandler {
	return func(ctx context.Context, req *runtime.Request, values map[string]any) (err error) {
		params, err := decodeParameters(values)
		if err != nil {
			return err
		}
		out := NewOutput(ctx, func(m runtime.ToolMessage) error { return req.Stream(m) })
		defer func() { err = out.End(err) }() // after a panic, too: what has been written is shown
		return run(ctx, req.Call, params, out)
	}
}
