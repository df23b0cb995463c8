package golden_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/agentclash"
	"github.com/difygen/difygen/testdata/golden/agents"
)

// planParameters are the required parameters of a strategy that have no default, as Dify sends them.
func planParameters(more map[string]any) map[string]any {
	values := map[string]any{
		"model": map[string]any{"provider": "p", "model": "m", "model_type": "llm", "mode": "chat", "completion_params": map[string]any{}, "entity": nil},
		"tools": []any{map[string]any{
			"identity": map[string]any{"author": "a", "name": "search", "label": map[string]any{"en_US": "Search"}, "provider": "p/q/r"}, "parameters": []any{},
			"description": map[string]any{"human": map[string]any{"en_US": "Searches."}, "llm": "Searches."}, "runtime_parameters": map[string]any{}, "credential_id": nil, "provider_type": "builtin",
		}},
		"instruction": "i", "query": "q", "mode": "1", "careful": nil, "maximum_rounds": nil,
	}
	maps.Copy(values, more)
	return values
}

func TestDecodeStrategyParameters(t *testing.T) {
	t.Parallel()
	got, err := agents.DecodePlanAndActParameters(planParameters(map[string]any{"planner": map[string]any{"provider": "o", "model": "n", "model_type": "llm"}, "patience": "2", "token": "t"}))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Tools) != 1 || got.Helpers != nil || got.Model.Model != "m" || got.Planner == nil || got.Planner.Provider != "o" || got.ModelDefault != nil || got.ToolsDefault != nil {
		t.Errorf("got the models %v, %v, %v and the tools %v, %v, %v", got.Model, got.Planner, got.ModelDefault, got.Tools, got.Helpers, got.ToolsDefault)
	}
	got.Model, got.Planner, got.Tools = agents.PlanAndActParameters{}.Model, nil, nil // package agent tests what is in them
	want := agents.PlanAndActParameters{
		Instruction: "i", Query: "q", Tone: "friendly", Effort: agents.EffortLow, Mode: agents.Mode1, MaximumRounds: 3, Patience: runtime.Some(2.0),
		Careful: true, Token: runtime.NewSecret("t"), Limit: 5.0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	_, err = agents.DecodePlanAndActParameters(map[string]any{"maximum_rounds": 51.0, "patience": 0.25, "effort": "some", "quiet": "perhaps"})
	const wrong = "Plan and act: Model (model) is required; Tools (tools) is required; Instruction (instruction) is required; Query (query) is required; Effort (effort) must be one of low, high; " +
		"Mode (mode) is required; Quiet (quiet) must be true or false; Maximum rounds (maximum_rounds) must be at most 50; Patience (patience) must be at least 0.5"
	if errorText(err) != wrong {
		t.Errorf("got  %v\nwant %s", err, wrong)
	}
}

// TestStrategyRoutes checks which requests reach the author's methods.
func TestStrategyRoutes(t *testing.T) {
	t.Parallel()
	const invoke = "invoke_agent_strategy"
	stub := runtime.ErrNotImplemented.Error()
	parameters := func(params any) map[string]any { return map[string]any{"agent_strategy_params": params} }
	anAgent, aClash := agents.NewProvider(&agents.Provider{}), agentclash.NewProvider(&agentclash.Provider{})
	checkRoutes(t, map[string]routeTest{
		"a strategy":                       {anAgent, invoke, "agents plan_and-act", parameters(planParameters(nil)), stub},
		"a strategy with wrong parameters": {anAgent, invoke, "agents plan_and-act", parameters(planParameters(map[string]any{"instruction": nil})), "Plan and act: Instruction (instruction) is required"},
		"a strategy without tools":         {anAgent, invoke, "agents plan_and-act", parameters(planParameters(map[string]any{"tools": nil})), "Plan and act: Tools (tools) is required"},
		"tools that are switched off":      {anAgent, invoke, "agents plan_and-act", parameters(planParameters(map[string]any{"tools": []any{}})), stub},
		"a strategy without parameters":    {anAgent, invoke, "agents echo", parameters(nil), stub},
		"a strategy with others":           {anAgent, invoke, "agents echo", parameters(map[string]any{"model": 5.0}), stub},
		"a strategy without a Go name":     {aClash, invoke, "agentclash ____", parameters(nil), stub},
		"a strategy with a clash":          {aClash, invoke, "agentclash echo_", parameters(nil), stub},
	})
	if anAgent.Kind() != runtime.KindAgentStrategy || anAgent.Name() != "agents" {
		t.Errorf("the adapter is of kind %s and called %s", anAgent.Kind(), anAgent.Name())
	}
	for _, route := range anAgent.Routes() {
		if route.ErrorType != runtime.ErrorInvoke {
			t.Errorf("%v fails with %s", route.Keys, route.ErrorType)
		}
	}
}

// FuzzDecodeStrategyParameters decodes any JSON. No input may panic, and no error may be empty.
func FuzzDecodeStrategyParameters(f *testing.F) {
	f.Add([]byte(`{"model":{"entity":{"features":[1],"model_properties":[]},"history_prompt_messages":[{"role":5,"content":[null]}]},"tools":[null,5,{"identity":[]}]}`))
	f.Add([]byte(`{"planner":"{","helpers":"[1","maximum_rounds":"1e400","photo":"x","papers":[null],"context":{},"app":[],"list":"[","object":5}`))
	f.Add([]byte(`{"tools":[{"parameters":[{"name":1,"options":{}}],"runtime_parameters":[],"credential_id":{},"provider_type":null}],"several":["a"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var fuzzed map[string]any
		if json.Unmarshal(data, &fuzzed) != nil {
			return
		}
		for _, values := range []map[string]any{fuzzed, planParameters(fuzzed)} {
			if _, err := agents.DecodePlanAndActParameters(values); err != nil && !strings.HasPrefix(err.Error(), "Plan and act: ") {
				t.Errorf("got %v", err)
			}
		}
	})
}
