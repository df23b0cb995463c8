package agent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// gpt is a model that can do these things.
func gpt(features ...runtime.ModelFeature) agent.Model {
	return agent.Model{
		ModelSelector: runtime.ModelSelector{Provider: "o/openai/openai", Model: "gpt", ModelType: "llm", CompletionParams: map[string]any{"temperature": 0.5}},
		Schema:        &runtime.ModelSchema{Model: "gpt", Features: append([]runtime.ModelFeature{}, features...)},
	}
}

// chosen are the tools of most tests.
func chosen() []agent.Tool {
	query := agent.Parameter{Parameter: runtime.Parameter{Name: "q", Type: "string", Form: "llm", Required: true}}
	return []agent.Tool{
		{Name: "search", Provider: "o/google/google", ProviderType: invoke.ToolBuiltin, Description: "Searches.", Parameters: []agent.Parameter{query}, CredentialID: "c"},
		{Name: "clock", Provider: "time", ProviderType: invoke.ToolBuiltin},
	}
}

// answers is a model that gives these answers, one a call, and notes what it is asked.
type answers struct {
	list  [][]*llm.Chunk
	asked []*invoke.LLMRequest
}

func (a *answers) next(_ context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
	a.asked = append(a.asked, r)
	if len(a.asked) > len(a.list) {
		return nil, errors.New("the model is asked too often")
	}
	return a.list[len(a.asked)-1], nil
}

// calls is an answer that calls tools: their names and arguments, and a text before them.
func calls(text string, pairs ...string) []*llm.Chunk {
	message := llm.Assistant(text)
	for i := 0; i < len(pairs); i += 2 {
		message.ToolCalls = append(message.ToolCalls, llm.ToolCall{ID: fmt.Sprintf("c%d", i/2+1), Name: pairs[i], Arguments: pairs[i+1]})
	}
	return []*llm.Chunk{{Message: message, Usage: &llm.Usage{TotalTokens: 10, TotalPrice: runtime.NewDecimal(1, -3), Currency: "USD"}, FinishReason: llm.FinishToolCalls}}
}

// world is a workspace with a model and tools, and a run in it.
type world struct {
	recorder
	model answers
	dify  *difytest.Dify
	ctx   context.Context
	run   *agent.Run
}

func newWorld(t *testing.T, model agent.Model, list ...[]*llm.Chunk) *world {
	t.Helper()
	w := &world{model: answers{list: list}, dify: difytest.NewDify(t)}
	w.ctx = w.dify.Context(t.Context())
	w.dify.LLM(w.model.next)
	w.dify.Tools(useTool)
	session := invoke.ForGeneratedCode(w.ctx)
	w.run = &agent.Run{
		Out: agent.NewOutput(w.ctx, w.send), LLM: session.LLM(), Model: model, Tools: agent.NewToolset(session.Tools(), chosen()),
		Messages: []llm.Message{llm.User("when?")},
	}
	return w
}

// useTool is what the tools of the workspace do.
func useTool(_ context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
	if r.Tool == "clock" {
		return out.Text("12:00")
	}
	switch r.Parameters["q"] {
	case "fail":
		return errors.New("the quota is used up")
	case "half":
		return errors.Join(out.Text("half"), errors.New("cut off"))
	}
	return out.Text(fmt.Sprintf("found %v", r.Parameters["q"]))
}

// conversation returns the messages of the run, one a line.
func (w *world) conversation() (list []string) {
	for _, m := range w.run.Messages {
		var b strings.Builder
		b.WriteString(string(m.Role) + " ")
		if m.ToolCallID != "" {
			b.WriteString(m.ToolCallID + ": ")
		}
		b.WriteString(m.Text())
		for _, c := range m.ToolCalls {
			fmt.Fprintf(&b, " [%s %s%s]", c.ID, c.Name, c.Arguments)
		}
		list = append(list, b.String())
	}
	return list
}

// steps returns the steps in the order in which they end.
func (w *world) steps() (list []string) {
	labels := map[any]string{nil: ""}
	for _, m := range w.messages {
		if m.Type != "log" {
			continue
		}
		place := fmt.Sprintf("%s/%s", labels[m.Message["parent_id"]], m.Message["label"])
		labels[m.Message["id"]] = place
		if m.Message["status"] == "start" {
			continue
		}
		text := fmt.Sprintf("%s %s", place, m.Message["status"])
		if err, ok := m.Message["error"].(string); ok {
			text += ": " + err
		}
		list = append(list, text)
	}
	return list
}

// text returns the text that the user sees.
func (w *world) text() string {
	var b strings.Builder
	for _, m := range w.messages {
		if text, ok := m.Message["text"].(string); ok && m.Type == "text" {
			b.WriteString(text)
		}
	}
	return b.String()
}
