// Package agent has what agent strategies take and give: the model and the tools that a user has
// chosen, and the output that Dify shows while the agent works.
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
	return func(ctx context.Context, req *runtime.Request, values map[string]any) error {
		params, err := decodeParameters(values)
		if err != nil {
			return err
		}
		out := newOutput(req)
		defer out.finish()
		return run(ctx, req.Call, params, out)
	}
}

// Output sends what a strategy returns while it runs.
type Output struct{ *runtime.ToolOutput }

func newOutput(req *runtime.Request) *Output {
	return &Output{runtime.NewToolOutput(func(m runtime.ToolMessage) error { return req.Stream(m) })}
}

func (o *Output) finish() {}
