package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// Run is a conversation with a model that can call tools. Its methods show what they do as steps of Out,
// and add what models have used. They are not safe for concurrent use.
type Run struct {
	Out   *Output    // of the strategy
	LLM   invoke.LLM // of the call's Dify
	Model Model
	Tools *Toolset // nil for none
	// Messages are the conversation so far. Ask and CallTools append to it. Change it between calls of them,
	// to leave out something or to say it in another way.
	Messages []llm.Message
}

// Append appends messages to the conversation.
func (r *Run) Append(messages ...llm.Message) { r.Messages = append(r.Messages, messages...) }

// Question says how Ask asks a model.
type Question struct {
	// Tools is whether the model can call the tools of the Run.
	Tools bool
	// Stop are texts at which the model stops writing, beside those that the user has set.
	Stop []string
	// Text, if not nil, gets what the model writes as it comes: Out.Text shows it to the user. Its error
	// ends the call. ErrEnough does so without failing: the answer is then what has come.
	Text func(text string) error
	// Thought, if not nil, gets the thoughts of the model as they come, in the same way. Text then gets no
	// more than the answer. Otherwise it gets all, in which Dify finds the thoughts by their tags.
	Thought func(text string) error
}

// ErrEnough is what Question.Text and Thought return to end a call of a model that has written enough. That
// saves time, but no tokens: Dify does not learn of it, so that the model writes on. Its usage, which comes
// last, stays unknown, and is missing in what Dify shows.
var ErrEnough = errors.New("the model has written enough")

// Ask asks the model to go on with the conversation, shows that as a step within in, which may be nil, and
// appends what the model has written, with the tools it calls, to the conversation: without its thoughts,
// which most models must not get back (see llm.SplitReasoning). The result has them.
//
// If the prompt is long, the parameter max_tokens of the model is lowered so that both fit into its context,
// as far as Dify knows that, but not below 16.
//
// It is an error to offer tools to a model that cannot call any, as far as Dify says. Of a model of which
// Dify does not say that it calls tools while it streams, the text comes at once.
func (r *Run) Ask(ctx context.Context, in *Step, q Question) (*llm.Result, error) {
	if err := cmp.Or(r.check(), r.checkModel()); err != nil {
		return nil, err
	}
	req := r.request(q)
	if len(req.Tools) > 0 && !r.Model.callsTools() {
		return nil, fmt.Errorf("the model %s cannot call tools: choose one that can", r.Model.Model)
	}
	step := r.step(in, r.Model.Model, r.Model.Provider)
	result, err := r.ask(ctx, req, &listener{text: q.Text, thought: q.Thought})
	if err != nil {
		err = &modelError{r.Model.Model, err}
	}
	if result.Model != "" { // it has answered
		step.AddUsage(result.Usage)
	}
	ended := step.End(answerData(result), err)
	if err != nil {
		return nil, err
	}
	r.Append(withoutThoughts(result.Message))
	return result, ended
}

// check reports what is missing for a step.
func (r *Run) check() error {
	if r.Out == nil {
		return errors.New("the Run has no Out: set it to the Output of the strategy")
	}
	return nil
}

// checkModel reports what is missing for a question.
func (r *Run) checkModel() error {
	switch {
	case r.LLM == (invoke.LLM{}):
		return fmt.Errorf("the Run has no LLM: set it to that of the call's Dify: %w", invoke.ErrOutside)
	case r.Model.Model == "":
		return errors.New("the Run has no Model: set it to one that the user has chosen")
	}
	return nil
}

// withoutThoughts returns a message of a model without its thoughts.
func withoutThoughts(m llm.Message) llm.Message {
	parts := slices.Clone(m.Parts)
	for i, p := range parts {
		if text, ok := p.(*llm.Text); ok {
			answer := *text
			_, answer.Text = llm.SplitReasoning(text.Text)
			parts[i] = &answer
		}
	}
	m.Parts = parts
	return m
}

// request returns the call of the model. Users set stop words among the parameters of a model, from where
// Dify does not take them.
func (r *Run) request(q Question) *invoke.LLMRequest {
	req := &invoke.LLMRequest{Model: r.Model.ModelSelector, Messages: r.Messages}
	req.Model.CompletionParams = maps.Clone(r.Model.CompletionParams)
	req.Stop = append(stopWords(r.Model.CompletionParams["stop"]), q.Stop...)
	delete(req.Model.CompletionParams, "stop")
	if q.Tools {
		req.Tools = r.Tools.ForModel()
		req.NoStream = len(req.Tools) > 0 && !r.Model.Supports(runtime.FeatureStreamToolCall)
	}
	r.Model.fit(req)
	return req
}

func stopWords(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case []any:
		var words []string
		for _, word := range v {
			if word, ok := word.(string); ok && word != "" {
				words = append(words, word)
			}
		}
		return words
	}
	return nil
}

// answerData is what a step shows of an answer.
func answerData(result *llm.Result) map[string]any {
	data := map[string]any{"output": shorten(result.Text())}
	if result.FinishReason != "" {
		data["finish_reason"] = result.FinishReason
	}
	var calls []any
	for _, call := range result.Message.ToolCalls {
		calls = append(calls, map[string]any{"name": call.Name, "arguments": shorten(call.Arguments)})
	}
	if calls != nil {
		data["tool_calls"] = calls
	}
	return data
}

// step begins a step within another one, or at the top for nil.
func (r *Run) step(in *Step, label, provider string) *Step {
	if in == nil {
		return r.Out.Step(label, provider)
	}
	return in.Step(label, provider)
}
