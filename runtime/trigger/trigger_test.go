package trigger_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/trigger"
	"github.com/difygen/difygen/runtime/webhook"
)

// push is the payload of the event push.
type push struct {
	Ref    string `json:"ref"`
	Number any    `json:"number,omitempty"`
}

// dispatchFunc is the code that dispatches webhooks. Its credentials and its subscription are shown as text.
type dispatchFunc = func(w http.ResponseWriter, r *http.Request, sub, creds string, to *trigger.Dispatcher) error

// eventFunc is the code of the event push.
type eventFunc = func(ctx context.Context, call trigger.EventCall, payload *push, sub, creds, params string) (any, error)

// provider returns a trigger provider with this code.
func provider(dispatch dispatchFunc, event eventFunc) runtime.TriggerProvider {
	config := runtime.TriggerConfig{Name: "p"}
	if dispatch != nil {
		config.Dispatch = trigger.BindDispatch(readSubscription, decodeCredentials,
			func(w http.ResponseWriter, r *http.Request, _ runtime.Call, sub, creds string, to *trigger.Dispatcher) error {
				return dispatch(w, r, sub, creds, to)
			})
	}
	if event != nil {
		config.Events = []runtime.EventBinding{{Name: "push", Invoke: trigger.BindEvent(readSubscription, decodeCredentials, decodeParameters, event)}}
	}
	return runtime.NewTrigger(config)
}

func readSubscription(sub runtime.Subscription) string {
	text, _ := json.Marshal(sub.Reveal())
	return string(text)
}

func decodeCredentials(t runtime.CredentialType, values map[string]any) (string, error) {
	d := runtime.NewDecoder("P", values)
	key := d.Text("key", "Key", runtime.FieldRequired)
	if err := d.Err(); err != nil {
		return "", err
	}
	return string(t) + " " + key, nil
}

func decodeParameters(values map[string]any) (string, error) {
	d := runtime.NewDecoder("P", values)
	branch := d.Text("branch", "Branch", runtime.FieldOptional)
	return branch, d.Err()
}

// serve sends a request with these fields, a JSON object, and a webhook, if there is one. It returns the result, or
// the error with its type.
func serve(tb testing.TB, p runtime.TriggerProvider, action, fields string, r *http.Request) string {
	tb.Helper()
	req := &runtime.Request{Call: runtime.Call{UserID: "u"}, Data: make(map[string]any), HTTP: r}
	if err := json.Unmarshal([]byte(fields), &req.Data); err != nil {
		tb.Fatal(err)
	}
	for _, route := range p.Routes() {
		if route.Action != action {
			continue
		}
		result, err := route.Serve(tb.Context(), req)
		if e := (*runtime.Error)(nil); errors.As(err, &e) {
			return string(e.Type) + ": " + err.Error()
		} else if err != nil {
			return string(route.ErrorType) + ": " + err.Error()
		}
		data, err := json.Marshal(result)
		if err != nil {
			tb.Fatal(err)
		}
		return string(data)
	}
	tb.Fatalf("no route %s", action)
	return ""
}

func post(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
}

// answer is what a dispatch returns.
type answer struct {
	UserID   string `json:"user_id"`
	Events   []string
	Payload  json.RawMessage
	Response string
}

// dispatch sends a webhook, and returns what is dispatched, with the response as text, or the error.
func dispatch(tb testing.TB, code dispatchFunc, fields string, r *http.Request) (got answer, failure string) {
	tb.Helper()
	text := serve(tb, provider(code, nil), "dispatch_trigger_event", fields, r)
	if json.Unmarshal([]byte(text), &got) != nil {
		return answer{}, text
	}
	raw, err := hex.DecodeString(got.Response)
	if err != nil || got.Events == nil {
		tb.Fatalf("%s: %v", text, err)
	}
	got.Response = string(raw)
	return got, ""
}

const okay = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

func TestEvents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code func(to *trigger.Dispatcher) error
		want answer
		err  string
	}{
		"none": {func(*trigger.Dispatcher) error { return nil }, answer{Events: []string{}, Response: okay}, ""},
		"one": {
			func(to *trigger.Dispatcher) error {
				to.SetUserID("octocat")
				return to.Dispatch("push", push{Ref: "<main>"})
			},
			answer{"octocat", []string{"push"}, json.RawMessage(`{"ref":"\u003cmain\u003e"}`), okay}, "",
		},
		"two": {
			func(to *trigger.Dispatcher) error {
				return errors.Join(to.Dispatch("b", push{Ref: "r"}), to.Dispatch("a", map[string]any{"ref": "r"}), to.Dispatch("b", push{Ref: "r"}))
			},
			answer{"", []string{"b", "a"}, json.RawMessage(`{"ref":"r"}`), okay}, "",
		},
		"the same in another order": {
			func(to *trigger.Dispatcher) error {
				return errors.Join(to.Dispatch("a", push{"r", 1}), to.Dispatch("b", map[string]any{"ref": "r", "number": 1.0}))
			},
			answer{"", []string{"a", "b"}, json.RawMessage(`{"number":1,"ref":"r"}`), okay}, "",
		},
		"null": {
			func(to *trigger.Dispatcher) error {
				return errors.Join(to.Dispatch("a", nil), to.Dispatch("b", (*push)(nil)), to.Dispatch("c", struct{}{}))
			},
			answer{"", []string{"a", "b", "c"}, json.RawMessage("{}"), okay}, "",
		},
		"two payloads": {
			func(to *trigger.Dispatcher) error {
				return errors.Join(to.Dispatch("a", push{Ref: "r"}), to.Dispatch("b", push{Ref: "s"}))
			},
			answer{}, "TriggerDispatchError: the payload of the event b is not that of the event a: Dify keeps one for all events of a webhook",
		},
		"two payloads, one null": {
			func(to *trigger.Dispatcher) error {
				return errors.Join(to.Dispatch("a", nil), to.Dispatch("b", push{Ref: "s"}))
			},
			answer{}, "TriggerDispatchError: the payload of the event b is not that of the event a: Dify keeps one for all events of a webhook",
		},
		"a list": {
			func(to *trigger.Dispatcher) error { return to.Dispatch("a", []int{1}) },
			answer{}, "TriggerDispatchError: the payload of the event a must be a JSON object or null",
		},
		"a text": {
			func(to *trigger.Dispatcher) error { return to.Dispatch("a", "text") },
			answer{}, "TriggerDispatchError: the payload of the event a must be a JSON object or null",
		},
		"not a number": {
			func(to *trigger.Dispatcher) error { return to.Dispatch("a", push{Number: math.NaN()}) },
			answer{}, "TriggerDispatchError: the payload of the event a is not JSON: json: unsupported value: NaN",
		},
		"a number too large": {
			func(to *trigger.Dispatcher) error {
				return to.Dispatch("a", json.RawMessage(`{"ref":"9e999\\\"","number":[-1e+308,1e999]}`))
			},
			answer{}, "TriggerDispatchError: the payload of the event a cannot hold a number beyond float64",
		},
		"numbers that fit": {
			func(to *trigger.Dispatcher) error {
				return to.Dispatch("a", json.RawMessage(`{"1e999":"\\","number":[1e308,-1e-999]}`))
			},
			answer{Events: []string{"a"}, Payload: json.RawMessage(`{"1e999":"\\","number":[1e308,-1e-999]}`), Response: okay}, "",
		},
		"ignored": {
			func(*trigger.Dispatcher) error { return runtime.ErrIgnore },
			answer{}, "TriggerDispatchError: the event is ignored",
		},
		"a function": {
			func(to *trigger.Dispatcher) error { return to.Dispatch("a", push{Number: func() {}}) },
			answer{}, "TriggerDispatchError: the payload of the event a is not JSON: json: unsupported type: func()",
		},
		"an error": {
			func(to *trigger.Dispatcher) error { return errors.Join(to.Dispatch("a", nil), errors.New("no")) },
			answer{}, "TriggerDispatchError: no",
		},
		"a refusal": {
			func(to *trigger.Dispatcher) error {
				return fmt.Errorf("key k: %w", errors.Join(to.Dispatch("a", push{}), &webhook.RefusalError{Reason: "header X is missing"}))
			},
			answer{Events: []string{}, Response: unauthorized("the webhook is not from the service: header X is missing\n")}, "",
		},
		"a refusal of the plugin": {
			func(*trigger.Dispatcher) error { return fmt.Errorf("key k: %w", webhook.ErrSignature) },
			answer{Events: []string{}, Response: unauthorized("the webhook is not from the service\n")}, "",
		},
	} {
		code := func(_ http.ResponseWriter, _ *http.Request, _, _ string, to *trigger.Dispatcher) error {
			return test.code(to)
		}
		got, failure := dispatch(t, code, `{}`, post("{}"))
		if diff := cmp.Diff(test.want, got); diff != "" || failure != test.err {
			t.Errorf("%s: error %q, want %q (-want +got):\n%s", name, failure, test.err, diff)
		}
	}
}

func unauthorized(body string) string {
	return fmt.Sprintf("HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\r\n%s", len(body), body)
}

// TestRefusal checks that nothing is left of an answer that has begun.
func TestRefusal(t *testing.T) {
	t.Parallel()
	got, failure := dispatch(t, func(w http.ResponseWriter, r *http.Request, _, _ string, to *trigger.Dispatcher) error {
		to.SetUserID("u")
		w.Header().Set("X-Secret", "s")
		_, _ = io.WriteString(w, "welcome")
		_, err := webhook.GitHub(r, runtime.NewSecret("s"))
		return err
	}, `{}`, post("{}"))
	want := answer{Events: []string{}, Response: unauthorized("the webhook is not from the service: header X-Hub-Signature-256 is missing\n")}
	if diff := cmp.Diff(want, got); diff != "" || failure != "" {
		t.Errorf("error %q (-want +got):\n%s", failure, diff)
	}
}

func TestLate(t *testing.T) {
	t.Parallel()
	var late *trigger.Dispatcher
	var writer http.ResponseWriter
	for _, err := range []error{nil, errors.New("no"), webhook.ErrSignature} {
		dispatch(t, func(w http.ResponseWriter, _ *http.Request, _, _ string, to *trigger.Dispatcher) error {
			late, writer = to, w
			return err
		}, `{}`, post("{}"))
		if n, err := writer.Write([]byte("late")); n != 0 || !errors.Is(err, http.ErrHandlerTimeout) {
			t.Errorf("wrote %d, %v", n, err)
		}
		if err := late.Dispatch("push", nil); err == nil || err.Error() != "the webhook has been answered: name its events before Dispatch returns" {
			t.Errorf("got %v", err)
		}
	}
}

// TestConcurrent names events and writes from several goroutines.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	got, failure := dispatch(t, func(w http.ResponseWriter, _ *http.Request, _, _ string, to *trigger.Dispatcher) error {
		done := make(chan error)
		for range 8 {
			go func() {
				to.SetUserID("u")
				_, err := io.WriteString(w, "x")
				done <- errors.Join(err, to.Dispatch("push", push{}))
			}()
		}
		var errs []error
		for range 8 {
			errs = append(errs, <-done)
		}
		return errors.Join(errs...)
	}, `{}`, post("{}"))
	if len(got.Events) != 1 || got.UserID != "u" || !strings.HasSuffix(got.Response, "xxxxxxxx") || failure != "" {
		t.Errorf("got %+v, %s", got, failure)
	}
}

func TestPayloadBounded(t *testing.T) {
	t.Parallel()
	handler := trigger.BindDispatch(readSubscription, decodeCredentials,
		func(_ http.ResponseWriter, _ *http.Request, _ runtime.Call, _, _ string, to *trigger.Dispatcher) error {
			return to.Dispatch("push", push{Ref: strings.Repeat("x", 100)})
		})
	for limit, want := range map[int]string{
		0: "", 110: "", 109: "the payload of the event push has 110 bytes of JSON: Dify accepts 109 with the rest",
	} {
		_, err := handler(t.Context(), &runtime.TriggerRequest{Request: &runtime.Request{HTTP: post(""), MaxResult: limit}})
		if want == "" != (err == nil) || err != nil && err.Error() != want {
			t.Errorf("%d: got %v, want %q", limit, err, want)
		}
	}
}

// TestDrafts checks what code gets of subscriptions that a user is setting up, or has set up by hand.
func TestDrafts(t *testing.T) {
	t.Parallel()
	const empty = `{"endpoint":"","expires_at":0,"parameters":null,"properties":null}`
	const full = `{"endpoint":"https://dify.example/t","expires_at":-1,"parameters":{"a":1},"properties":{"secret":"s"}}`
	for fields, want := range map[string]string{
		`{"subscription":` + full + `,"credentials":{},"credential_type":"unauthorized"}`:          full + "|",
		`{"subscription":` + full + `,"credentials":null,"credential_type":"unauthorized"}`:        full + "|",
		`{"subscription":` + full + `,"credentials":{"key":"k"},"credential_type":"unauthorized"}`: full + "|",
		`{"subscription":` + full + `,"credentials":{},"credential_type":"api-key"}`:               full + "|",
		`{"subscription":` + full + `,"credentials":{"key":"k"},"credential_type":"api-key"}`:      full + "|api-key k",
		`{"subscription":` + full + `,"credentials":{"key":"k"},"credential_type":"oauth2"}`:       full + "|oauth2 k",
		`{"subscription":` + full + `,"credentials":{"key":"k"}}`:                                  full + "| k",
		`{"subscription":` + full + `,"credentials":{"x":"k"},"credential_type":"api-key"}`:        "TriggerProviderCredentialValidationError: P: Key (key) is required",
		`{"subscription":` + full + `,"credentials":[],"credential_type":"api-key"}`:               "ValidationError: credentials of the request has the wrong type",
		`{"subscription":[]}`:   "ValidationError: subscription of the request has the wrong type",
		`{"subscription":null}`: empty + "|",
		`{"subscription":{}}`:   empty + "|",
		`{}`:                    empty + "|",
		`{"subscription":{"expires_at":"soon","endpoint":5,"parameters":[],"properties":{"secret":1}}}`: `{"endpoint":"","expires_at":0,"parameters":null,"properties":{"secret":1}}|`,
		`{"subscription":{"expires_at":1e300,"endpoint":"e"}}`:                                          `{"endpoint":"e","expires_at":0,"parameters":null,"properties":null}|`,
	} {
		got, failure := dispatch(t, func(w http.ResponseWriter, _ *http.Request, sub, creds string, _ *trigger.Dispatcher) error {
			_, err := io.WriteString(w, sub+"|"+creds)
			return err
		}, fields, post(""))
		_, body, _ := strings.Cut(got.Response, "\r\n\r\n")
		if body+failure != want {
			t.Errorf("%s: got %s%s, want %s", fields, body, failure, want)
		}
		text := serve(t, provider(nil, func(_ context.Context, _ trigger.EventCall, _ *push, sub, creds, _ string) (any, error) {
			return map[string]string{"text": sub + "|" + creds}, nil
		}), "invoke_trigger_event", fields, post(""))
		var result struct{ Variables struct{ Text string } }
		if json.Unmarshal([]byte(text), &result) == nil {
			text = result.Variables.Text
		}
		if text != want {
			t.Errorf("event, %s: got %s, want %s", fields, text, want)
		}
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, fields string
		result       any
		err          error
		want, seen   string
	}{
		{
			"variables", `{"payload":{"ref":"r","number":9007199254740993},"parameters":{"branch":"b"}}`, map[string]any{"n": 1, "html": "<"}, nil,
			`{"variables":{"html":"\u003c","n":1},"cancelled":false}`, `u POST body &{r 9.007199254740992e+15} b`,
		},
		{"no payload", `{}`, struct{}{}, nil, `{"variables":{},"cancelled":false}`, "u POST body <nil> "},
		{"null", `{"payload":null,"parameters":null}`, struct{}{}, nil, `{"variables":{},"cancelled":false}`, "u POST body <nil> "},
		{"an empty payload", `{"payload":{}}`, struct{}{}, nil, `{"variables":{},"cancelled":false}`, "u POST body &{ <nil>} "},
		{"no variables", `{}`, map[string]any(nil), nil, `{"variables":{},"cancelled":false}`, "u POST body <nil> "},
		{"a list", `{}`, []int{}, nil, "InvokeError: the variables of the event must be a JSON object or null", "u POST body <nil> "},
		{"not a number", `{}`, map[string]any{"n": math.Inf(1)}, nil, "InvokeError: the variables of the event are not JSON: json: unsupported value: +Inf", "u POST body <nil> "},
		{"a number too large", `{}`, json.RawMessage(`{"n":1e999}`), nil, "InvokeError: the variables of the event cannot hold a number beyond float64", "u POST body <nil> "},
		{"ignored", `{}`, map[string]any{"n": 1}, runtime.ErrIgnore, `{"variables":{},"cancelled":true}`, "u POST body <nil> "},
		{"ignored, with why", `{}`, nil, fmt.Errorf("a draft: %w", runtime.ErrIgnore), `{"variables":{},"cancelled":true}`, "u POST body <nil> "},
		{"an error", `{}`, nil, errors.New("no"), "InvokeError: no", "u POST body <nil> "},
		{"an error with a type", `{}`, nil, &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("later")}, "InvokeRateLimitError: later", "u POST body <nil> "},
		{"a wrong payload", `{"event":"push","payload":{"ref":1}}`, nil, nil, "ValidationError: the payload of the event push does not fit the type *trigger_test.push: ref is not of the type string", ""},
		{"a list as payload", `{"event":"push","payload":[]}`, nil, nil, "ValidationError: the payload of the event push does not fit the type *trigger_test.push", ""},
		{"wrong parameters", `{"parameters":[]}`, nil, nil, "ValidationError: parameters of the request has the wrong type", ""},
		{"a wrong parameter", `{"parameters":{"branch":[]}}`, nil, nil, "InvokeError: P: Branch (branch) must be text", ""},
	} {
		var seen string
		got := serve(t, provider(nil, func(_ context.Context, call trigger.EventCall, payload *push, _, _, params string) (any, error) {
			body, err := io.ReadAll(call.Request.Body)
			seen = fmt.Sprint(call.UserID, " ", call.Request.Method, " ", string(body), " ", payload, " ", params)
			return test.result, errors.Join(err, test.err)
		}), "invoke_trigger_event", test.fields, post("body"))
		if got != test.want || seen != test.seen {
			t.Errorf("%s: got %s, seen %q, want %s, %q", test.name, got, seen, test.want, test.seen)
		}
	}
}

func TestNoWebhook(t *testing.T) {
	t.Parallel()
	p := provider(
		func(http.ResponseWriter, *http.Request, string, string, *trigger.Dispatcher) error { return nil },
		func(context.Context, trigger.EventCall, *push, string, string, string) (any, error) { return nil, nil })
	for _, action := range []string{"dispatch_trigger_event", "invoke_trigger_event"} {
		if got := serve(t, p, action, `{}`, nil); got != "ValidationError: the request has no raw_http_request" {
			t.Errorf("%s: got %s", action, got)
		}
	}
}
