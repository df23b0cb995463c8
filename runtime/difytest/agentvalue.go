package difytest

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// AgentModel is a model that a user has chosen for an agent: a parameter of [Host.Agent].
type AgentModel struct {
	// ModelSelector says which. An empty ModelType is "llm", and an empty Mode "chat".
	runtime.ModelSelector

	// Schema is what Dify knows of the model, such as its Features and its runtime.PropertyContextSize; nil
	// if it knows nothing. An empty Model is that of the selector.
	Schema *runtime.ModelSchema
	// History are the messages of the conversation before. Dify sends them to a strategy with the feature
	// history-messages.
	History []llm.Message
}

// Values returns the object that Dify sends.
func (m AgentModel) Values() map[string]any {
	m.ModelType, m.Mode = cmp.Or(m.ModelType, string(runtime.ModelTypeLLM)), cmp.Or(m.Mode, runtime.ModeChat)
	if m.CompletionParams == nil {
		m.CompletionParams = map[string]any{}
	}
	values := m.ModelSelector.Values()
	values["entity"], values["history_prompt_messages"] = nil, m.History
	if m.History == nil {
		values["history_prompt_messages"] = []llm.Message{}
	}
	if m.Schema != nil {
		entity := *m.Schema
		entity.Model, entity.Type = cmp.Or(entity.Model, m.Model), cmp.Or(entity.Type, runtime.ModelTypeLLM)
		values["entity"] = entity
	}
	return values
}

// AgentTool is a tool that a user has chosen for an agent. A []AgentTool is a parameter of [Host.Agent].
type AgentTool struct {
	Provider    string          // such as "langgenius/github/github"
	Type        invoke.ToolType // invoke.ToolBuiltin if empty
	Name        string
	Label       string // Name if empty
	Description string // for the model
	Parameters  []runtime.Parameter
	// Settings are what the user has set of the parameters with the Form "form".
	Settings     map[string]any
	OutputSchema map[string]any
	CredentialID string // of the credentials that the user has chosen for the tool, if any
}

// Values returns the object that Dify sends.
func (t AgentTool) Values() map[string]any {
	parameters := make([]any, len(t.Parameters))
	for i := range t.Parameters {
		parameters[i] = t.Parameters[i].Values()
	}
	var credential any
	if t.CredentialID != "" {
		credential = t.CredentialID
	}
	return map[string]any{
		"identity": map[string]any{
			"author": "difytest", "name": t.Name, "label": map[string]any{"en_US": cmp.Or(t.Label, t.Name)}, "provider": t.Provider,
		},
		"parameters":    parameters,
		"description":   map[string]any{"human": map[string]any{"en_US": t.Description}, "llm": t.Description},
		"output_schema": t.OutputSchema, "has_runtime_parameters": false, "runtime_parameters": object(t.Settings),
		"credential_id": credential, "provider_type": cmp.Or(t.Type, invoke.ToolBuiltin),
	}
}

// agentTools returns the list of objects that Dify sends.
func agentTools(tools []AgentTool) []any {
	values := make([]any, len(tools))
	for i, t := range tools {
		values[i] = t.Values()
	}
	return values
}

// Replies returns an answer for [Dify.LLM]: what the model replies to its calls, in their order. A call after
// the last reply fails, and a reply without Usage has used nothing.
//
//	h.Dify().LLM(difytest.Replies(
//		llm.Result{Message: llm.Assistant("", llm.ToolCall{ID: "1", Name: "weather", Arguments: `{"city":"Bonn"}`})},
//		llm.Result{Message: llm.Assistant("It rains."), Usage: llm.Usage{TotalTokens: 7}},
//	))
func Replies(replies ...llm.Result) func(ctx context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
	var calls atomic.Int64
	return func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
		n := int(calls.Add(1))
		if n > len(replies) {
			return nil, fmt.Errorf("the test has %d replies of the model, but this is call %d", len(replies), n)
		}
		return chunksOf(replies[n-1]), nil
	}
}

// chunksOf returns the chunks in which a model streams a reply: what it says, then the calls of tools.
func chunksOf(r llm.Result) []*llm.Chunk {
	usage, reason := r.Usage, r.FinishReason
	usage.Currency = cmp.Or(usage.Currency, "USD")
	if reason == "" && len(r.Message.ToolCalls) > 0 {
		reason = llm.FinishToolCalls
	}
	last := &llm.Chunk{
		Model: r.Model, Index: 1, Message: llm.Assistant("", r.Message.ToolCalls...), Usage: &usage, FinishReason: cmp.Or(reason, llm.FinishStop),
	}
	first := &llm.Chunk{Model: r.Model, Message: r.Message}
	first.Message.ToolCalls = nil
	return []*llm.Chunk{first, last}
}
