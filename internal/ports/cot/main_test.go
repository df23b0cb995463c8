package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	cot "github.com/difygen/difygen/internal/ports/cot/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// model is a model that a user has chosen.
func model(features ...runtime.ModelFeature) difytest.AgentModel {
	return difytest.AgentModel{
		ModelSelector: runtime.ModelSelector{Provider: "acme/acme/acme", Model: "large"},
		Schema:        &runtime.ModelSchema{Features: append([]runtime.ModelFeature{runtime.FeatureToolCall}, features...)},
	}
}

// params are what a user has set, and what else the test says.
func params(more map[string]any) map[string]any {
	parameter := func(name, form string) runtime.Parameter {
		return runtime.Parameter{Name: name, Type: "string", Form: form}
	}
	all := map[string]any{
		"model": model(), "instruction": "Be brief.", "query": "Does it rain in Bonn?",
		"tools": []difytest.AgentTool{
			{
				Provider: "acme/sky/sky", Name: "weather", Description: "Tells the weather.", Settings: map[string]any{"units": "metric"},
				Parameters: []runtime.Parameter{parameter("city", "llm"), parameter("units", "form")}, CredentialID: "c-1",
			},
			{Provider: "acme/mail/mail", Name: "send", Parameters: []runtime.Parameter{parameter("to", "llm"), parameter("text", "llm")}},
		},
	}
	maps.Copy(all, more)
	return all
}

// start starts the plugin with a model that writes these replies, and a tool that knows the weather of one city.
func start(t *testing.T, replies ...llm.Result) *difytest.Host {
	t.Helper()
	h := difytest.Start(t, newPlugin(&cot.Provider{}))
	h.Dify().LLM(difytest.Replies(replies...))
	h.Dify().Tools(func(_ context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
		switch {
		case r.Tool != "weather":
			return difytest.ErrNoTool
		case r.Parameters["city"] != "Bonn" || r.Parameters["units"] != "metric":
			return errors.New("there is no such city")
		}
		return out.Text("rain")
	})
	return h
}

// says are replies of a model that writes these texts.
func says(texts ...string) (replies []llm.Result) {
	for _, text := range texts {
		replies = append(replies, llm.Result{Message: llm.Assistant(text), Usage: llm.Usage{TotalTokens: 7}})
	}
	return replies
}

// calls is a reply of a model that calls the tool weather.
func calls(arguments string) llm.Result {
	call := llm.ToolCall{ID: "1", Name: "weather", Arguments: arguments}
	return llm.Result{Message: llm.Assistant("", call), Usage: llm.Usage{TotalTokens: 5}}
}

// asked are the questions that the model got.
func asked(t *testing.T, h *difytest.Host) (questions []invoke.LLMRequest) {
	t.Helper()
	for _, call := range h.Dify().Calls(difytest.LLM) {
		var q struct {
			Messages []llm.Message `json:"prompt_messages"`
			Tools    []llm.Tool
			Stop     []string
		}
		if err := json.Unmarshal(call.Request, &q); err != nil {
			t.Fatal(err)
		}
		questions = append(questions, invoke.LLMRequest{Messages: q.Messages, Tools: q.Tools, Stop: q.Stop})
	}
	return questions
}

// conversation are messages after the first one, which has the instruction, one a line.
func conversation(messages []llm.Message) string {
	var b strings.Builder
	for _, m := range messages[1:] {
		fmt.Fprintf(&b, "%s: %s\n", m.Role, m.Text())
	}
	return b.String()
}

// steps is the tree of steps: their labels, and errors.
func steps(list []difytest.Step) string {
	var all []string
	for _, s := range list {
		text := s.Label
		if s.Error != "" {
			text += "!"
		}
		if len(s.Steps) > 0 {
			text += "(" + steps(s.Steps) + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestFunctionCalling(t *testing.T) {
	t.Parallel()
	h := start(t, append([]llm.Result{calls(`{"city": "Bom"}`), calls(`{"city": "Bonn", "units": "imperial"}`)}, says("It does.")...)...)
	m := model()
	m.History = []llm.Message{llm.User("hi", &llm.Image{URL: "https://example.com/a.png", MIMEType: "image/png"}), llm.Assistant("hello")}
	r := h.Agent("function_calling", params(map[string]any{
		"model": m, "allowed_tools": []any{" weather ", ""},
		"context": []any{map[string]any{"title": "a", "content": "b", "metadata": map[string]any{"dataset_id": "d", "score": 0.5}}},
	}))
	if r.Err != nil || r.Text != "It does." || r.Usage.TotalTokens != 17 {
		t.Fatalf("got %q, %d tokens, %v", r.Text, r.Usage.TotalTokens, r.Err)
	}
	if got, want := steps(r.Steps), "Round 1(large Call weather!) Round 2(large Call weather) Round 3(large)"; got != want {
		t.Errorf("got steps  %s\nwant steps %s", got, want)
	}
	questions := asked(t, h)
	want := "user: hi\n[image]\nassistant: hello\nuser: Does it rain in Bonn?\n" +
		"assistant: \ntool: The call has failed: there is no such city\nassistant: \ntool: rain\n" +
		"These arguments were left out, since a model cannot set them: units.\n"
	if diff := gocmp.Diff(want, conversation(questions[2].Messages)); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	if tools := questions[0].Tools; len(tools) != 1 || tools[0].Name != "weather" {
		t.Errorf("the model can call %v", tools)
	}
	if cited := r.Messages[len(r.Messages)-2]; cited.Type != "retriever_resources" {
		t.Errorf("got %s before the usage, want what the answer cites", cited.Type)
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.png" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, "PNG")
	}))
	t.Cleanup(server.Close)
	file := func(name, typ string) runtime.File {
		return runtime.File{URL: server.URL + "/" + name, Filename: name, MIMEType: "image/png", Type: typ, Size: 3}
	}
	for name, test := range map[string]struct {
		model difytest.AgentModel
		files any
		want  []llm.Part
		err   string
	}{
		"seen":    {model(runtime.FeatureVision), []runtime.File{file("a.png", "image"), file("b.pdf", "document")}, []llm.Part{&llm.Image{Data: []byte("PNG"), MIMEType: "image/png", Format: "png", Filename: "a.png", Detail: llm.DetailLow}}, ""},
		"unseen":  {model(), []runtime.File{file("gone.png", "image")}, []llm.Part{&llm.Text{Text: "\n[image]"}}, ""},
		"none":    {model(runtime.FeatureVision), []any{nil}, nil, ""},
		"missing": {model(runtime.FeatureVision), []runtime.File{file("gone.png", "image")}, nil, `reading the file "gone.png" for a model: opening the file: the service returned status 404 Not Found`},
		"text":    {model(), "a.png", nil, "Function calling: Files (files) must be a list of files or of their URLs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, says("I see.")...)
			r := h.Agent("function_calling", params(map[string]any{"model": test.model, "files": test.files}))
			if got := fmt.Sprint(r.Err); got != cmp.Or(test.err, "<nil>") {
				t.Fatalf("got %s, want %s", got, cmp.Or(test.err, "<nil>"))
			}
			if test.err != "" {
				return
			}
			messages := asked(t, h)[0].Messages
			query := messages[len(messages)-1]
			if diff := gocmp.Diff(append([]llm.Part{&llm.Text{Text: "Does it rain in Bonn?"}}, test.want...), query.Parts); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReAct(t *testing.T) {
	t.Parallel()
	h := start(t, says(
		"Thought: I look.\nAction: {\"action\": \"weather\", \"action_input\": {\"city\": \"Bonn\"}}\nObservation: sun\nFinalAnswer: no",
		"Thought: I know.\nFinalAnswer: It does.")...)
	r := h.Agent("ReAct", params(nil))
	if r.Err != nil || r.Text != "It does." || r.Usage.TotalTokens != 14 {
		t.Fatalf("got %q, %d tokens, %v", r.Text, r.Usage.TotalTokens, r.Err)
	}
	if got, want := steps(r.Steps), "Round 1(large Call weather) Round 2(large)"; got != want {
		t.Errorf("got steps  %s\nwant steps %s", got, want)
	}
	q := asked(t, h)[1]
	want := "user: Does it rain in Bonn?\nassistant: Thought: I look.\n\n" +
		"Action: {\"action\":\"weather\",\"action_input\":{\"city\":\"Bonn\"}}\nuser: Observation: rain\n"
	if diff := gocmp.Diff(want, conversation(q.Messages)); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	if system := q.Messages[0].Text(); !strings.HasPrefix(system, "Be brief.\n") || !strings.Contains(system, `"Tells the weather."`) {
		t.Errorf("the model is told %q", system)
	}
	if len(q.Tools) > 0 || gocmp.Diff([]string{"Observation:"}, q.Stop) != "" {
		t.Errorf("the model gets %d tools, and stops at %q", len(q.Tools), q.Stop)
	}
}

// TestActions checks what a model is told of an action.
func TestActions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ action, want string }{
		"a text for the one parameter": {`{"action": "weather", "action_input": "Bonn"}`, "rain"},
		"an object as text":            {`{"action": "weather", "action_input": "{\"city\": \"Bonn\"}"}`, "rain"},
		"a number":                     {`{"action": "weather", "action_input": 7}`, "The call has failed: there is no such city"},
		"no input":                     {`{"action": "weather"}`, "The call has failed: there is no such city"},
		"a text for two parameters":    {`{"action": "send", "action_input": "hi"}`, "The call has failed: the arguments of a call of \"send\" are not JSON: they must be a JSON object"},
		"no such tool":                 {`{"action": "fly", "action_input": {}}`, "The call has failed: there is no tool \"fly\"; the tools are: send, weather"},
		"a tool that is not there":     {`{"action": "send", "action_input": {}}`, "The call has failed: Tool with name send not found"},
		"not JSON":                     {`{"action": weather}`, `This action cannot be read. Write it in valid JSON: {"action": "the name of a tool", "action_input": {…}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, says("Action: "+test.action, "FinalAnswer: ok")...)
			if r := h.Agent("ReAct", params(nil)); r.Err != nil || r.Text != "ok" {
				t.Fatalf("got %q, %v", r.Text, r.Err)
			}
			messages := asked(t, h)[1].Messages
			if diff := gocmp.Diff("Observation: "+test.want, messages[len(messages)-1].Text()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLastRound checks what a model may do after the rounds in which it can use tools.
func TestLastRound(t *testing.T) {
	t.Parallel()
	const action = `Action: {"action": "weather", "action_input": "Bonn"}`
	for name, test := range map[string]struct{ last, text, err string }{
		"an answer":    {"Thought: a\nFinalAnswer: It rains.", "It rains.", ""},
		"words":        {"It rains.", "It rains.", ""},
		"a thought":    {"Thought: It rains, I think.\n" + action, "It rains, I think.", ""},
		"an action":    {action, "", "the model has not answered"},
		"nothing":      {"Thought:", "", "the model has not answered"},
		"in an action": {`Action: {"action": "Final Answer", "action_input": {"rain": true}}`, `{"rain": true}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, says("Thought: b\n"+action, action, test.last)...)
			r := h.Agent("ReAct", params(map[string]any{"maximum_iterations": 2}))
			if r.Text != test.text || fmt.Sprint(r.Err) != cmp.Or(test.err, "<nil>") || len(h.Dify().Calls(difytest.Tools)) != 2 {
				t.Errorf("got %q, %v, %d calls of tools", r.Text, r.Err, len(h.Dify().Calls(difytest.Tools)))
			}
			messages := asked(t, h)[2].Messages
			if text := messages[len(messages)-1].Text(); !strings.HasPrefix(text, "Observation: rain\n\nNo more tools") {
				t.Errorf("the model is told %q", text)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, strategy := range []string{"function_calling", "ReAct"} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			for want, values := range map[string]map[string]any{
				"the context is not the result of a knowledge node: choose its variable result": {"context": []any{"a"}},
				"asking the model large": {},
			} {
				r := start(t).Agent(strategy, params(values)) // the model has no reply
				if r.Err == nil || !strings.HasPrefix(r.Err.Error(), want) {
					t.Errorf("got %v, want %s", r.Err, want)
				}
			}
		})
	}
}
