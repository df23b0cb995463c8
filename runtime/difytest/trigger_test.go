package difytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/trigger"
	"github.com/difygen/difygen/serve"
)

const triggerDeclaration = `{"identity":{"name":"git"},"subscription_schema":[{"name":"secret","type":"secret-input"},{"name":"mode","type":"text-input","default":"fast"}],
	"events":[{"identity":{"name":"push"},"parameters":[{"name":"branch","type":"string"},{"name":"labels","type":"dynamic-select"}],
		"output_schema":{"properties":{"ref":{"type":"string"},"size":{"type":"integer"}}}}, {"identity":{"name":"tag"},"parameters":[]}],
	"subscription_constructor":{"parameters":[{"name":"repo","type":"string","default":"any"}],"credentials_schema":[{"name":"token","type":"secret-input"}]}}`

// hookCall is what a webhook or an event is called with.
type hookCall struct {
	r       *http.Request
	call    runtime.Call
	sub     runtime.Subscription
	creds   given
	payload given
	params  given
}

// git returns a trigger with two events and this code. The event tag returns the code of the event push.
func git(dispatch func(w http.ResponseWriter, c hookCall, to *trigger.Dispatcher) error, push func(c hookCall) (given, error)) *serve.Plugin {
	subscription := func(s runtime.Subscription) runtime.Subscription { return s }
	creds := func(_ runtime.CredentialType, values map[string]any) (given, error) { return values, nil }
	invoke := trigger.BindEvent(subscription, creds, anyParameters,
		func(_ context.Context, call trigger.EventCall, payload given, sub runtime.Subscription, creds, params given) (given, error) {
			return push(hookCall{call.Request, call.Call, sub, creds, payload, params})
		})
	return pluginOf("trigger_declaration", triggerDeclaration, runtime.NewTrigger(runtime.TriggerConfig{
		Name: "git", Fields: &runtime.Fields{Secret: []string{"secret", "token"}},
		Dispatch: trigger.BindDispatch(subscription, creds,
			func(w http.ResponseWriter, r *http.Request, call runtime.Call, sub runtime.Subscription, creds given, to *trigger.Dispatcher) error {
				return dispatch(w, hookCall{r: r, call: call, sub: sub, creds: creds}, to)
			}),
		Events: []runtime.EventBinding{{
			Name: "push", Invoke: invoke, Options: []runtime.OptionsBinding{{
				Parameter: "labels", Fetch: func(context.Context, runtime.CredentialType, map[string]any) ([]runtime.Choice, error) {
					return []runtime.Choice{{Value: "l", Label: "L"}}, nil
				},
			}},
		}, {Name: "tag", Invoke: invoke}},
	}))
}

func hook(t *testing.T, target, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("X-Event", "push")
	return r
}

// subscription is a subscription whose secret is "a-secret".
func subscription() runtime.Subscription {
	return runtime.Subscription{
		ExpiresAt: -1, Endpoint: "https://dify.example/triggers/plugin/7", Properties: runtime.NewValues(given{"secret": "a-secret"}),
	}
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, git(
		func(w http.ResponseWriter, c hookCall, to *trigger.Dispatcher) error {
			body, err := io.ReadAll(c.r.Body)
			if err != nil {
				return err
			}
			w.Header().Set("X-Seen", fmt.Sprint(c.r.Method, " ", c.r.URL, " ", c.r.Header.Get("X-Event"), " ", len(c.creds), " ", c.sub.Properties.Reveal()["mode"], c.sub.Parameters.Reveal()["repo"]))
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write(body)
			if c.sub.Properties.Reveal()["secret"] == nil {
				return nil
			}
			to.SetUserID("octocat")
			return to.Dispatch("push", given{"n": 1<<53 + 1, "ref": "main"})
		},
		func(c hookCall) (given, error) {
			if c.params["branch"] == "other" {
				return nil, fmt.Errorf("not %w", runtime.ErrIgnore)
			}
			body, err := io.ReadAll(c.r.Body)
			return given{"ref": fmt.Sprintf("%s %s %s %s %.0f", c.call.UserID, c.r.URL.Path, body, c.payload["ref"], c.payload["n"]), "size": 3}, err
		}))
	creds := given{"token": "a-token"}
	d := h.Subscribed(subscription(), creds).Dispatch(hook(t, "/?a=b&a=c", "the body"))
	if d.Err != nil {
		t.Fatal(d.Err)
	}
	body, err := io.ReadAll(d.Response.Body)
	got := []string{string(body), d.Response.Header.Get("X-Seen"), d.UserID, string(d.Payload), strings.Join(d.Events, " ")}
	want := []string{"the body", "POST /triggers/plugin/7?a=b&a=c push 1 <nil> <nil>", "octocat", `{"n":9007199254740993,"ref":"main"}`, "push"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || d.Response.StatusCode != http.StatusAccepted {
		t.Errorf("%v, %d (-want +got):\n%s", err, d.Response.StatusCode, diff)
	}
	e := h.Event("push", given{"branch": "main"}, d)
	var variables struct {
		Ref  string `json:"ref"`
		Size int    `json:"size"`
	}
	if err := e.Decode(&variables); err != nil || variables.Size != 3 || variables.Ref != "octocat /triggers/plugin/7 the body main 9007199254740992" {
		t.Errorf("got %+v, %v", variables, err)
	}
	if err := e.Decode(&struct{ Ref string }{}); err == nil || err.Error() != `decoding the variables: json: unknown field "size"` {
		t.Errorf("got %v", err)
	}
	if e = h.Event("push", given{"branch": "other"}, d); !e.Cancelled || e.Err != nil || len(e.Variables) != 0 || e.Decode(&variables) == nil {
		t.Errorf("got %+v", e)
	}
	made := &difytest.DispatchResult{Events: []string{"push"}, Payload: []byte(`{"n":1,"ref":"r"}`), UserID: "u"}
	if e = h.Subscribed(runtime.Subscription{}, nil).Event("push", nil, made); e.Err != nil ||
		e.Variables["ref"] != "u /triggers/plugin/00000000-0000-4000-8000-000000000001  r 1" {
		t.Errorf("got %+v", e)
	}
	if d = h.Dispatch(hook(t, "/triggers/plugin/8", "hi")); d.Err != nil || d.Events == nil || len(d.Events) > 0 || d.Payload != nil ||
		d.Response.Header.Get("X-Seen") != "POST /triggers/plugin/8 push 0 fastany" {
		t.Errorf("got %+v", d)
	}
	choices, err := h.Options("push", "labels", creds)
	if diff := cmp.Diff([]runtime.Choice{{Value: "l", Label: "L"}}, choices); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestTriggerErrors(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, git(
		func(http.ResponseWriter, hookCall, *trigger.Dispatcher) error { return errors.New("no") },
		func(hookCall) (given, error) { return nil, errors.New("not now") }))
	d := h.Dispatch(hook(t, "/", ""))
	difytest.WantError(t, d.Err, runtime.ErrorTriggerDispatch, "no")
	if d.Response.StatusCode != http.StatusInternalServerError || d.Response.Status != "500 Internal Server Error" || d.Events != nil {
		t.Errorf("got %+v", d)
	}
	e := h.Subscribed(subscription(), nil).Event("push", nil, &difytest.DispatchResult{Events: []string{"push"}})
	difytest.WantError(t, e.Err, runtime.ErrorInvoke, "not now")
	if err := e.Decode(&struct{}{}); err == nil || err.Error() != "not now" {
		t.Errorf("got %v", err)
	}
}

// TestWrongTriggers checks that calls which Dify would not make, and results which it would reject or which
// have secrets, are errors of the test.
func TestWrongTriggers(t *testing.T) {
	t.Parallel()
	type dispatch = func(w http.ResponseWriter, c hookCall, to *trigger.Dispatcher) error
	secret := func(c hookCall) string { return fmt.Sprint(c.sub.Properties.Reveal()["secret"]) }
	token := func(c hookCall) string { return fmt.Sprint(c.creds["token"]) }
	named := func(_ http.ResponseWriter, _ hookCall, to *trigger.Dispatcher) error { return to.Dispatch("push", nil) }
	payload := func(value func(c hookCall) string) dispatch {
		return func(_ http.ResponseWriter, c hookCall, to *trigger.Dispatcher) error {
			return to.Dispatch("push", given{"raw": []string{value(c)}})
		}
	}
	send := func(body string) func(h *difytest.Host) {
		return func(h *difytest.Host) {
			h.Subscribed(subscription(), given{"token": "a-token"}).Dispatch(hook(t, "/?q=b-secret", body))
		}
	}
	event := func(params given) func(h *difytest.Host) {
		return func(h *difytest.Host) {
			h = h.Subscribed(subscription(), given{"token": "a-token"})
			h.Event("push", params, &difytest.DispatchResult{Events: []string{"push"}})
		}
	}
	subscribed := func(sub runtime.Subscription) func(h *difytest.Host) {
		return func(h *difytest.Host) { h.Subscribed(sub, nil).Dispatch(hook(t, "/", "")) }
	}
	variables := func(v given) func(hookCall) (given, error) {
		return func(hookCall) (given, error) { return v, nil }
	}
	for name, test := range map[string]struct {
		dispatch dispatch
		event    func(c hookCall) (given, error)
		call     func(h *difytest.Host)
		want     []string // the starts of what is reported
	}{
		"an event that is not declared": {
			func(_ http.ResponseWriter, _ hookCall, to *trigger.Dispatcher) error { return to.Dispatch("pull", nil) }, nil, send(""),
			[]string{"Dispatch names an event that is not declared, so that the sender of the webhook gets status 500: no event pull; git has push, tag"},
		},
		"a secret in the response": {
			func(w http.ResponseWriter, c hookCall, _ *trigger.Dispatcher) error {
				_, err := fmt.Fprint(w, "bad ", secret(c))
				return err
			}, nil, send(""), []string{"the response to the webhook holds the secret secret"},
		},
		"a credential in the header": {
			func(w http.ResponseWriter, c hookCall, _ *trigger.Dispatcher) error {
				w.Header().Set("X-T", token(c))
				return nil
			}, nil, send(""), []string{"the response to the webhook holds the secret token"},
		},
		"a secret as the name of a header": {
			func(w http.ResponseWriter, c hookCall, _ *trigger.Dispatcher) error {
				w.Header().Set("X-"+strings.ToUpper(token(c)), "1")
				return nil
			}, nil, send(""), []string{"the name of a header of the response to the webhook holds the secret token"},
		},
		"a secret as the user": {
			func(_ http.ResponseWriter, c hookCall, to *trigger.Dispatcher) error {
				to.SetUserID("user-" + secret(c))
				return nil
			}, nil, send(""), []string{"the user ID of the events holds the secret secret"},
		},
		"a secret in the payload":     {payload(secret), nil, send("other"), []string{"the payload of the webhook holds the secret secret"}},
		"a secret of the webhook":     {payload(secret), nil, send(`{"key":"a-secret"}`), nil},
		"a credential in the payload": {payload(token), nil, send("a-secret"), []string{"the payload of the webhook holds the secret token"}},
		"secrets that are fine": {payload(token), nil, func(h *difytest.Host) {
			h.AllowSecrets().Subscribed(subscription(), given{"token": "a-token"}).Dispatch(hook(t, "/", ""))
		}, nil},
		"a secret in a variable": {
			nil, func(c hookCall) (given, error) { return given{"ref": "<" + secret(c) + ">"}, nil }, event(nil),
			[]string{"the result of push holds the secret secret"},
		},
		"a variable":       {nil, variables(given{"rev": "r"}), event(nil), []string{"the event push sends the variable rev, which its output_schema does not declare"}},
		"its type":         {nil, variables(given{"size": "large"}), event(nil), []string{"the event push sends the variable size as string, but its output_schema declares integer"}},
		"an event":         {named, nil, func(h *difytest.Host) { h.Event("pull", nil, nil) }, []string{"no event pull; git has push, tag"}},
		"a parameter":      {nil, nil, event(given{"branhc": "main"}), []string{"the event push declares no parameter branhc; it has branch, labels"}},
		"a runtime.Secret": {nil, nil, event(given{"branch": runtime.NewSecret("s")}), []string{"branch is a runtime.Secret"}},
		"a credential":     {named, nil, func(h *difytest.Host) { h.Subscribed(subscription(), given{"tokn": "t"}).Dispatch(hook(t, "/", "")) }, []string{"the provider git declares no credential tokn; it has token"}},
		"a credential's event": {nil, nil, func(h *difytest.Host) {
			h.Subscribed(subscription(), given{"tokn": "t"}).Event("push", nil, &difytest.DispatchResult{Events: []string{"push"}})
		}, []string{"the provider git declares no credential tokn; it has token"}},
		"a parameter of a subscription": {
			named, nil, subscribed(runtime.Subscription{Parameters: runtime.NewValues(given{"rpeo": "r"})}),
			[]string{"the provider git declares no parameter of a subscription rpeo; it has repo"},
		},
		"a property": {
			named, nil, subscribed(runtime.Subscription{Properties: runtime.NewValues(given{"secert": "s"})}),
			[]string{"the provider git declares no property of a subscription secert; it has secret, mode"},
		},
		"a property's type": {
			named, nil, subscribed(runtime.Subscription{Properties: runtime.NewValues(given{"secret": 7})}),
			[]string{"wrong property of a subscription: secret must be text"},
		},
		"a parameter's type": {
			named, nil, subscribed(runtime.Subscription{Parameters: runtime.NewValues(given{"repo": []any{"r"}})}),
			[]string{"wrong parameter of a subscription: repo must be text"},
		},
		"a property that is a runtime.Secret": {
			named, nil, subscribed(runtime.Subscription{Properties: runtime.NewValues(given{"secret": runtime.NewSecret("s")})}),
			[]string{"secret is a runtime.Secret"},
		},
		"a subscription that lacks all": {named, nil, subscribed(runtime.Subscription{}), nil},
		"no webhook":                    {named, nil, func(h *difytest.Host) { h.Event("push", nil, nil) }, []string{"the event push needs the result of Dispatch"}},
		"another event": {
			named, nil, func(h *difytest.Host) {
				h.Event("tag", nil, h.Subscribed(subscription(), nil).Dispatch(hook(t, "/", "")))
			},
			[]string{"Dispatch has not named the event tag; it has named push"},
		},
		"a failure": {
			func(http.ResponseWriter, hookCall, *trigger.Dispatcher) error { return errors.New("no") }, nil,
			func(h *difytest.Host) {
				h.Event("push", nil, h.Subscribed(subscription(), nil).Dispatch(hook(t, "/", "")))
			},
			[]string{"Dispatch has failed, so that Dify calls no event: no"},
		},
		"a draft": {
			named, nil, func(h *difytest.Host) { h.Event("push", nil, h.Dispatch(hook(t, "/", ""))) },
			[]string{"Dify ignores the events of a webhook that comes while a user sets up a subscription: send it with Host.Subscribed"},
		},
		"an option": {named, nil, func(h *difytest.Host) { _, _ = h.Options("push", "branch", nil) }, []string{"the parameter branch of the event push is of type string, not dynamic-select"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				test.call(difytest.Start(tb, git(test.dispatch, test.event)))
			})
			if len(errs) != len(test.want) {
				t.Fatalf("reported %q, want %q", errs, test.want)
			}
			for i, want := range test.want {
				if !strings.HasPrefix(errs[i], want) {
					t.Errorf("reported %q, want %q", errs[i], want)
				}
			}
		})
	}
}
