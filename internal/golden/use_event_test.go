package golden_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/bell"
	"github.com/difygen/difygen/testdata/golden/calendar"
	"github.com/difygen/difygen/testdata/golden/forge"
	"github.com/difygen/difygen/testdata/golden/triggerclash"
)

const (
	dispatching = "dispatch_trigger_event"
	invoking    = "invoke_trigger_event"
)

// forgeSubscription is a subscription to events of testdata/golden/forge.
var forgeSubscription = map[string]any{
	"expires_at": -1.0, "endpoint": "https://dify.example/hook", "parameters": map[string]any{"repository": "a/b"},
	"properties": map[string]any{"hook_id": "1", "webhook_secret": "s"},
}

// signed is a webhook that testdata/golden/forge takes.
func signed(t *testing.T, event, body string) *http.Request {
	t.Helper()
	mac := hmac.New(sha256.New, []byte("s"))
	mac.Write([]byte(body))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/triggers/plugin/id", strings.NewReader(body))
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

// serveTrigger sends a request about a webhook to the route with some keys, and returns the result as it is
// on the wire, or the error.
func serveTrigger(t *testing.T, adapter runtime.Adapter, action, keys string, r *http.Request, data map[string]any) map[string]any {
	t.Helper()
	for _, route := range adapter.Routes() {
		var values []string
		for _, k := range route.Keys {
			values = append(values, k.Value)
		}
		if route.Action != action || strings.Join(values, " ") != keys {
			continue
		}
		result, err := route.Serve(t.Context(), &runtime.Request{Data: data, HTTP: r})
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		encoded, err := json.Marshal(result)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(encoded, &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	t.Fatalf("no route for %s of %s", action, keys)
	return nil
}

// TestDispatch sends webhooks, with and without credentials, and while a user sets up the subscription.
func TestDispatch(t *testing.T) {
	t.Parallel()
	adapter := forge.NewProvider(&forge.Provider{})
	draft := map[string]any{"expires_at": -1.0, "endpoint": "", "parameters": map[string]any{}, "properties": map[string]any{"active": "?"}}
	none := map[string]any{}
	for name, test := range map[string]struct {
		event string
		sub   map[string]any
		typ   string
		creds any
		want  string
	}{
		"a draft":                 {"push", draft, "unauthorized", none, "202  [] "},
		"a draft without values":  {"push", nil, "unauthorized", nil, "202  [] "},
		"an API key":              {"push", forgeSubscription, "api-key", map[string]any{"access_token": "a"}, `200 key a [push issue] ada {"action":"x"}`},
		"a token":                 {"push", forgeSubscription, "oauth2", map[string]any{"oauth_token": "b"}, `200 token b [push issue] ada {"action":"x"}`},
		"a manual subscription":   {"issues", forgeSubscription, "unauthorized", none, `200 none [issue] ada {"action":"x"}`},
		"without its credentials": {"issues", forgeSubscription, "", nil, `200 none [issue] ada {"action":"x"}`},
	} {
		data := map[string]any{"subscription": test.sub, "credential_type": test.typ, "credentials": test.creds}
		got := serveTrigger(t, adapter, dispatching, "forge", signed(t, test.event, `{"action":"x"}`), data)
		if text := dispatched(t, got); text != test.want {
			t.Errorf("%s: got %s, want %s", name, text, test.want)
		}
	}
}

// dispatched is what Dispatch has answered, with X-Credentials, and passed on.
func dispatched(t *testing.T, result map[string]any) string {
	t.Helper()
	text, _ := result["response"].(string)
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		t.Fatal(result, err)
	}
	defer resp.Body.Close()
	payload := ""
	if object, has := result["payload"]; has && object != nil {
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		payload = " " + string(data)
	}
	return fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("X-Credentials"), " ", result["events"], " ", result["user_id"]) + payload
}

// TestEvents makes the variables of events.
func TestEvents(t *testing.T) {
	t.Parallel()
	adapter := forge.NewProvider(&forge.Provider{})
	// Objects that are not required can be left out, and what can be null is.
	const pushed = `{"ref":"r","forced":true,"size":3,"score":0.5,"pusher":{"name":"n","email":null},"merger":null,"labels":["a"],"owners":null,
		"commits":[{"id":"1","status":"added","files":null,"author":{"name":"m","email":"e"}},{"id":"2","status":"removed","files":2}],
		"parents":["p",null],"number":1.5,"verified":null,"either":1,"anything":{"x":[null]},"unclear":["u"],"extra":{"k":"v"}}`
	var want map[string]any
	if err := json.Unmarshal([]byte(pushed), &want); err != nil {
		t.Fatal(err)
	}
	empty := map[string]any{
		"ref": "", "forced": false, "size": 0.0, "score": 0.0, "pusher": map[string]any{"name": "", "email": nil}, "merger": nil, "labels": []any{}, "owners": nil,
		"commits": []any{}, "parents": []any{}, "number": nil, "verified": nil, "either": nil, "anything": nil, "unclear": nil, "extra": nil,
	}
	payload := map[string]any{"pushed": want}
	variables := func(v any, cancelled bool) map[string]any {
		return map[string]any{"variables": v, "cancelled": cancelled}
	}
	for name, test := range map[string]struct {
		keys       string
		payload    any
		parameters any
		want       map[string]any
	}{
		"variables":               {"forge push", payload, nil, variables(want, false)},
		"empty variables":         {"forge push", map[string]any{"pushed": map[string]any{}}, map[string]any{}, variables(empty, false)},
		"an event that is none":   {"forge push", payload, map[string]any{"branch": "other"}, variables(map[string]any{}, true)},
		"a wrong parameter":       {"forge push", payload, map[string]any{"limit": 0.0}, map[string]any{"error": "Push: Commits (limit) must be at least 1"}},
		"without a payload":       {"forge ping", nil, map[string]any{}, variables(map[string]any{}, false)},
		"a stub":                  {"forge issue", nil, map[string]any{"action": "closed"}, map[string]any{"error": runtime.ErrNotImplemented.Error()}},
		"a parameter of a select": {"forge issue", nil, map[string]any{"action": "lost"}, map[string]any{"error": "Issue: Action (action) must be one of opened, closed"}},
	} {
		data := map[string]any{"subscription": forgeSubscription, "credential_type": "unauthorized", "payload": test.payload, "parameters": test.parameters}
		got := serveTrigger(t, adapter, invoking, test.keys, signed(t, "push", "{}"), data)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestTriggerRoutes checks what providers of every sort answer.
func TestTriggerRoutes(t *testing.T) {
	t.Parallel()
	routes := func(adapter runtime.Adapter) []string {
		list := make(map[string]bool)
		for _, route := range adapter.Routes() {
			var values []string
			for _, k := range route.Keys {
				values = append(values, k.Value)
			}
			list[route.Action+" "+strings.Join(values, " ")] = true
		}
		return slices.Sorted(maps.Keys(list))
	}
	for name, test := range map[string]struct {
		adapter runtime.Adapter
		want    []string
	}{
		"without anything": {bell.NewProvider(&bell.Provider{}), []string{"dispatch_trigger_event bell", "invoke_trigger_event bell ring"}},
		"OAuth alone": {calendar.NewProvider(&calendar.Provider{}), []string{
			"dispatch_trigger_event calendar", "fetch_parameter_options calendar changed calendar", "get_authorization_url calendar",
			"get_credentials calendar", "invoke_trigger_event calendar changed", "refresh_credentials calendar", "refresh_trigger calendar",
			"subscribe_trigger calendar", "unsubscribe_trigger calendar",
		}},
	} {
		if diff := cmp.Diff(test.want, routes(test.adapter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	stub := map[string]any{"error": runtime.ErrNotImplemented.Error()}
	clash := triggerclash.NewClashProvider(&triggerclash.ClashProvider{})
	for _, event := range []string{"dispatch", "dispatcher", "set_user_id", "subscription", "push", "push_options", "____"} {
		got := serveTrigger(t, clash, invoking, "clash "+event, signed(t, "", "{}"), map[string]any{})
		if diff := cmp.Diff(stub, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", event, diff)
		}
	}
}

// TestEventOptions fetches the choices of parameters of subscriptions and of events.
func TestEventOptions(t *testing.T) {
	t.Parallel()
	const fetch = "fetch_parameter_options"
	key, token := map[string]any{"access_token": "a"}, map[string]any{"oauth_token": "b"}
	adapter := forge.NewProvider(&forge.Provider{})
	options := func(value string) map[string]any {
		return map[string]any{"options": []any{map[string]any{"value": value, "label": map[string]any{"en_US": value}, "icon": nil}}}
	}
	for name, test := range map[string]struct {
		keys string
		data map[string]any
		want map[string]any
	}{
		"of a subscription":             {"forge provider repository", map[string]any{"credential_type": "api-key", "credentials": key}, options("key a")},
		"of a subscription, with OAuth": {"forge provider repository", map[string]any{"credentials": token}, options("token b")},
		"of an event":                   {"forge issue label", map[string]any{"credentials": key}, map[string]any{"error": runtime.ErrNotImplemented.Error()}},
		"of an event, by hand":          {"forge push reviewer", map[string]any{"credential_type": "unauthorized"}, options("none")},
		"of an event, authorized":       {"forge push reviewer", map[string]any{"credential_type": "oauth2", "credentials": token}, options("token b")},
		"of an event with wrong ones":   {"forge issue assignee", map[string]any{"credential_type": "oauth2", "credentials": key}, map[string]any{"error": "Forge: Token (oauth_token) is required"}},
		"of a subscription, without":    {"forge provider repository", map[string]any{}, map[string]any{"error": "Forge: Access token (access_token) is required"}},
	} {
		got := serveTrigger(t, adapter, fetch, test.keys, nil, test.data)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
