package difytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// subscribed is a subscription that webhooks belong to, and the credentials with which the user has
// subscribed.
type subscribed struct {
	subscription runtime.Subscription
	creds        map[string]any
}

// webhookPath is what the path of every webhook begins with.
const webhookPath = "/triggers/plugin/"

// endpoint is the URL of the webhooks of a subscription without one.
const endpoint = "https://dify.example" + webhookPath + "00000000-0000-4000-8000-000000000001"

// draft is what Dify sends while a user sets up a subscription to events of the provider: values have their
// defaults.
func (p *provider) draft() *subscribed {
	return &subscribed{subscription: runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint,
		Parameters: runtime.NewValues(defaults(p.subscriptionParameters)), Properties: runtime.NewValues(defaults(p.subscription)),
	}}
}

// defaults returns the values of the fields that have a default.
func defaults(fields []field) map[string]any {
	values := make(map[string]any)
	for _, f := range fields {
		if f.Default != nil {
			values[f.Name] = f.Default
		}
	}
	return values
}

// Subscribed returns h for webhooks of a subscription, such as one from Subscribe. One that a user has set up by
// hand has the properties that the user has entered, and creds are nil. It may lack any, but the test fails, and nothing
// is sent, if there are parameters or properties that the provider does not declare, or of another type: in Dispatch
// and in events, which read them as a draft, those would be zero.
func (h *Host) Subscribed(sub runtime.Subscription, creds map[string]any) *Host {
	view := *h
	sub.Endpoint = cmp.Or(sub.Endpoint, endpoint)
	sub.Parameters, sub.Properties = runtime.NewValues(object(sub.Parameters.Reveal())), runtime.NewValues(object(sub.Properties.Reveal()))
	view.subscribed = &subscribed{sub, creds}
	return &view
}

// DispatchResult is what Dify makes of what Dispatch returns.
type DispatchResult struct {
	// Response is what the sender of the webhook gets: with an error, a response with status 500. Its body
	// need not be closed.
	Response *http.Response
	Events   []string        // in the order in which they were named
	Payload  json.RawMessage // for the events; nil if there is none
	UserID   string          // that of the calls of events
	// Err is the error that ended the call, a *runtime.Error, or nil. No event happens then.
	Err error

	raw  string // the webhook as the event gets it
	from *subscribed
}

// webhookCall is a request about a webhook.
type webhookCall struct {
	action, userID string
	from           *subscribed
	fields         map[string]any
}

// webhook sends a request about a webhook.
func (h *Host) webhook(p *provider, call webhookCall, secrets []secret) *host.Response {
	h.tb.Helper()
	call.fields["provider"], call.fields["subscription"] = p.name, call.from.subscription.Reveal()
	call.fields["credentials"], call.fields["credential_type"] = object(call.from.creds), cmp.Or(h.credentialType, p.typeOfAny(call.from.creds))
	return h.do(host.Request{Type: "trigger", Action: call.action, UserID: call.userID, Fields: call.fields}, secrets)
}

// Dispatch sends a webhook, as the service would, and reads its body. With [Host.Subscribed], it is one of that
// subscription; without, it comes while a user sets up a subscription, which has no more than the defaults of its
// parameters and properties, and no credentials. Unless the path of r starts with /triggers/plugin/, it becomes that of
// the subscription's endpoint:
//
//	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"ref":"main"}`))
//	r.Header.Set("X-Gitlab-Token", "a-token")
//	d := h.Subscribed(sub, creds).Dispatch(r)
//	if d.Err != nil || d.Response.StatusCode != http.StatusOK { … }
//	e := h.Event("push", nil, d)
//
// The test fails if Dispatch names an event that the provider does not declare, or if the response, the user or the
// payload holds a secret of the subscription or of the credentials. A payload and a user may hold one that is in the URL
// or the body of the webhook.
func (h *Host) Dispatch(r *http.Request) *DispatchResult {
	h.tb.Helper()
	p, from := h.target(runtime.KindTrigger), h.subscribed
	if from == nil {
		from = p.draft()
	}
	d := &DispatchResult{Response: serverError(r), from: h.subscribed} //nolint:bodyclose // it has no body
	if d.Err = h.refuse(p, h.noSubscription(p, from)); d.Err != nil {
		return d
	}
	raw, body, err := host.EncodeWebhook(r, from.path(r))
	if err != nil {
		h.tb.Fatal(err)
	}
	d.raw = raw
	secrets := from.secrets(p)
	response := h.webhook(p, webhookCall{host.ActionDispatch, "", from, map[string]any{"raw_http_request": raw}}, secrets)
	h.dispatched(d, r, response)
	if d.Err == nil {
		h.checkDispatched(p, d, secrets, []byte(r.URL.RawQuery), body)
	}
	return d
}

// noSubscription says why Dify would not have such a subscription, or returns "".
func (h *Host) noSubscription(p *provider, s *subscribed) string {
	params, properties := s.subscription.Parameters.Reveal(), s.subscription.Properties.Reveal()
	return cmp.Or(
		h.noCredentials(p, s.creds), noSecrets(s.creds, params, properties),
		undeclared("provider "+p.name, "parameter of a subscription", p.subscriptionParameters, params),
		undeclared("provider "+p.name, "property of a subscription", p.subscription, properties),
		mistyped("parameter of a subscription", p.subscriptionParameters, params),
		mistyped("property of a subscription", p.subscription, properties),
	)
}

// path returns the path of webhooks of the subscription, or that of r if it is one already.
func (s *subscribed) path(r *http.Request) string {
	if path := r.URL.EscapedPath(); strings.HasPrefix(path, webhookPath) {
		return path
	}
	u, err := url.Parse(s.subscription.Endpoint)
	if err != nil || u.Path == "" {
		return webhookPath
	}
	return u.EscapedPath()
}

// secrets returns the secrets of the subscription and its credentials.
func (s *subscribed) secrets(p *provider, params ...map[string]any) []secret {
	return p.secrets(append(params, s.creds, s.subscription.Properties.Reveal(), s.subscription.Parameters.Reveal())...)
}

// dispatched stores in d what Dify makes of a response.
func (h *Host) dispatched(d *DispatchResult, r *http.Request, response *host.Response) {
	h.tb.Helper()
	var result struct {
		UserID   string `json:"user_id"`
		Events   []string
		Payload  json.RawMessage
		Response string
	}
	if response.Err != nil {
		d.Err = wireError(response.Err)
		return
	}
	if d.Err = response.Decode(&result); d.Err != nil {
		return
	}
	sent, err := host.DecodeWebhookResponse(result.Response) //nolint:bodyclose // the body is a copy
	if d.Err = err; err != nil {
		return
	}
	d.Response, sent.Request = sent, r
	d.Events, d.UserID = result.Events, result.UserID
	if string(result.Payload) != "null" {
		d.Payload = result.Payload
	}
}

// serverError is what the sender of a webhook gets from Dify if Dispatch fails.
func serverError(r *http.Request) *http.Response {
	const status = http.StatusInternalServerError
	return &http.Response{
		Status: fmt.Sprint(status, " ", http.StatusText(status)), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header), Body: http.NoBody, Request: r,
	}
}

// checkDispatched reports events that the provider does not declare, and secrets. The texts are those of the
// webhook.
func (h *Host) checkDispatched(p *provider, d *DispatchResult, secrets []secret, webhook ...[]byte) {
	h.tb.Helper()
	for _, event := range d.Events {
		if problem := p.noItem(event); problem != "" {
			h.tb.Errorf("Dispatch names an event that is not declared, so that the sender of the webhook gets status 500: %s", problem)
		}
	}
	body, err := io.ReadAll(d.Response.Body)
	if err != nil {
		h.tb.Fatal(err)
	}
	d.Response.Body = io.NopCloser(bytes.NewReader(body))
	texts, names := [][]byte{body}, [][]byte(nil)
	for name, values := range d.Response.Header {
		names = append(names, []byte(strings.ToLower(name)))
		for _, v := range values {
			texts = append(texts, []byte(v))
		}
	}
	h.checkSecrets("the response to the webhook", secrets, texts...)
	h.checkSecrets("the name of a header of the response to the webhook", lower(secrets), names...)
	added := slices.DeleteFunc(slices.Clone(secrets), func(s secret) bool { _, own := s.in(webhook); return own })
	h.checkSecrets("the payload of the webhook", added, appendTexts([][]byte{d.Payload}, d.Payload)...)
	h.checkSecrets("the user ID of the events", added, []byte(d.UserID))
}

// EventResult is what Dify makes of what an event returns.
type EventResult struct {
	// Variables are those of the event, as encoding/json decodes them.
	Variables map[string]any
	// Cancelled says that the event does not happen, since its method has returned runtime.ErrIgnore.
	Cancelled bool
	// Err is the error that ended the call, a *runtime.Error, or nil.
	Err error
}

// Decode decodes the variables into the value that v points to. It returns an error if the call failed, if the
// event is cancelled, and if v has no room for a variable.
func (r *EventResult) Decode(v any) error {
	switch {
	case r.Err != nil:
		return r.Err
	case r.Cancelled:
		return errors.New("the event is cancelled: it has no variables")
	}
	data, err := json.Marshal(r.Variables)
	if err != nil {
		return fmt.Errorf("encoding the variables: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return fmt.Errorf("decoding the variables: %w", err)
	}
	return nil
}

// Event calls an event with the webhook that Dispatch has passed on to it, and with the parameters that a user
// has set in a workflow, to which Dify adds no defaults. The subscription is that of [Host.Subscribed], of h or of
// Dispatch. Dify calls no event without one.
//
// The payload arrives as Dify keeps it: as JSON whose numbers have gone through float64. For a test of nothing but
// the event, d can also be &DispatchResult{Events: …, Payload: …}; the webhook is an empty POST then.
//
// The test fails if the event has an output_schema and a variable is not in it, or of another type, and if a
// variable holds a secret of the subscription, of the credentials or of the parameters.
func (h *Host) Event(name string, params map[string]any, d *DispatchResult) *EventResult {
	h.tb.Helper()
	p, from := h.target(runtime.KindTrigger), h.subscribed
	if from == nil && d != nil {
		from = d.from
	}
	problem := cmp.Or(p.noItem(name), p.noParameters(name, params), noSecrets(params), notNamed(name, d))
	if problem == "" && from == nil {
		problem = "Dify ignores the events of a webhook that comes while a user sets up a subscription: send it with Host.Subscribed"
	}
	if err := h.refuse(p, problem); err != nil {
		return &EventResult{Err: err}
	}
	if err := h.refuse(p, h.noSubscription(p, from)); err != nil {
		return &EventResult{Err: err}
	}
	fields := map[string]any{"event": name, "parameters": wire(params), "raw_http_request": d.raw, "payload": nil}
	if d.raw == "" {
		fields["raw_http_request"] = h.emptyWebhook(from)
	}
	if len(d.Payload) > 0 {
		var payload any // numbers as float64
		if err := json.Unmarshal(d.Payload, &payload); err != nil {
			h.tb.Fatalf("the payload is not JSON: %v", err)
		}
		fields["payload"] = payload
	}
	secrets := from.secrets(p, params)
	response := h.webhook(p, webhookCall{host.ActionEvent, d.UserID, from, fields}, secrets)
	return h.happened(p, name, response, secrets)
}

// emptyWebhook returns a webhook without a body.
func (h *Host) emptyWebhook(from *subscribed) string {
	h.tb.Helper()
	r := &http.Request{Method: http.MethodPost, URL: new(url.URL)}
	raw, _, err := host.EncodeWebhook(r, from.path(r))
	if err != nil {
		h.tb.Fatal(err)
	}
	return raw
}

// notNamed says why Dify does not call an event, or returns "".
func notNamed(event string, d *DispatchResult) string {
	switch {
	case d == nil:
		return "the event " + event + " needs the result of Dispatch"
	case d.Err != nil:
		return "Dispatch has failed, so that Dify calls no event: " + d.Err.Error()
	case !slices.Contains(d.Events, event):
		return "Dispatch has not named the event " + event + "; it has named " + list(d.Events)
	}
	return ""
}

// happened returns what Dify makes of the response of an event.
func (h *Host) happened(p *provider, event string, response *host.Response, secrets []secret) *EventResult {
	h.tb.Helper()
	if response.Err != nil {
		return &EventResult{Err: wireError(response.Err)}
	}
	var result struct {
		Variables map[string]any
		Cancelled bool
	}
	if err := response.Decode(&result); err != nil { // it has been reported
		return &EventResult{Err: err}
	}
	data := response.Results[0]
	h.checkVariables("event "+event, p.outputs[event], result.Variables)
	h.checkSecrets("the result of "+event, secrets, appendTexts([][]byte{data}, data)...)
	return &EventResult{result.Variables, result.Cancelled, nil}
}
