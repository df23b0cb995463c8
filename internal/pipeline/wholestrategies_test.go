package pipeline_test

import (
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
	"github.com/difygen/difygen/runtime"
)

// aStrategy is a real strategy, which is called in a process of its plugin.
var aStrategy = struct{ plugin, provider, name string }{"plugins/agent-strategies/cot_agent", "agent", "ReAct"}

// callStrategy builds the plugin of a strategy in a module with real plugins, and calls the strategy over
// every transport: the parameters are decoded, and the stand-in of the author's method answers.
func callStrategy(t *testing.T, module string) {
	t.Helper()
	binary := buildProgram(t, module, aStrategy.plugin)
	llm := map[string]any{"provider": "p", "model": "m", "model_type": "llm", "mode": "chat", "completion_params": map[string]any{}}
	for want, parameters := range map[string]map[string]any{
		runtime.ErrNotImplemented.Error():                 {"model": llm, "tools": []any{}, "instruction": "i", "query": "q", "maximum_iterations": 3},
		"ReAct: Model (model) is required; ":              {},
		"Maximum Iterations (maximum_iterations) must be": {"model": llm, "tools": []any{}, "instruction": "i", "query": "q", "maximum_iterations": 501},
	} {
		plugintest.EachTransport(t, binary, nil, host.Permission{}, func(t *testing.T, p host.Host, _ *host.Dify) {
			t.Helper()
			response, err := p.Call(t.Context(), "agent_strategy", "invoke_agent_strategy", map[string]any{
				"agent_strategy_provider": aStrategy.provider, "agent_strategy": aStrategy.name, "agent_strategy_params": parameters,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := response.String(); !strings.Contains(got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
