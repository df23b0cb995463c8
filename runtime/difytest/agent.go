package difytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// AgentResult is what Dify makes of what an agent strategy sends.
type AgentResult struct {
	Text      string // all texts, joined
	Links     []string
	Images    []string // URLs
	JSON      []any    // as encoding/json decodes them, without usage
	Files     []File
	Variables map[string]any // those of StreamVariable are joined
	Steps     []Step         // those that no other contains, in the order in which they started
	Usage     llm.Usage      // what the strategy says that its models have used
	Messages  []Message      // everything, as it is on the wire
	// Err is the error that ended the call, a *runtime.Error, or nil. What was sent before
	// remains.
	Err error
}

// Step is a step of an agent, which Dify shows while the agent works.
type Step struct {
	Log

	Steps []Step // that it contains, in the order in which they started
}

// Agent runs an agent strategy. Its parameters can be, besides those of a tool, an [AgentModel] and a []AgentTool.
// Dify fills in defaults, and runs no strategy without a parameter that is required. [Dify.LLM] sets what the model
// answers, such as [Replies], and [Dify.Tools] what the tools do:
//
//	h.Dify().LLM(difytest.Replies(…))
//	h.Dify().Tools(func(ctx context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
//		return out.Text("rain")
//	})
//	r := h.Agent("function_calling", map[string]any{
//		"model": difytest.AgentModel{ModelSelector: runtime.ModelSelector{Provider: "p", Model: "m"}},
//		"tools": []difytest.AgentTool{{Provider: "a/b/c", Name: "weather"}},
//		"query": "Does it rain?",
//	})
//
// The test fails if a step has a parent that is not a step, and, unless there is an error, if one starts that does
// not end, or if the result or what the model or a tool is told holds a secret: one of the parameters, a setting of a
// tool whose parameter has the type secret-input, or a setting of the model with the name of one. What a plugin sends faster than Dify passes it on is not lost here; Dify keeps 128 messages.
func (h *Host) Agent(name string, params map[string]any) *AgentResult {
	h.tb.Helper()
	p := h.target(runtime.KindAgentStrategy)
	sent, problem := p.strategyParameters(name, params)
	if err := h.refuse(p, p.noItem(name), p.noParameters(name, params), noSecrets(params), problem); err != nil {
		return &AgentResult{Err: err}
	}
	secrets := p.secrets(params)
	response := h.do(host.Request{Type: "agent_strategy", Action: host.ActionAgent, Fields: map[string]any{
		"agent_strategy_provider": p.name, "agent_strategy": name, "agent_strategy_params": sent,
	}}, secrets)
	all, _ := host.NewAgentResult(response.Results) // faults have been reported
	result := h.agentResult(all)
	if response.Err != nil {
		result.Err = wireError(response.Err)
	} else {
		h.checkEnds(result.Steps)
	}
	h.checkVariables("strategy "+name, p.outputs[name], result.Variables)
	h.checkSecrets("the result of "+name, secrets, convert(all).texts()...)
	return result
}

// strategyParameters returns the parameters of a strategy as Dify sends them: all that are declared. It says why Dify
// would not run the strategy with them, or returns "".
func (p *provider) strategyParameters(strategy string, params map[string]any) (sent map[string]any, problem string) {
	sent = object(params)
	for _, f := range p.parameters[strategy] {
		if isEmpty(sent[f.Name]) && (f.Default != nil || sent[f.Name] == nil) {
			sent[f.Name] = f.Default
		}
		problem = cmp.Or(problem, f.unfit(sent[f.Name], "the parameter "+f.Name+" of the strategy "+strategy))
	}
	for _, v := range params {
		m, ok := v.(AgentModel)
		if ok && len(m.History) > 0 && !slices.Contains(p.features[strategy], "history-messages") {
			problem = cmp.Or(problem, "the strategy "+strategy+" does not have the feature history-messages, so that Dify sends it no History")
		}
	}
	return sent, problem
}

// isEmpty reports whether a value is one that Dify replaces with a default.
func isEmpty(v any) bool {
	list, ok := v.([]any)
	return v == nil || v == "" || ok && len(list) == 0
}

// unfit says why Dify would not take a value for a parameter, which what describes, or returns "".
func (f field) unfit(v any, what string) string {
	switch {
	case isEmpty(v) && f.Required:
		return what + " is required, so that Dify does not run it without"
	case isEmpty(v) || f.Type != "select":
		return ""
	}
	var options []string
	for _, o := range f.Options {
		if o.Value == v {
			return ""
		}
		options = append(options, fmt.Sprint(o.Value))
	}
	return fmt.Sprintf("%s has the value %v, which is not one of its options: %s", what, v, list(options))
}

// agentResult returns the result of messages.
func (h *Host) agentResult(all *host.ToolResult) *AgentResult {
	h.tb.Helper()
	r := convert(all)
	result := &AgentResult{Text: r.Text, Links: r.Links, Images: r.Images, Files: r.Files, Variables: r.Variables, Messages: r.Messages}
	for _, v := range r.JSON {
		if rest := h.takeUsage(v, &result.Usage); rest != nil {
			result.JSON = append(result.JSON, rest)
		}
	}
	result.Steps = h.steps(r.Logs)
	return result
}

// takeUsage returns JSON without the usage in it, which it stores in usage, or nil if nothing is left.
func (h *Host) takeUsage(v any, usage *llm.Usage) any {
	h.tb.Helper()
	const key = "execution_metadata"
	object, ok := v.(map[string]any)
	if !ok || object[key] == nil {
		return v
	}
	data, err := json.Marshal(object[key])
	if err == nil {
		err = json.Unmarshal(data, usage)
	}
	if err != nil {
		h.tb.Errorf("Dify cannot read the usage in %s: %v", key, err)
	}
	rest := maps.Clone(object)
	if delete(rest, key); len(rest) == 0 {
		return nil
	}
	return rest
}

// steps returns the tree of steps, and reports those that have no place in it.
func (h *Host) steps(logs []Log) []Step {
	h.tb.Helper()
	inside := make(map[string][]Log) // by the ID of the step that contains them
	known := make(map[string]bool)
	for _, l := range logs {
		known[l.ID] = true
	}
	for _, l := range logs {
		if l.ParentID != "" && !known[l.ParentID] {
			h.tb.Errorf("the step %q has the parent %q, which is not a step", l.Label, l.ParentID)
			l.ParentID = ""
		}
		inside[l.ParentID] = append(inside[l.ParentID], l)
	}
	roots := tree(inside, "")
	for _, l := range logs {
		if _, left := inside[l.ID]; left {
			h.tb.Errorf("the step %q is inside itself, so that Dify does not show it", l.Label)
		}
	}
	return roots
}

// tree returns the steps that are inside a step, and takes them out of inside.
func tree(inside map[string][]Log, parent string) []Step {
	var steps []Step
	logs := inside[parent]
	delete(inside, parent)
	for _, l := range logs {
		steps = append(steps, Step{l, tree(inside, l.ID)})
	}
	return steps
}

// checkEnds reports steps that have not ended.
func (h *Host) checkEnds(steps []Step) {
	h.tb.Helper()
	for _, s := range steps {
		if s.Status == string(runtime.LogStart) {
			h.tb.Errorf("the step %q starts, but does not end: call Step.End, or send it again, with the same ID and another status", s.Label)
		}
		h.checkEnds(s.Steps)
	}
}
