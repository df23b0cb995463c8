package main

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/llm"
)

// research returns a call of the model that takes long.
func research(creds map[string]any) difytest.LLMCall {
	return difytest.LLMCall{
		Model: gateway.ModelResearch, Credentials: creds, Parameters: map[string]any{"max_tokens": 100},
		Messages: []llm.Message{llm.System("Be brief."), llm.User("Why?")},
	}
}

// running is the state of a call.
var running = json.RawMessage(`{"id":"resp_1"}`)

func TestStartPolling(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	r, err := h.StartPolling(research(g.creds()))
	if err != nil || string(r.State) != string(running) || r.CheckAfter != 5*time.Second {
		t.Errorf("got %+v, %v", r, err)
	}
	want := map[string]any{"model": "research", "background": true, "max_output_tokens": 100.0, "input": []any{
		map[string]any{"role": "system", "content": "Be brief."}, map[string]any{"role": "user", "content": "Why?"},
	}}
	if diff := cmp.Diff(want, g.request()); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
}

func TestCheckPolling(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(gateway.New()))
	const output = `"output":[
		{"type":"reasoning","content":[{"type":"reasoning_text","text":"Hm."}]},
		{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Be"},{"type":"output_text","text":"cause."}]}
	],"usage":{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}`
	for _, test := range []struct {
		name, answer        string
		state, text, reason string // one of them
	}{
		{"it is queued", `{"id":"resp_1","status":"queued"}`, string(running), "", ""},
		{"it runs", `{"id":"resp_1","status":"in_progress","error":null}`, string(running), "", ""},
		{"it has succeeded", `{"id":"resp_1","status":"completed","error":null,` + output + `}`, "", "Because.", ""},
		{"it was cut", `{"id":"resp_1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},` + output + `}`, "", "Because.", ""},
		{"only thoughts", `{"id":"resp_1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}`, "", "", "the model has not answered (incomplete): max_output_tokens"},
		{"a refusal", `{"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]}`, "", "No.", ""},
		{"it has failed", `{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"Too hard"}}`, "", "", "the model has not answered (failed): Too hard"},
		{"it was stopped", `{"id":"resp_1","status":"cancelled"}`, "", "", "the model has not answered (cancelled): the gateway does not say why"},
		{"an error", `{"error":{"message":"Overloaded"}}`, "", "", "the model has not answered (no status): Overloaded"},
		{"no ID", `{"status":"queued"}`, "", "", "the model has not answered (queued): the gateway does not say why"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			creds := atURL(start(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method+r.URL.Path != "GET/v1/responses/resp_1" {
					w.WriteHeader(http.StatusNotFound)
				}
				answer(w, test.answer)
			}))
			r, err := h.CheckPolling(research(creds), running)
			if err != nil || string(r.State) != test.state || r.Failure != test.reason {
				t.Fatalf("got %+v, %v", r, err)
			}
			if (r.Result != nil) != (test.text != "") || r.Result != nil && r.Result.Text() != test.text {
				t.Errorf("got %+v", r.Result)
			}
			if test.name == "it has succeeded" && r.Result.Usage.TotalPrice.String() != "0.006" { // of the model's pricing
				t.Errorf("it costs %s", r.Result.Usage.TotalPrice)
			}
		})
	}
}

func TestPollingFailures(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(gateway.New()))
	creds := atURL(start(t, failing(404, "There is no such response")))
	const want = "the service returned status 404 Not Found: There is no such response"
	_, err := h.StartPolling(research(creds))
	difytest.WantError(t, err, runtime.ErrorInvokeBadRequest, want)
	_, err = h.CheckPolling(research(creds), running)
	difytest.WantError(t, err, runtime.ErrorInvokeBadRequest, want)
	_, err = h.CheckPolling(research(creds), json.RawMessage(`{"job":1}`))
	difytest.WantError(t, err, runtime.ErrorInvoke, "the state is not one of StartPolling")
}
