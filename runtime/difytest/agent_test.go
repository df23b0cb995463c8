package difytest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/serve"
)

const agentDeclaration = `{"identity":{"name":"plan"},"strategies":[{"identity":{"name":"react"},"features":FEATURES,"parameters":[
	{"name":"model","type":"model-selector","required":true},{"name":"tools","type":"array[tools]"},{"name":"query","type":"string"},
	{"name":"rounds","type":"number","default":5},{"name":"style","type":"select","options":[{"value":"short"},{"value":"long"}]},
	{"name":"key","type":"secret-input"}],"output_schema":{"properties":{"rounds":{"type":"integer"}}}}]}`

// agentOf returns a strategy with this code.
func agentOf(features string, run func(ctx context.Context, params given, out *agent.Output) error) *serve.Plugin {
	plugin := pluginOf("agent_strategy_declaration", strings.Replace(agentDeclaration, "FEATURES", features, 1),
		runtime.NewAgentStrategies(runtime.AgentStrategiesConfig{
			Name: "plan", Fields: &runtime.Fields{Secret: []string{"key"}}, Strategies: []runtime.StrategyBinding{{
				Name: "react", Invoke: agent.BindStrategy(anyParameters, func(ctx context.Context, _ runtime.Call, params given, out *agent.Output) error {
					return run(ctx, params, out)
				}),
			}},
		}))
	return plugin
}

// aModel is a model as a user chooses it.
func aModel() difytest.AgentModel {
	return difytest.AgentModel{ModelSelector: runtime.ModelSelector{Provider: "p", Model: "m"}}
}

func TestAgent(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, agentOf("[]", func(_ context.Context, params given, out *agent.Output) error {
		outer, err := out.Log(runtime.LogMessage{ID: "1", Label: "round", Status: runtime.LogStart})
		inner := func(label string) error {
			_, err := out.Log(runtime.LogMessage{Label: label, Parent: outer, Data: given{"n": 1}})
			return err
		}
		return errors.Join(err, out.Text(fmt.Sprint(params["query"], params["rounds"], params["style"])), inner("model"), inner("tool"),
			out.JSON(given{"execution_metadata": given{"total_tokens": 7, "total_price": "0.02", "currency": "EUR"}}),
			out.JSON(given{"a": 1, "execution_metadata": given{"total_tokens": 8}}), out.JSON([]int{2}),
			out.Variable("rounds", 1), out.Text("!"), out.File(make([]byte, 20_000), runtime.FileMeta{Name: "f", MIMEType: "text/plain"}),
			func() error {
				_, err := out.Log(runtime.LogMessage{ID: "1", Label: "round", Status: runtime.LogError, Error: "no"})
				return err
			}())
	}))
	r := h.Agent("react", given{"model": aModel(), "query": "q "})
	r.Messages = nil
	for i := range r.Steps[0].Steps {
		r.Steps[0].Steps[i].ID = ""
	}
	step := func(label, status string) difytest.Step {
		return difytest.Step{Log: difytest.Log{Label: label, Status: status, Data: given{}, Metadata: given{}}}
	}
	round := step("round", "error")
	round.ID, round.Error = "1", "no"
	for _, label := range []string{"model", "tool"} {
		s := step(label, "success")
		s.ParentID, s.Data = "1", given{"n": 1.0}
		round.Steps = append(round.Steps, s)
	}
	want := &difytest.AgentResult{
		Text: "q 5 <nil>!", JSON: []any{given{"a": 1.0}, []any{2.0}}, Variables: given{"rounds": 1.0},
		Files: []difytest.File{{Name: "f", MIMEType: "text/plain", Data: make([]byte, 20_000)}},
		Steps: []difytest.Step{round}, Usage: llm.Usage{TotalTokens: 8},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAgentValues checks what a strategy gets of models and tools.
func TestAgentValues(t *testing.T) {
	t.Parallel()
	var got given
	h := difytest.Start(t, agentOf(`["history-messages"]`, func(_ context.Context, params given, _ *agent.Output) error {
		got = params
		return nil
	}))
	model := aModel()
	model.Schema = &runtime.ModelSchema{Features: []runtime.ModelFeature{runtime.FeatureToolCall}, Properties: given{runtime.PropertyContextSize: 4096}}
	model.History = []llm.Message{llm.User("hi")}
	if r := h.Agent("react", given{"model": model, "rounds": 2, "style": "long", "query": "", "tools": []difytest.AgentTool{{
		Provider: "a/b/c", Name: "weather", Description: "Says the weather", Settings: given{"unit": "C"}, CredentialID: "cred",
		Parameters: []runtime.Parameter{{Name: "city", Required: true}, {Name: "unit", Form: "form"}},
	}}}); r.Err != nil {
		t.Fatal(r.Err)
	}
	entity, _ := got["model"].(given)["entity"].(given)
	history, _ := got["model"].(given)["history_prompt_messages"].([]any)
	if entity["model"] != "m" || entity["model_type"] != "llm" || fmt.Sprint(entity["features"], entity["model_properties"]) != "[tool-call] map[context_size:4096]" ||
		len(history) != 1 || history[0].(given)["content"] != "hi" {
		t.Errorf("got %v", got["model"])
	}
	tool, _ := got["tools"].([]any)[0].(given)
	parameters, _ := tool["parameters"].([]any)
	for i, p := range parameters {
		parameters[i] = fmt.Sprint(p.(given)["name"], " ", p.(given)["form"], " ", p.(given)["type"], " ", p.(given)["required"])
	}
	label := func(text string) given { return given{"en_US": text} }
	want := given{
		"identity":    given{"author": "difytest", "name": "weather", "label": label("weather"), "provider": "a/b/c"},
		"parameters":  []any{"city llm string true", "unit form string false"},
		"description": given{"human": label("Says the weather"), "llm": "Says the weather"}, "output_schema": nil,
		"has_runtime_parameters": false, "runtime_parameters": given{"unit": "C"}, "credential_id": "cred", "provider_type": "builtin",
	}
	if diff := cmp.Diff(want, tool); diff != "" {
		t.Errorf("a tool (-want +got):\n%s", diff)
	}
	rest := given{"query": "", "rounds": 2.0, "style": "long", "key": nil, "model": nil, "tools": nil}
	got["model"], got["tools"] = nil, nil
	if diff := cmp.Diff(rest, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if r := h.Agent("react", given{"model": aModel()}); r.Err != nil || got["rounds"] != 5.0 || got["model"].(given)["entity"] != nil ||
		fmt.Sprint(got["model"].(given)["history_prompt_messages"]) != "[]" {
		t.Errorf("%v, %v", r.Err, got)
	}
}

// TestReplies checks that a model replies what the test says, in its order.
func TestReplies(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	call := llm.ToolCall{ID: "1", Type: "function", Name: "weather", Arguments: `{"city":"Bonn"}`}
	dify.LLM(difytest.Replies(
		llm.Result{Message: llm.Assistant("Let me see.", call), Usage: llm.Usage{TotalTokens: 7}},
		llm.Result{Message: llm.Assistant("It rains."), FinishReason: llm.FinishLength},
	))
	session := invoke.ForGeneratedCode(dify.Context(t.Context()))
	ask := func() (*llm.Result, error) {
		return llm.Collect(session.LLM().Stream(dify.Context(t.Context()), &invoke.LLMRequest{
			Model: runtime.ModelSelector{Provider: "p", Model: "m"}, Messages: []llm.Message{llm.User("hi")},
		}))
	}
	r, err := ask()
	if err != nil || r.Text() != "Let me see." || len(r.Message.ToolCalls) != 1 || r.Usage.TotalTokens != 7 || r.FinishReason != llm.FinishToolCalls {
		t.Errorf("got %+v, %v", r, err)
	}
	if diff := cmp.Diff([]llm.ToolCall{call}, r.Message.ToolCalls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r, err = ask(); err != nil || r.Text() != "It rains." || r.FinishReason != llm.FinishLength || r.Usage.Currency != "USD" {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err = ask(); err == nil || !strings.Contains(err.Error(), "the test has 2 replies of the model, but this is call 3") {
		t.Errorf("got %v", err)
	}
}

// TestWrongAgents checks that calls which Dify would not make, and results which it would reject, or not show, are
// errors of the test.
func TestWrongAgents(t *testing.T) {
	t.Parallel()
	log := func(steps ...runtime.LogMessage) func(context.Context, given, *agent.Output) error {
		return func(_ context.Context, _ given, out *agent.Output) error {
			for _, s := range steps {
				if _, err := out.Log(s); err != nil {
					return err
				}
			}
			return nil
		}
	}
	nothing := log()
	call := func(params given) func(h *difytest.Host) {
		return func(h *difytest.Host) { h.Agent("react", params) }
	}
	right := call(given{"model": aModel(), "key": "a-secret"})
	history := aModel()
	history.History = []llm.Message{llm.User("hi")}
	for name, test := range map[string]struct {
		run  func(context.Context, given, *agent.Output) error
		call func(h *difytest.Host)
		want []string // the starts of what is reported
	}{
		"right":       {nothing, right, nil},
		"a strategy":  {nothing, func(h *difytest.Host) { h.Agent("cot", nil) }, []string{"no strategy cot; plan has react"}},
		"a parameter": {nothing, call(given{"model": aModel(), "qeury": 1}), []string{"the strategy react declares no parameter qeury; it has model, tools, query, rounds, style, key"}},
		"no model":    {nothing, call(nil), []string{"the parameter model of the strategy react is required, so that Dify does not run it without"}},
		"an option":   {nothing, call(given{"model": aModel(), "style": "wide"}), []string{"the parameter style of the strategy react has the value wide, which is not one of its options: short, long"}},
		"a history":   {nothing, call(given{"model": history}), []string{"the strategy react does not have the feature history-messages, so that Dify sends it no History"}},
		"a runtime.Secret": {
			nothing, call(given{"model": aModel(), "key": runtime.NewSecret("s")}), []string{"key is a runtime.Secret"},
		},
		"another kind": {nothing, func(h *difytest.Host) { h.Tool("react", nil, nil) }, []string{"the plugin declares no tool provider; it has plan (agent-strategy)"}},
		"no end":       {log(runtime.LogMessage{Label: "round", Status: runtime.LogStart}), right, []string{`the step "round" starts, but does not end: call Step.End, or send it again, with the same ID and another status`}},
		"no end inside": {
			log(runtime.LogMessage{ID: "1", Label: "round"}, runtime.LogMessage{Label: "model", Parent: "1", Status: runtime.LogStart}), right,
			[]string{`the step "model" starts, but does not end`},
		},
		"no end after an error": {func(_ context.Context, _ given, out *agent.Output) error {
			_, err := out.Log(runtime.LogMessage{Label: "round", Status: runtime.LogStart})
			return errors.Join(err, errors.New("no"))
		}, right, nil},
		"a parent": {log(runtime.LogMessage{Label: "model", Parent: "round-1"}), right, []string{`the step "model" has the parent "round-1", which is not a step`}},
		"a circle": {
			log(runtime.LogMessage{ID: "1", Label: "a", Parent: "2"}, runtime.LogMessage{ID: "2", Label: "b", Parent: "1"}), right,
			[]string{`the step "a" is inside itself, so that Dify does not show it`, `the step "b" is inside itself`},
		},
		"usage": {
			func(_ context.Context, _ given, out *agent.Output) error {
				return out.JSON(given{"execution_metadata": given{"total_tokens": "many"}})
			}, right, []string{"Dify cannot read the usage in execution_metadata: "},
		},
		"a variable": {
			func(_ context.Context, _ given, out *agent.Output) error { return out.Variable("round", 1) }, right,
			[]string{"the strategy react sends the variable round, which its output_schema does not declare"},
		},
		"a secret": {
			func(_ context.Context, params given, out *agent.Output) error {
				return out.Text(fmt.Sprint(params["key"]))
			}, right,
			[]string{"the result of react holds the secret key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				test.call(difytest.Start(tb, agentOf("null", test.run)))
			})
			if len(errs) != len(test.want) {
				t.Fatalf("reported %q, want %q", errs, test.want)
			}
			for i, want := range test.want {
				if !strings.HasPrefix(errs[i], want) {
					t.Errorf("reported %q, want %q", errs[i], want)
				}
			}
		})
	}
}

// TestAgentSecrets checks that the secrets among the settings of tools and models do not get anywhere but to the tool
// and the model.
func TestAgentSecrets(t *testing.T) {
	t.Parallel()
	params := given{
		"model": difytest.AgentModel{ModelSelector: runtime.ModelSelector{
			Provider: "p", Model: "m", CompletionParams: given{"api_key": "key-of-model", "stop_word": "halt"},
		}},
		"tools": []difytest.AgentTool{{
			Provider: "a/b/c", Name: "weather", Settings: given{"auth": "key-of-tool", "unit": "Celsius"},
			Parameters: []runtime.Parameter{{Name: "auth", Type: "secret-input", Form: "form"}, {Name: "unit", Form: "form"}},
		}},
	}
	all := func(params given) string { return fmt.Sprint(params["model"], params["tools"]) }
	for name, test := range map[string]struct {
		run  func(ctx context.Context, params given, out *agent.Output) error
		want []string
	}{
		"text": {
			func(_ context.Context, params given, out *agent.Output) error { return out.Text(all(params)) },
			[]string{"the result of react holds the secret api_key", "the result of react holds the secret auth"},
		},
		"a step": {
			func(_ context.Context, params given, out *agent.Output) error {
				_, err := out.Log(runtime.LogMessage{Label: "round", Data: given{"tools": params["tools"]}})
				return err
			}, []string{"the result of react holds the secret auth"},
		},
		"a prompt": {
			func(ctx context.Context, params given, _ *agent.Output) error {
				_, err := llm.Collect(invoke.ForGeneratedCode(ctx).LLM().Stream(ctx, &invoke.LLMRequest{
					Model: aModel().ModelSelector, Messages: []llm.Message{llm.User(all(params))},
				}))
				return err
			}, []string{"a call back into Dify of type llm holds the secret api_key", "a call back into Dify of type llm holds the secret auth"},
		},
		"their own": {
			func(ctx context.Context, _ given, out *agent.Output) error {
				session := invoke.ForGeneratedCode(ctx)
				_, err := llm.Collect(session.LLM().Stream(ctx, &invoke.LLMRequest{
					Model:    runtime.ModelSelector{Provider: "p", Model: "m", CompletionParams: given{"api_key": "key-of-model"}},
					Messages: []llm.Message{llm.User("hi")},
				}))
				for _, called := range session.Tools().Stream(ctx, &invoke.ToolRequest{
					Type: invoke.ToolBuiltin, Provider: "a/b/c", Tool: "weather", Parameters: given{"auth": "key-of-tool"},
				}) {
					err = errors.Join(err, called)
				}
				return errors.Join(err, out.Text("halt Celsius"))
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				h := difytest.Start(tb, agentOf("null", test.run))
				h.Dify().LLM(difytest.Replies(llm.Result{Message: llm.Assistant("ok")}))
				h.Dify().Tools(func(_ context.Context, _ *invoke.ToolRequest, out *difytest.ToolAnswer) error { return out.Text("ok") })
				if r := h.Agent("react", params); r.Err != nil {
					t.Error(r.Err)
				}
			})
			if len(errs) != len(test.want) {
				t.Fatalf("reported %q, want %q", errs, test.want)
			}
			for i, want := range test.want {
				if !strings.HasPrefix(errs[i], want) {
					t.Errorf("reported %q, want %q", errs[i], want)
				}
			}
		})
	}
}
