package cot

import (
	"encoding/json"
	"strings"

	"github.com/difygen/difygen/runtime/agent"
)

// action is a call of a tool, as a model writes it.
type action struct {
	Name  string          `json:"action"`
	Input json.RawMessage `json:"action_input,omitempty"`
}

// unreadable is what a model is told of an action that is not one.
const unreadable = `This action cannot be read. Write it in valid JSON: {"action": "the name of a tool", "action_input": {…}}`

// parseAction reads the first JSON in a text, and returns what stands before it. Some models make a list of
// it, and many write it in a fence of Markdown.
func parseAction(text string) (a action, before string, ok bool) {
	start := strings.IndexAny(text, "{[")
	if start < 0 {
		return a, "", false
	}
	var err error
	decoder := json.NewDecoder(strings.NewReader(text[start:]))
	if list := []action{}; text[start] == '[' {
		if err = decoder.Decode(&list); len(list) == 1 {
			a = list[0]
		}
	} else {
		err = decoder.Decode(&a)
	}
	return a, text[:start], err == nil && a.Name != ""
}

// String returns the action in JSON.
func (a action) String() string {
	data, err := json.Marshal(a)
	if err != nil {
		return ""
	}
	return string(data)
}

// isFinal reports whether the action is the answer, which some models write so.
func (a action) isFinal() bool {
	return strings.EqualFold(strings.ReplaceAll(a.Name, " ", ""), "FinalAnswer")
}

// words returns the input as text.
func (a action) words() string {
	var text string
	if json.Unmarshal(a.Input, &text) == nil {
		return text
	}
	return string(a.Input)
}

// arguments returns the input as the arguments of a tool, which is nil if there is none of that name. Some
// models write an object as text, or only the value if the tool has one parameter.
func (a action) arguments(tool *agent.Tool) string {
	text := strings.TrimSpace(a.words())
	if text == "" || text[0] == '{' && json.Valid([]byte(text)) || tool == nil {
		return text
	}
	params := tool.ModelParameters()
	if len(params) != 1 {
		return text
	}
	object, err := json.Marshal(map[string]json.RawMessage{params[0].Name: a.Input})
	if err != nil {
		return text
	}
	return string(object)
}
