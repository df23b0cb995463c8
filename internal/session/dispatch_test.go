package session

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/trigger"
	"github.com/difygen/difygen/runtime/webhook"
)

// pushed is the payload of the event push, and what code takes from the body of a webhook.
type pushed struct {
	Ref     string   `json:"ref"`
	Commits []string `json:"commits"`
}

// hookSecret is what signs webhooks.
const hookSecret = "It's a Secret to Everybody"

// hook returns the body of a webhook with about that many bytes, and its signature as GitHub writes it.
func hook(size int) (body, signature string) {
	commit := strings.Repeat("0123456789abcdef", 8)
	body = `{"ref":"refs/heads/main","commits":["` + strings.Repeat(commit+`","`, size/(len(commit)+3)) + `"],"sender":{"id":1.5}}`
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(body))
	return body, "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// dispatchHook is what a plugin and a server do with a webhook.
func dispatchHook(w http.ResponseWriter, r *http.Request, secret runtime.Secret) (pushed, error) {
	body, err := webhook.GitHub(r, secret)
	if err != nil {
		return pushed{}, err
	}
	var payload pushed
	if err := json.Unmarshal(body, &payload); err != nil {
		return pushed{}, err
	}
	_, err = io.WriteString(w, "ok")
	return payload, err
}

// dispatching returns a plugin that dispatches webhooks.
func dispatching() *Plugin {
	return NewPlugin(Declaration{Manifest: "{}"}, nil, runtime.NewTrigger(runtime.TriggerConfig{
		Name: "box", Fields: &runtime.Fields{Secret: []string{"secret", "key"}},
		Dispatch: trigger.BindDispatch(readHookSecret, runtime.DecodeNoCredentials,
			func(w http.ResponseWriter, r *http.Request, _ runtime.Call, secret runtime.Secret, _ runtime.NoCredentials, to *trigger.Dispatcher) error {
				payload, err := dispatchHook(w, r, secret)
				if err != nil {
					return err
				}
				return to.Dispatch("push", payload)
			}),
		Events: []runtime.EventBinding{{Name: "push", Invoke: trigger.BindEvent(readHookSecret, runtime.DecodeNoCredentials, noParameters,
			func(_ context.Context, _ trigger.EventCall, payload pushed, _ runtime.Secret, _ runtime.NoCredentials, _ struct{}) (pushed, error) {
				if payload.Ref == "" {
					return payload, runtime.ErrIgnore
				}
				return payload, nil
			})}},
	}))
}

func noParameters(map[string]any) (struct{}, error) { return struct{}{}, nil }

func readHookSecret(sub runtime.Subscription) runtime.Secret {
	d := runtime.NewDraftDecoder("Box", sub.Properties.Reveal())
	return d.Secret("secret", "Secret", runtime.FieldRequired)
}

// hookLine returns the request with which Dify passes on a webhook.
func hookLine(tb testing.TB, action, raw string, more map[string]any) []byte {
	tb.Helper()
	data := map[string]any{
		"type": "trigger", "action": action, "provider": "box", "user_id": "u", "credentials": map[string]any{}, "credential_type": "unauthorized",
		"subscription": map[string]any{"expires_at": -1, "endpoint": "https://dify.example/t", "parameters": map[string]any{}, "properties": map[string]any{"secret": hookSecret}},
	}
	if raw != "" {
		data["raw_http_request"] = hex.EncodeToString([]byte(raw))
	}
	for name, v := range more {
		data[name] = v
	}
	line, err := json.Marshal(map[string]any{"session_id": "s", "event": "request", "data": data})
	if err != nil {
		tb.Fatal(err)
	}
	return line
}

// rawHook returns a webhook as Dify passes it on.
func rawHook(body, signature string) string {
	return fmt.Sprintf("POST /triggers/plugin/5f3e HTTP/1.1\r\nHost: dify.example\r\nUser-Agent: GitHub-Hookshot/1\r\nContent-Type: application/json\r\n"+
		"X-Github-Event: push\r\nX-Github-Delivery: 0b989ba4-242f-11e5-81e1-c7b6966d2516\r\nX-Hub-Signature-256: %s\r\nContent-Length: %d\r\n\r\n%s", signature, len(body), body)
}

// FuzzDecodeWebhook decodes lines with an HTTP request as others are, and wants the same.
func FuzzDecodeWebhook(f *testing.F) {
	for _, line := range []string{
		`{"data":{"a":1,"raw_http_request":"00ff","b":2},"session_id":"s","event":"request"}`,
		`{"data":{"a":1,"raw_http_request":"0","b":2}}`, `{"data":{"a":1,"raw_http_request":"0g","b":2}}`, `{"data":{"a":1,"raw_http_request":""}}`,
		`{"data":{"a":{"b":1,"raw_http_request":"00"},"raw_http_request":"ff"}}`, `{"data":{"a":1,"raw_http_request":"00","raw_http_request":"ff"}}`,
		`{"data":{"a":1,"raw_http_request":"00","raw_http_request":null}}`, `{"event":"a","raw_http_request":"00"}`, `{"data":{"a":",\"raw_http_request\":\"00","b":1}}`,
		`{"data":{"a,\"raw_http_request":"00"}}`, `{"data":{"a":1,"raw_http_request":"00"`, `,"raw_http_request":"00"`, `{"data":[1,"raw_http_request":"00"]}`,
		`{"data":{"a":1,"raw_http_request":"\u0030\u0030"}}`, `{"data":{"a":1,"raw_http_request":"aAbB","a":"\ud800"}}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, ok := decodeWebhook(line)
		if !ok {
			if !cmp.Equal(got, envelope{}, cmp.AllowUnexported(envelope{})) {
				t.Errorf("%q: got %+v", line, got)
			}
			return
		}
		got.Data.(map[string]any)[rawHTTPField] = hex.EncodeToString(got.http)
		got.http = nil
		var want envelope
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		data, _ := want.Data.(map[string]any)
		if text, ok := data[rawHTTPField].(string); ok {
			data[rawHTTPField] = strings.ToLower(text)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(envelope{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	})
}

// TestPlainHeaders checks that the headers at whose names nobody looks are not secret.
func TestPlainHeaders(t *testing.T) {
	t.Parallel()
	for name := range plainHeaders {
		if redact.LooksSecret(name) || http.CanonicalHeaderKey(name) != name {
			t.Error(name)
		}
	}
}

// FuzzDispatch passes webhooks of any sort on, and what is dispatched to the event. Each has exactly one answer,
// and one that is not signed has the status 401.
func FuzzDispatch(f *testing.F) {
	body, signature := hook(100)
	for _, raw := range []string{
		rawHook(body, signature), rawHook(body, "sha256=00"), rawHook("[]", ""), "GET /?a HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD / HTTP/1.0\n\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", "\x00",
	} {
		f.Add([]byte(raw), []byte(body))
	}
	s := newTestServer(f, dispatching())
	f.Fuzz(func(t *testing.T, raw, body []byte) {
		mac := hmac.New(sha256.New, []byte(hookSecret))
		mac.Write(body)
		signed := rawHook(string(body), "sha256="+hex.EncodeToString(mac.Sum(nil)))
		for _, raw := range []string{string(raw), signed} {
			list := answer(t, s, hookLine(t, "dispatch_trigger_event", raw, nil))
			if len(list) != 1 {
				t.Fatalf("%q: got %q, want one answer", raw, list)
			}
			var got struct {
				UserID   *string `json:"user_id"`
				Events   []string
				Payload  json.RawMessage
				Response string
			}
			if strings.HasPrefix(list[0], "ValidationError: ") || strings.HasPrefix(list[0], "TriggerDispatchError: ") {
				continue
			}
			if err := json.Unmarshal([]byte(list[0]), &got); err != nil || got.UserID == nil || got.Events == nil {
				t.Fatalf("%q: got %s, %v", raw, list[0], err)
			}
			head, err := hex.DecodeString(got.Response)
			if err != nil || strings.HasPrefix(string(head), "HTTP/1.1 401 ") == (len(got.Events) == 1) {
				t.Fatalf("%q: got %q, %v", raw, head, err)
			}
			if len(got.Events) == 1 {
				event(t, s, raw, got.Payload)
			}
		}
	})
}

// event calls the event that a webhook stands for, and wants its payload as variables.
func event(t *testing.T, s *Server, raw string, payload json.RawMessage) {
	t.Helper()
	list := answer(t, s, hookLine(t, "invoke_trigger_event", raw, map[string]any{"event": "push", "payload": payload, "parameters": nil}))
	var want pushed
	if err := json.Unmarshal(payload, &want); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Variables *pushed
		Cancelled bool
	}
	if len(list) != 1 || json.Unmarshal([]byte(list[0]), &got) != nil || got.Variables == nil || got.Cancelled != (want.Ref == "") {
		t.Fatalf("%s: got %q", payload, list)
	}
	if diff := cmp.Diff(want, *got.Variables); diff != "" && !got.Cancelled {
		t.Errorf("%s (-want +got):\n%s", payload, diff)
	}
}
