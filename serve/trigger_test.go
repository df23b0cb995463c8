package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/trigger"
	"github.com/difygen/difygen/runtime/webhook"
	"github.com/difygen/difygen/serve"
)

// doorbell is a trigger. Its types are as generated ones.
type doorbell struct{}

// ring is the payload of the event ring.
type ring struct {
	Door string `json:"door"`
}

// bellSubscription is a subscription to it.
type bellSubscription struct {
	endpoint string
	secret   runtime.Secret
	expires  time.Time
	extra    map[string]any
}

func (s bellSubscription) Validate() error {
	v := runtime.NewValidator("Bell")
	v.Secret("secret", "Secret", runtime.FieldRequired, s.secret)
	return v.Err()
}

func (s bellSubscription) Wire() runtime.Subscription {
	return runtime.NewSubscription(s.endpoint, map[string]any{}, map[string]any{"secret": s.secret.Reveal()}, s.extra, s.expires)
}

func readBellSubscription(d runtime.Decoder, s runtime.Subscription) (bellSubscription, error) {
	sub := bellSubscription{s.Endpoint, d.Secret("secret", "Secret", runtime.FieldRequired), s.Expiry(), runtime.Undeclared(s.Properties.Reveal(), "secret")}
	return sub, d.Err()
}

func decodeBellSubscription(s runtime.Subscription) (bellSubscription, error) {
	return readBellSubscription(runtime.NewDecoder("Bell", s.Properties.Reveal()), s)
}

func draftBellSubscription(s runtime.Subscription) bellSubscription {
	sub, _ := readBellSubscription(runtime.NewDraftDecoder("Bell", s.Properties.Reveal()), s)
	return sub
}

func decodeBellKey(t runtime.CredentialType, values map[string]any) (string, error) {
	d := runtime.NewDecoder("Bell", values)
	key := d.Secret("key", "Key", runtime.FieldRequired)
	if err := d.Err(); err != nil {
		return "", err
	}
	return string(t) + " " + key.Reveal(), nil
}

func decodeBellParameters(values map[string]any) (string, error) {
	d := runtime.NewDecoder("Bell", values)
	door := d.Text("door", "Door", runtime.FieldOptional)
	return door, d.Err()
}

func (doorbell) CreateSubscription(_ context.Context, endpoint, door, key string) (bellSubscription, error) {
	switch door {
	case "none":
		return bellSubscription{}, errors.New("no such door for " + key)
	case "broken":
		return bellSubscription{endpoint: endpoint}, nil
	}
	return bellSubscription{endpoint, runtime.NewSecret("s3cr3t-" + door), time.Time{}, map[string]any{"hook_id": 7, "none": nil}}, nil
}

func (doorbell) RefreshSubscription(_ context.Context, sub bellSubscription, _ string) (bellSubscription, error) {
	sub.expires = time.Unix(2_000_000_000, 0)
	return sub, nil
}

func (doorbell) DeleteSubscription(_ context.Context, sub bellSubscription, _ string) error {
	if sub.extra["hook_id"] == nil {
		return errors.New("no hook of " + sub.secret.Reveal())
	}
	return nil
}

func (doorbell) dispatch(w http.ResponseWriter, r *http.Request, call runtime.Call, sub bellSubscription, key string, to *trigger.Dispatcher) error {
	switch r.URL.RawQuery {
	case "challenge":
		w.Header().Set("Content-Type", "text/plain")
		_, err := io.WriteString(w, "challenged")
		return err
	case "fail":
		return errors.New("cannot open with " + sub.secret.Reveal())
	case "panic":
		panic("bell")
	}
	body, err := webhook.Token(r, "X-Bell", sub.secret)
	if err != nil {
		return err
	}
	var payload ring
	if err := json.Unmarshal(body, &payload); err != nil {
		return err
	}
	to.SetUserID(call.UserID + "/" + key)
	w.WriteHeader(http.StatusAccepted)
	return to.Dispatch("ring", payload)
}

func (doorbell) ring(_ context.Context, call trigger.EventCall, payload ring, sub bellSubscription, key, door string) (map[string]any, error) {
	switch {
	case door == "fail":
		return nil, errors.New("no light for " + sub.secret.Reveal())
	case door != "" && door != payload.Door:
		return nil, fmt.Errorf("door %s: %w", payload.Door, runtime.ErrIgnore)
	}
	body, err := io.ReadAll(call.Request.Body)
	return map[string]any{"door": payload.Door, "user": call.UserID, "key": strings.HasSuffix(key, "k"), "size": len(body)}, err
}

func bellPlugin() *serve.Plugin {
	return serve.NewPlugin(declaration(), nil, runtime.NewTrigger(runtime.TriggerConfig{
		Name: "bell", Fields: &runtime.Fields{Secret: []string{"key", "secret"}, Public: []string{"door"}},
		Subscriptions: runtime.BindSubscriptions(doorbell{}, decodeBellParameters, decodeBellSubscription, decodeBellKey),
		Dispatch:      trigger.BindDispatch(draftBellSubscription, decodeBellKey, doorbell{}.dispatch),
		Events: []runtime.EventBinding{{
			Name: "ring", Invoke: trigger.BindEvent(draftBellSubscription, decodeBellKey, decodeBellParameters, doorbell{}.ring),
			Options: []runtime.OptionsBinding{{Parameter: "door", Fetch: runtime.BindOptions(decodeBellKey, func(_ context.Context, key string) ([]runtime.Choice, error) {
				return []runtime.Choice{{Value: "front", Label: "Front of " + key}}, nil
			})}},
		}},
		Options: []runtime.OptionsBinding{{Parameter: "door", Fetch: runtime.BindOptions(decodeBellKey, func(context.Context, string) ([]runtime.Choice, error) {
			return nil, errors.New("no doors")
		})}},
	}))
}

// object are the fields of a request.
type object = map[string]any

// bellHook returns the fields of a request with a webhook.
func bellHook(t *testing.T, query, token string, more object) object {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(`{"door":"front"}`))
	if token != "" {
		r.Header.Set("X-Bell", token)
	}
	raw, _, err := host.EncodeWebhook(r, "/triggers/plugin/1")
	if err != nil {
		t.Fatal(err)
	}
	fields := object{
		"raw_http_request": raw, "credentials": object{"key": "k"}, "credential_type": "api-key",
		"subscription": object{"expires_at": -1, "endpoint": "https://d.example", "parameters": object{}, "properties": object{"secret": "s3cr3t", "hook_id": 7}},
	}
	maps.Copy(fields, more)
	return fields
}

// TestTriggers asks a trigger everything that Dify can, over every transport. The hosts check that each request
// has one answer, as Dify takes it.
func TestTriggers(t *testing.T) {
	t.Parallel()
	const (
		subscription = `{"subscription":{"endpoint":"https://d.example","expires_at":%d,"parameters":{},"properties":{%s}}}`
		accepted     = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
		challenged   = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/plain\r\n\r\nchallenged"
	)
	draft := object{"credentials": object{}, "credential_type": "unauthorized", "subscription": object{"expires_at": -1, "endpoint": "", "parameters": nil, "properties": object{}}}
	creds := object{"credentials": object{"key": "k"}, "credential_type": "api-key"}
	stored := func(properties object) object {
		return with(creds, object{"subscription": object{"expires_at": 1_999_999_999, "endpoint": "https://d.example", "parameters": object{}, "properties": properties}})
	}
	created := with(creds, object{"endpoint": "https://d.example"})
	options := func(action string) object {
		return with(creds, object{"provider_action": action, "parameter": "door"})
	}
	calls := []struct {
		name, typ, action string
		fields            object
		want              string
	}{
		{"a webhook", "trigger", host.ActionDispatch, bellHook(t, "", "s3cr3t", nil), dispatchedText("user-1/api-key k", "ring", `{"door":"front"}`, accepted)},
		{"by hand", "trigger", host.ActionDispatch, bellHook(t, "", "s3cr3t", object{"credentials": nil, "credential_type": "unauthorized"}), dispatchedText("user-1/", "ring", `{"door":"front"}`, accepted)},
		{"a forged webhook", "trigger", host.ActionDispatch, bellHook(t, "", "wrong", nil), dispatchedText("", "", "", refused("header X-Bell holds another token"))},
		{"a draft", "trigger", host.ActionDispatch, bellHook(t, "", "s3cr3t", draft), dispatchedText("", "", "", refused("the plugin has no secret to verify it with"))},
		{"a draft that is challenged", "trigger", host.ActionDispatch, bellHook(t, "challenge", "", draft), dispatchedText("", "", "", challenged)},
		{"a failure", "trigger", host.ActionDispatch, bellHook(t, "fail", "", nil), "TriggerDispatchError: cannot open with [redacted]"},
		{"a panic", "trigger", host.ActionDispatch, bellHook(t, "panic", "", nil), "InvokeError: the plugin failed with an internal error; see its log"},
		{"no webhook", "trigger", host.ActionDispatch, bellHook(t, "", "", object{"raw_http_request": ""}), "ValidationError: the request has no raw_http_request"},
		{"a webhook that is none", "trigger", host.ActionDispatch, bellHook(t, "", "", object{"raw_http_request": "zz"}), "ValidationError: the HTTP request that Dify passed on is malformed: it is not hexadecimal"},

		{"an event", "trigger", host.ActionEvent, bellHook(t, "", "", object{"event": "ring", "payload": object{"door": "front"}, "parameters": nil}), `{"variables":{"door":"front","key":true,"size":16,"user":"user-1"},"cancelled":false}`},
		{"an event of a draft", "trigger", host.ActionEvent, bellHook(t, "", "", with(draft, object{"event": "ring", "payload": nil, "parameters": object{}})), `{"variables":{"door":"","key":false,"size":16,"user":"user-1"},"cancelled":false}`},
		{"another door", "trigger", host.ActionEvent, bellHook(t, "", "", object{"event": "ring", "payload": object{"door": "back"}, "parameters": object{"door": "front"}}), `{"variables":{},"cancelled":true}`},
		{"a failing event", "trigger", host.ActionEvent, bellHook(t, "", "", object{"event": "ring", "parameters": object{"door": "fail"}}), "InvokeError: no light for [redacted]"},
		{"another event", "trigger", host.ActionEvent, bellHook(t, "", "", object{"event": "knock"}), "ValueError: event knock not found; this plugin has ring"},

		{"subscribed", "trigger", host.ActionSubscribe, with(created, object{"parameters": object{"door": "front"}}), fmt.Sprintf(subscription, -1, `"hook_id":7,"secret":"s3cr3t-front"`)},
		{"no door", "trigger", host.ActionSubscribe, with(created, object{"parameters": object{"door": "none"}}), "SubscriptionError: no such door for api-key [redacted]"},
		{"incomplete", "trigger", host.ActionSubscribe, with(created, object{"parameters": object{"door": "broken"}}), "SubscriptionError: the plugin returned an incomplete subscription: Bell: Secret (secret) is required"},
		{"no key", "trigger", host.ActionSubscribe, with(created, object{"credentials": object{}}), "SubscriptionError: Bell: Key (key) is required"},
		{"refreshed", "trigger", host.ActionRefresh, with(stored(object{"secret": "s3cr3t", "hook_id": 7}), object{"user_id": "system"}), fmt.Sprintf(subscription, 2_000_000_000, `"hook_id":7,"secret":"s3cr3t"`)},
		{"not a subscription", "trigger", host.ActionRefresh, stored(object{}), "SubscriptionError: Bell: Secret (secret) is required"},
		{"unsubscribed", "trigger", host.ActionUnsubscribe, stored(object{"secret": "s3cr3t", "hook_id": 7}), `{"subscription":{"message":"","success":true}}`},
		{"not subscribed", "trigger", host.ActionUnsubscribe, stored(object{"secret": "s3cr3t"}), "UnsubscribeError: no hook of [redacted]"},

		{"choices", "dynamic_parameter", "fetch_parameter_options", options("ring"), `{"options":[{"icon":null,"label":{"en_US":"Front of api-key k"},"value":"front"}]}`},
		{"no choices", "dynamic_parameter", "fetch_parameter_options", options("provider"), "InvokeError: no doors"},
	}
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, bellPlugin())
		for _, c := range calls {
			response, err := p.host.Do(t.Context(), host.Request{Type: c.typ, Action: c.action, UserID: "user-1", Fields: with(object{"provider": "bell"}, c.fields)})
			if err != nil {
				t.Fatal(err)
			}
			got := response.String()
			if strings.HasPrefix(got, `{"user_id"`) {
				got = shown(t, got)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	})
}

// with returns fields and others.
func with(fields, more object) object {
	all := maps.Clone(fields)
	maps.Copy(all, more)
	return all
}

// dispatchedText is what is shown of a webhook that has been answered.
func dispatchedText(user, event, payload, response string) string {
	return fmt.Sprintf("user %q, event %q, payload %s\n%s", user, event, payload, response)
}

// refused is the answer to a webhook that is not from the service.
func refused(reason string) string {
	body := "the webhook is not from the service: " + reason + "\n"
	return fmt.Sprintf("HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\r\n%s", len(body), body)
}

// shown returns a result of a dispatch with its response as text.
func shown(t *testing.T, result string) string {
	t.Helper()
	var r struct {
		UserID   string `json:"user_id"`
		Events   []string
		Payload  json.RawMessage
		Response string
	}
	if err := json.Unmarshal([]byte(result), &r); err != nil {
		t.Fatalf("%s: %v", result, err)
	}
	response := make([]byte, len(r.Response)/2)
	if _, err := fmt.Sscanf(r.Response, "%x", &response); err != nil {
		t.Fatal(err)
	}
	return dispatchedText(r.UserID, strings.Join(r.Events, "+"), string(r.Payload), string(response))
}
