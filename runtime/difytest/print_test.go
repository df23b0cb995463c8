package difytest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/llm"
)

// TestPrint checks how results look in the messages of tests.
func TestPrint(t *testing.T) {
	t.Parallel()
	answered := func(body string, d difytest.DispatchResult) *difytest.DispatchResult {
		d.Response = &http.Response{Status: "202 Accepted", Body: io.NopCloser(strings.NewReader(body))}
		return &d
	}
	step := func(label, status, problem string, inside ...difytest.Step) difytest.Step {
		return difytest.Step{Log: difytest.Log{ID: "1", Label: label, Status: status, Error: problem}, Steps: inside}
	}
	no := &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("no")}
	for name, test := range map[string]struct {
		result fmt.Stringer
		want   string
	}{
		"a webhook": {
			answered("ok\n", difytest.DispatchResult{Events: []string{"push", "tag"}, Payload: []byte(`{"n":1}`), UserID: "u"}),
			`202 Accepted, body "ok\n", events push, tag, payload {"n":1}, user u`,
		},
		"a long payload": {
			&difytest.DispatchResult{Payload: []byte(`{"n":"` + strings.Repeat("x", 500) + `"}`)}, `payload {"n":"` + strings.Repeat("x", 386) + "…",
		},
		"a failure":          {answered("", difytest.DispatchResult{Err: no}), "202 Accepted, error: no"},
		"made by hand":       {&difytest.DispatchResult{}, "nothing"},
		"an event":           {&difytest.EventResult{Variables: given{"ref": "main"}}, `variables {"ref":"main"}`},
		"an event cancelled": {&difytest.EventResult{Cancelled: true}, "cancelled"},
		"an event's failure": {&difytest.EventResult{Err: no}, "error: no"},
		"an agent": {
			&difytest.AgentResult{
				Text: "It rains.", Links: []string{"l"}, Images: []string{"i"}, JSON: []any{1}, Files: []difytest.File{{Name: "f", Data: make([]byte, 3)}},
				Variables: given{"n": 1}, Usage: llm.Usage{TotalTokens: 7}, Messages: []difytest.Message{{Message: []byte("{}")}}, Err: no,
				Steps: []difytest.Step{step("round", "error", "bad", step("model", "success", "")), step("end", "start", "")},
			},
			`text "It rains.", links ["l"], images ["i"], JSON [1], file f of 3 bytes, variables {"n":1}, ` +
				`steps "round" error: bad ("model" success), "end" start, 7 tokens, error: no`,
		},
	} {
		for _, format := range []string{"%v", "%+v", "%s", "%v"} { // again: the body is still there
			if got := fmt.Sprintf(format, test.result); got != test.want {
				t.Errorf("%s, %s: got\n%s, want\n%s", name, format, got, test.want)
			}
		}
	}
}
