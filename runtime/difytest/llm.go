package difytest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// LLM calls a language model.
//
//	r := h.LLM(difytest.LLMCall{Model: "small", Credentials: creds, Messages: []llm.Message{llm.User("hi")}, Stream: true})
//	if r.Err != nil || r.Text() != "hello" { … }
func (h *Host) LLM(call LLMCall) *LLMResult {
	h.tb.Helper()
	r := new(LLMResult)
	fields, problem := h.prompt(call)
	fields["stream"] = call.Stream
	results, err := h.ask(call.model(), "invoke_llm", fields, problem)
	r.Err = err
	var c llm.Collector
	for _, data := range results {
		chunk := new(llm.Chunk)
		if json.Unmarshal(data, chunk) != nil {
			continue // which has been reported
		}
		if err := c.Add(chunk); err != nil {
			h.tb.Errorf("Dify cannot put together what the model writes: %v", err)
		}
		r.Chunks = append(r.Chunks, chunk)
	}
	r.Result = *c.Result()
	return r
}

// CountTokens asks how many tokens the messages and tools of a call are.
func (h *Host) CountTokens(call LLMCall) (int, error) {
	h.tb.Helper()
	fields, problem := h.prompt(call)
	var result struct {
		Tokens int `json:"num_tokens"`
	}
	err := h.askOne(call.model(), "get_llm_num_tokens", map[string]any{"prompt_messages": fields["prompt_messages"], "tools": fields["tools"]}, &result, problem)
	return result.Tokens, err
}

// StartPolling starts a call of a language model with the feature polling.
func (h *Host) StartPolling(call LLMCall) (*llm.Polling, error) {
	h.tb.Helper()
	fields, problem := h.prompt(call)
	return h.poll(call.model(), "start_polling", fields, cmp.Or(problem, h.lacks(call.model(), needPolling)))
}

// CheckPolling asks how the call goes on that StartPolling has started. The state is what it was the last
// time. Dify sends nothing else of the call but its Model and Credentials.
func (h *Host) CheckPolling(call LLMCall, state json.RawMessage) (*llm.Polling, error) {
	h.tb.Helper()
	return h.poll(call.model(), "check_polling", map[string]any{"plugin_state": state}, h.lacks(call.model(), needPolling))
}

func (h *Host) poll(m model, action string, fields map[string]any, problems ...string) (*llm.Polling, error) {
	h.tb.Helper()
	var p struct {
		State       json.RawMessage `json:"plugin_state"`
		Result      *llm.Result
		Error       string
		CheckAfter  int `json:"next_check_after_seconds"`
		GiveUpAfter int `json:"expires_after_seconds"`
		MaxAttempts int `json:"max_attempts"`
	}
	if err := h.askOne(m, action, fields, &p, problems...); err != nil {
		return nil, err
	}
	return &llm.Polling{
		State: p.State, Result: p.Result, Failure: p.Error,
		CheckAfter: time.Duration(p.CheckAfter) * time.Second, GiveUpAfter: time.Duration(p.GiveUpAfter) * time.Second, MaxAttempts: p.MaxAttempts,
	}, nil
}

func (c *LLMCall) model() model { return model{runtime.ModelTypeLLM, c.Model, c.Credentials, c.From} }

// prompt returns the fields of a call, and why Dify would not make it, or "".
func (h *Host) prompt(call LLMCall) (fields map[string]any, problem string) {
	h.tb.Helper()
	fields = map[string]any{"tools": nil, "stop": nil}
	if len(call.Tools) > 0 {
		fields["tools"] = call.Tools
	}
	if len(call.Stop) > 0 {
		fields["stop"] = call.Stop
	}
	if len(call.Messages) == 0 {
		return fields, "the call of the model " + call.Model + " has no Messages"
	}
	messages := make([]json.RawMessage, len(call.Messages))
	for i, m := range call.Messages {
		var err error
		if messages[i], err = incoming(m); err != nil {
			return fields, fmt.Sprintf("Dify does not send message %d: %v", i+1, err)
		}
	}
	fields["prompt_messages"] = messages
	if problem = h.lacks(call.model(), call.needs()...); problem != "" {
		return fields, problem
	}
	parameters := maps.Clone(call.Parameters)
	if parameters == nil {
		parameters = make(map[string]any)
	}
	fields["model_parameters"] = parameters
	if len(parameters) == 0 && call.JSONSchema == nil {
		return fields, ""
	}
	schema := h.schema(call.model())
	if problem = noModelParameters(call.model(), schema, parameters); problem == "" && call.JSONSchema != nil {
		problem = structured(call, schema, parameters)
	}
	return fields, problem
}

// incoming returns a message as Dify sends it. Those of developers pass in this direction.
func incoming(m llm.Message) (json.RawMessage, error) {
	developer := m.Role == llm.RoleDeveloper
	if developer {
		m.Role = llm.RoleSystem
	}
	data, err := json.Marshal(m)
	if err != nil || !developer {
		return data, unwrapped(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	fields["role"] = json.RawMessage(`"developer"`)
	return json.Marshal(fields)
}

// unwrapped returns an error of MarshalJSON without what encoding/json says before it.
func unwrapped(err error) error {
	if e := (*json.MarshalerError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// structured adds a JSON Schema to the parameters, as Dify does (PROTOCOL-CALLS, section 1.1), or says
// why it would not.
func structured(call LLMCall, schema *runtime.ModelSchema, parameters map[string]any) string {
	const format = "response_format"
	native := schema.HasFeature(runtime.FeatureStructuredOutput) || schema != nil && schema.Features == nil && schema.Parameter("json_schema") != nil
	if !native {
		return "the model " + call.Model + " does not declare the feature structured-output: Dify sends it no JSON Schema, but describes it in the prompt"
	}
	text, err := json.Marshal(map[string]any{"schema": call.JSONSchema, "name": "llm_response"})
	if err != nil {
		return "the JSONSchema of the call is not JSON: " + err.Error()
	}
	parameters["json_schema"] = string(text)
	if rule := schema.Parameter(format); rule != nil && slices.Contains(rule.Options, "json_schema") {
		parameters[format] = "json_schema"
	}
	return ""
}
