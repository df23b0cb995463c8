package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	agent "github.com/difygen/difygen/examples/agent/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// start runs the plugin in a workspace where weather knows about Bonn, and makes a map of it.
func start(t *testing.T) *difytest.Host {
	t.Helper()
	h := difytest.Start(t, newPlugin(&agent.Provider{}))
	h.Dify().Tools(func(_ context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
		if r.Parameters["city"] != "Bonn" {
			return errors.New("this city is not known")
		}
		out.StoredFile("map-1", runtime.FileMeta{Name: "bonn.png", MIMEType: "image/png"})
		return out.Text(fmt.Sprintf("rain, in %v", r.Parameters["units"]))
	})
	return h
}

// chosen are the parameters of a user who has chosen a model and the tool.
func chosen(changed map[string]any) map[string]any {
	params := map[string]any{
		"model": difytest.AgentModel{
			ModelSelector: runtime.ModelSelector{Provider: "langgenius/openai/openai", Model: "gpt"},
			Schema:        &runtime.ModelSchema{Features: []runtime.ModelFeature{runtime.FeatureToolCall, runtime.FeatureStreamToolCall}},
			History:       []llm.Message{llm.User("hi"), llm.Assistant("hello")},
		},
		"tools": []difytest.AgentTool{{
			Provider: "acme/weather/weather", Name: "weather", Description: "The weather of a city.", CredentialID: "c-1",
			Parameters: []runtime.Parameter{{Name: "city", Required: true}, {Name: "units", Form: "form"}},
			Settings:   map[string]any{"units": "metric"},
		}},
		"instruction": "Be short.", "query": "Does it rain in Bonn?", "maximum_iterations": 3,
	}
	maps.Copy(params, changed)
	return params
}

// weather is what a model says that wants to know the weather of a city.
func weather(text, city string) llm.Result {
	call := llm.ToolCall{ID: "call_" + city, Name: "weather", Arguments: fmt.Sprintf(`{"city":%q}`, city)}
	return llm.Result{Message: llm.Assistant(text, call), Usage: llm.Usage{TotalTokens: 20, TotalPrice: runtime.NewDecimal(2, -3), Currency: "USD"}}
}

var rain = llm.Result{Message: llm.Assistant("<think>\nIt rains.\n</think>Yes, take an umbrella."), Usage: llm.Usage{TotalTokens: 7, TotalPrice: runtime.NewDecimal(1, -3), Currency: "USD"}}

func TestFunctionCalling(t *testing.T) {
	t.Parallel()
	h := start(t)
	model := difytest.Replies(weather("Let me see.", "Bonn"), rain)
	var asked []*invoke.LLMRequest
	h.Dify().LLM(func(ctx context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
		asked = append(asked, r)
		return model(ctx, r)
	})
	r := h.Agent("function_calling", chosen(nil))
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if want := "Let me see.\n<think>\nIt rains.\n</think>Yes, take an umbrella."; r.Text != want {
		t.Errorf("got the text %q, want %q", r.Text, want)
	}
	if diff := cmp.Diff(map[string]any{"answer": "Yes, take an umbrella."}, r.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if r.Usage.TotalTokens != 27 || r.Usage.TotalPrice.String() != "0.003" {
		t.Errorf("usage: %+v", r.Usage)
	}
	want := []string{"Round 1 success", "  gpt success", "  Call weather success", "Round 2 success", "  gpt success"}
	if diff := cmp.Diff(want, steps(r.Steps, "")); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(r.Messages, func(m difytest.Message) bool { return m.Type == "image_link" }) {
		t.Error("the map is not passed on to the user")
	}
	prompt := []llm.Message{
		llm.System("Be short."), llm.User("hi"), llm.Assistant("hello"), llm.User("Does it rain in Bonn?"),
		weather("Let me see.", "Bonn").Message,
		llm.ToolResult(llm.ToolCall{ID: "call_Bonn", Name: "weather"}, "The tool has made a file, which the user sees: bonn.png\nrain, in metric"),
	}
	prompt[4].ToolCalls[0].Type = "function"
	if diff := cmp.Diff(prompt, asked[1].Messages); diff != "" {
		t.Errorf("what the model is asked (-want +got):\n%s", diff)
	}
}

// steps lists steps with those within them.
func steps(list []difytest.Step, indent string) (lines []string) {
	for _, s := range list {
		lines = append(lines, indent+s.Label+" "+s.Status)
		lines = append(lines, steps(s.Steps, indent+"  ")...)
	}
	return lines
}

// TestIterations checks that a model that never stops calling tools is asked once more, without tools.
func TestIterations(t *testing.T) {
	t.Parallel()
	h := start(t)
	asked := 0
	h.Dify().LLM(func(_ context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
		asked++
		if len(r.Tools) == 0 {
			return difytest.Chunks("I give up."), nil
		}
		call := llm.ToolCall{ID: strconv.Itoa(asked), Name: "weather", Arguments: `{"city":"Bonn"}`}
		return []*llm.Chunk{{Message: llm.Assistant("", call)}}, nil
	})
	r := h.Agent("function_calling", chosen(nil))
	if r.Err != nil || r.Text != "I give up." || asked != 4 {
		t.Errorf("got %q, %v; the model is asked %d times", r.Text, r.Err, asked)
	}
}

// TestMistakes checks that the model learns what has gone wrong, and the user sees it.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		call llm.ToolCall
		want string
	}{
		"the tool fails": {llm.ToolCall{Name: "weather", Arguments: `{"city":"Atlantis"}`}, "this city is not known"},
		"no such tool":   {llm.ToolCall{Name: "whether", Arguments: `{}`}, `there is no tool "whether"; the tools are: weather`},
		"no JSON":        {llm.ToolCall{Name: "weather", Arguments: `{"city`}, `the arguments of a call of "weather" are not JSON`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			test.call.ID = "1"
			var told string
			model := difytest.Replies(llm.Result{Message: llm.Assistant("", test.call)}, rain)
			h.Dify().LLM(func(ctx context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
				told = r.Messages[len(r.Messages)-1].Text()
				return model(ctx, r)
			})
			r := h.Agent("function_calling", chosen(nil))
			if r.Err != nil || r.Variables["answer"] != "Yes, take an umbrella." {
				t.Fatalf("got %v, %v", r.Variables, r.Err)
			}
			if !strings.Contains(told, test.want) {
				t.Errorf("the model is told %q, want %q in it", told, test.want)
			}
			if step := r.Steps[0].Steps[1]; step.Status != "error" || !strings.Contains(step.Error, test.want) {
				t.Errorf("the step of the call: %+v", step)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	text := difytest.AgentModel{
		ModelSelector: runtime.ModelSelector{Provider: "p", Model: "old"}, Schema: &runtime.ModelSchema{Features: []runtime.ModelFeature{runtime.FeatureVision}},
	}
	for name, test := range map[string]struct {
		changed map[string]any
		want    string
	}{
		"a model that calls no tools": {map[string]any{"model": text}, "the model old cannot call tools: choose one that can"},
		"too many iterations":         {map[string]any{"maximum_iterations": 1000}, "Function calling: Maximum iterations (maximum_iterations) must be at most 50"},
		"the model fails":             {nil, "asking the model gpt: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			h.Dify().LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
				return nil, errors.New("the quota is used up")
			})
			r := h.Agent("function_calling", chosen(test.changed))
			if r.Err == nil || !strings.Contains(r.Err.Error(), test.want) {
				t.Errorf("got %v, want %q", r.Err, test.want)
			}
		})
	}
}
