package invoke_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

func TestToolRun(t *testing.T) {
	result, err := newSession(t, reply(
		`{"type":"text","message":{"text":"a"}}`, `{"type":"text","message":{"text":"b"}}`,
		`{"type":"link","message":{"text":"https://x"}}`, `{"type":"image","message":{"text":"https://y"}}`,
		`{"type":"blob","message":{"blob":"aGk="}}`, `{"type":"json","message":{"json_object":{"a":1}}}`,
		`{"type":"variable","message":{"variable_name":"n","variable_value":7}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"x","stream":true}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"y","stream":true}}`,
		`{"type":"log","message":{"id":"1","label":"L","status":"start","data":{}}}`,
		`{"type":"log","message":{"id":"2","label":"M","status":"start","data":{}}}`,
		`{"type":"log","message":{"id":"1","label":"L","status":"success","data":{}}}`,
		`{"type":"retriever_resources","message":{"retriever_resources":[{"position":1}],"context":"x"}}`,
		`{"type":"hologram","message":{}}`,
	)).Tools().Run(t.Context(), aTool)
	if err != nil {
		t.Fatal(err)
	}
	want := &invoke.ToolResult{
		Text: "ab", Links: []string{"https://x"}, Images: []string{"https://y"},
		Files: []*invoke.ToolFile{{Type: "blob", Data: []byte("hi"), MIMEType: "application/octet-stream"}},
		JSON:  []json.RawMessage{json.RawMessage(`{"a":1}`)},
		Variables: map[string]json.RawMessage{
			"n": json.RawMessage("7"), "s": json.RawMessage(`"xy"`),
		},
		Logs: []*invoke.ToolLog{
			{LogMessage: runtime.LogMessage{ID: "1", Label: "L", Status: runtime.LogSuccess, Data: map[string]any{}}},
			{LogMessage: runtime.LogMessage{ID: "2", Label: "M", Status: runtime.LogStart, Data: map[string]any{}}},
		},
		Resources: []runtime.RetrieverResource{{Position: 1}}, Context: "x",
		Unknown: []*invoke.UnknownToolMessage{{Type: "hologram", Message: json.RawMessage("{}")}},
	}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}

	var n int
	if ok, err := result.Variable("n", &n); !ok || err != nil || n != 7 {
		t.Errorf("n: %d, %t, %v", n, ok, err)
	}
	if ok, err := result.Variable("none", &n); ok || err != nil {
		t.Errorf("none: %t, %v", ok, err)
	}
	if ok, err := result.Variable("s", &n); !ok || err == nil || strings.Contains(err.Error(), "xy") {
		t.Errorf("s: %t, %v", ok, err)
	}
}

func TestVariablesThatAreSetAndStreamed(t *testing.T) {
	set := func(name, value string) string {
		return fmt.Sprintf(`{"type":"variable","message":{"variable_name":%q,"variable_value":%s,"stream":false}}`, name, value)
	}
	piece := func(name, text string) string {
		return fmt.Sprintf(`{"type":"variable","message":{"variable_name":%q,"variable_value":%q,"stream":true}}`, name, text)
	}
	result, err := newSession(t, reply(
		set("a", `"x"`), piece("a", "y"), piece("a", "z"),
		piece("b", "x"), set("b", "7"),
		piece("c", "x"), set("c", `"y"`), piece("c", "z"),
		set("d", "7"), piece("d", "x"),
	)).Tools().Run(t.Context(), aTool)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]json.RawMessage{
		"a": json.RawMessage(`"xyz"`), "b": json.RawMessage("7"), "c": json.RawMessage(`"yz"`), "d": json.RawMessage(`"x"`),
	}
	if diff := cmp.Diff(want, result.Variables); diff != "" {
		t.Error(diff)
	}

	_, err = newSession(t, reply(`{"type":"variable","message":{"variable_name":"a","variable_value":["secret"],"stream":true}}`)).Tools().Run(t.Context(), aTool)
	if want := "a piece of a variable of the tool is not a text"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestToolRunKeepsWhatCameBeforeAnError(t *testing.T) {
	result, err := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		return raw(`{"type":"text","message":{"text":"a"}}`), refuse("invoke tool failed: no")
	}).Tools().Run(t.Context(), aTool)
	var refusal *invoke.Error
	if !errors.As(err, &refusal) || refusal.Message != "invoke tool failed: no" {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(&invoke.ToolResult{Text: "a", Variables: map[string]json.RawMessage{}}, result); diff != "" {
		t.Error(diff)
	}
}
