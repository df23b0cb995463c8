package sdk_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// typeTrigger is the type of requests to triggers, and typeOptions that of requests for choices of theirs.
const typeTrigger, typeOptions = "trigger", "dynamic_parameter"

// TestSameTriggers is TestSameAnswers for triggers.
func TestSameTriggers(t *testing.T) {
	compare(t, "heron", triggerRequests(t), triggerDifferences)
}

// triggerAnswer returns what a webhook is dispatched to, with its answer as far as that is compared, if a response
// is that.
func triggerAnswer(r *host.Response) (answer object, ok bool) {
	var result object
	if len(r.Results) != 1 || json.Unmarshal(r.Results[0], &result) != nil || result["response"] == nil {
		return nil, false
	}
	resp, err := host.DecodeWebhookResponse(fmt.Sprint(result["response"]))
	if err != nil {
		return object{"error": err.Error()}, true
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	result["response"] = object{
		"status": resp.StatusCode, "type": resp.Header.Get("Content-Type"), "note": resp.Header.Get("X-Heron"), "body": text(body),
	}
	return result, true
}

// text returns what JSON stands for, and other texts as they are.
func text(body []byte) any {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return string(body)
	}
	return value
}

const (
	pond     = "/triggers/plugin/5d36efc7-d7fc-4c4a-8b0c-8c1b4d6a1b2e"
	hookBody = `{"bird":"heron","count":2}`
)

// stored is a subscription as Dify stores it.
func stored(more object) object {
	return with(object{
		"expires_at": 1_900_000_000, "endpoint": "https://dify.example" + pond, "parameters": object{"topic": "birds"},
		"properties": object{"secret": "s3cr3t", "pond": "lake", "hook": 7},
	}, more)
}

// rawHook returns a webhook in hexadecimal.
func rawHook(method, query, body string, header ...string) string {
	head := append([]string{method + " " + pond + query + " HTTP/1.1", "Host: dify.example", "X-Heron-Token: s3cr3t"}, header...)
	if body != "" {
		head = append(head, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	return hex.EncodeToString([]byte(strings.Join(head, "\r\n") + "\r\n\r\n" + body))
}

func triggerRequests(t *testing.T) []request {
	t.Helper()
	var list []request
	add := func(action, name string, fields object) {
		list = append(list, request{action + ": " + name, action, typeTrigger, "heron", fields})
	}
	list = append(list, dispatches()...)
	list = append(list, events()...)

	for name, creds := range map[string]object{"a key": {"api_key": "key-1"}, "a wrong key": {"api_key": "wrong"}, "no key": {}} {
		add("validate_trigger_credentials", name, object{"credentials": creds})
	}
	endpoint := "https://dify.example" + pond
	for name, parameters := range map[string]any{
		"a topic": object{"topic": "birds"}, "a place": object{"topic": "birds", "place": "sea"}, "a failure": object{"topic": "fail"},
		"no topic": object{}, "null": nil,
	} {
		add("subscribe_trigger", name, object{"endpoint": endpoint, "parameters": parameters})
	}
	add("subscribe_trigger", "no key", object{"endpoint": endpoint, "parameters": object{"topic": "birds"}, "credentials": object{}})
	for _, action := range []string{"refresh_trigger", "unsubscribe_trigger"} {
		add(action, "a subscription", object{"user_id": "system"})
		add(action, "no hook, a dry pond", object{"subscription": stored(object{"properties": object{"secret": "s", "pond": "dry"}})})
		add(action, "no properties", object{"subscription": stored(object{"properties": object{}})})
		add(action, "no parameters", object{"subscription": stored(object{"parameters": nil})})
		add(action, "a wrong time", object{"subscription": stored(object{"expires_at": "soon"})})
		add(action, "null", object{"subscription": nil})
	}
	for _, target := range []string{"provider", "seen", "left", "gone"} {
		for _, parameter := range []string{"place", "bird"} {
			list = append(list, request{"choices: " + parameter + " of " + target, "fetch_parameter_options", typeOptions, "heron", object{"provider_action": target, "parameter": parameter}})
		}
	}
	return list
}

// dispatches are webhooks that arrive.
func dispatches() []request {
	var list []request
	add := func(name string, fields object) {
		list = append(list, request{"dispatch: " + name, host.ActionDispatch, typeTrigger, "heron", fields})
	}
	hook := func(method, query, body string, header ...string) object {
		return object{"raw_http_request": rawHook(method, query, body, header...)}
	}
	for _, do := range []string{"seen", "left", "both", "twice", "none", "challenge&challenge=%3Cx%3E", "created", "empty", "fail", "typed", "seen&user=u%201"} {
		add(do, hook(http.MethodPost, "?do="+do, hookBody))
	}
	add("not JSON", hook(http.MethodPost, "?do=seen", "{"))
	add("a list", hook(http.MethodPost, "?do=seen", "[]"))
	add("null as payload", hook(http.MethodPost, "?do=seen", "null"))
	add("an empty object", hook(http.MethodPost, "?do=seen", "{}"))
	add("a large number", hook(http.MethodPost, "?do=seen", `{"bird":"b","count":9007199254740991}`))
	add("text that is escaped", hook(http.MethodPost, "?do=seen", `{"bird":"<é\u0000\ud83e\udd9c>"}`))
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		add(method, hook(method, "?do=report&a=1&a=%C3%A9+b", "hé", "X-Note: note"))
	}
	add("HEAD", hook(http.MethodHead, "?do=challenge&challenge=abc", ""))
	report := hook(http.MethodPost, "?do=report", "x")
	stub := object{"credentials": object{}, "credential_type": "unauthorized"}
	add("a draft", with(with(report, stub), object{"subscription": stored(object{"expires_at": -1, "parameters": object{}, "properties": object{}})}))
	add("a draft without parameters", with(with(report, stub), object{"subscription": stored(object{"parameters": nil, "properties": object{"pond": "p"}})}))
	add("a draft without credentials", with(with(report, stub), object{"credentials": nil}))
	add("set up by hand", with(hook(http.MethodPost, "?do=seen", hookBody), stub))
	add("OAuth", with(report, object{"credential_type": "oauth2"}))
	add("a wrong secret", with(hook(http.MethodPost, "?do=seen", hookBody), object{"subscription": stored(object{"properties": object{"secret": "another"}})}))
	add("no secret", with(hook(http.MethodPost, "?do=seen", hookBody), object{"subscription": stored(object{"properties": object{}})}))
	add("no subscription", with(report, object{"subscription": nil}))
	for name, raw := range map[string]string{
		"no request": "", "not hexadecimal": "zz", "no end": "GET / HTTP/1.1\r\nHost: x\r\n", "a short body": "POST /?do=report HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nx",
		"chunked": "POST /?do=report HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz", "an underscore": "GET /?do=report HTTP/1.1\r\nHost: x\r\nX_A: b\r\n\r\n",
		"a question mark": "GET /? HTTP/1.1\r\nHost: x\r\n\r\n", "bare line ends": "GET /?do=report HTTP/1.1\nHost: x\n\nbody", "two lengths": "POST /?do=report HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
	} {
		if name != "no request" && name != "not hexadecimal" {
			raw = hex.EncodeToString([]byte(raw))
		}
		add("raw, "+name, object{"raw_http_request": raw})
	}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 100 {
		body, _ := json.Marshal(object{"bird": string(rune(r.IntN(0x2000) + 1)), "count": r.Float64() * 1e6})
		do := []string{"seen", "left", "both", "report", "challenge&challenge=" + strconv.Itoa(i)}[r.IntN(5)]
		add(fmt.Sprintf("random %d: %s", i, do), hook(http.MethodPost, "?do="+do, string(body)))
	}
	return list
}

// events are calls of events.
func events() []request {
	var list []request
	add := func(name string, fields object) {
		fields = with(object{"event": "seen", "parameters": object{}, "payload": object{"bird": "heron", "count": 2}, "raw_http_request": rawHook(http.MethodPost, "?a=b", hookBody)}, fields)
		list = append(list, request{"event: " + name, host.ActionEvent, typeTrigger, "heron", fields})
	}
	stub := object{"credentials": object{}, "credential_type": "unauthorized"}
	add("seen", nil)
	add("left", object{"event": "left"})
	add("that bird", object{"parameters": object{"bird": "heron"}})
	add("another bird", object{"parameters": object{"bird": "stork"}})
	add("a failure", object{"parameters": object{"bird": "fail"}})
	add("no parameters", object{"parameters": nil})
	add("an undeclared parameter", object{"parameters": object{"x": 1}})
	add("null for a parameter", object{"parameters": object{"bird": nil}})
	add("a large number", object{"payload": object{"bird": "b", "count": 9007199254740993}})
	add("no payload", object{"payload": nil})
	add("an empty payload", object{"payload": object{}})
	add("more payload", object{"payload": object{"bird": "b", "more": []any{1, nil}}})
	add("set up by hand", stub)
	add("no credentials", with(stub, object{"credentials": nil}))
	add("no properties", object{"subscription": stored(object{"properties": object{}})})
	add("a gone event", object{"event": "gone"})
	add("a request without a body", object{"raw_http_request": rawHook(http.MethodGet, "", "")})
	add("no request", object{"raw_http_request": ""})
	return list
}

// triggerDifferences are all that there are of triggers.
var triggerDifferences = []difference{
	{
		"a refusal says why", "whoever sets up the webhook can read it in Dify",
		func(_ request, inGo, inPython *outcome) {
			ours, theirs := inGo.webhook(), inPython.webhook()
			if ours["status"] == 401 && theirs["status"] == 401 && strings.HasPrefix(fmt.Sprint(ours["body"]), "the webhook is not from the service: ") {
				*inPython = *inGo
			}
		},
	},
	{
		"an answer to HEAD has no body", "the SDK sends one, which nobody gets",
		func(r request, inGo, inPython *outcome) {
			if r.name == "dispatch: HEAD" && inPython.webhook() != nil {
				*inPython = *inGo
			}
		},
	},
	{
		"an answer without a body has no type", "the SDK adds one",
		func(r request, inGo, inPython *outcome) {
			if r.name == "dispatch: empty" {
				inPython.webhook()["type"] = inGo.webhook()["type"]
			}
		},
	},
	{
		"an event that is named twice happens once", "the SDK names it twice",
		func(r request, _, inPython *outcome) {
			if r.name == "dispatch: twice" {
				result := inPython.Results[0].(object)
				result["events"] = slices.Compact(result["events"].([]any))
			}
		},
	},
	{
		"a webhook without events has no payload", "Dify keeps none, and the SDK sends one",
		func(_ request, inGo, inPython *outcome) {
			for _, o := range []*outcome{inGo, inPython} {
				if events, _ := o.first()["events"].([]any); len(events) == 0 && o.webhook() != nil {
					delete(o.first(), "payload")
				}
			}
		},
	},
	{
		"defaults of properties are filled in", "Dify fills them in, except where a user has emptied a field",
		func(_ request, inGo, inPython *outcome) {
			ours, theirs := inGo.pond(), inPython.pond()
			if ours != nil && theirs != nil && ours["pond"] == "reeds" && theirs["pond"] == "" {
				theirs["pond"] = "reeds"
			}
		},
	},

	{
		"labels of choices are as the plugin has them", "the SDK repeats the English in other languages, as Dify does by itself",
		func(_ request, _, inPython *outcome) {
			options, _ := inPython.first()["options"].([]any)
			for _, option := range options {
				label, _ := option.(object)["label"].(object)
				maps.DeleteFunc(label, func(language string, _ any) bool { return language != "en_US" })
			}
		},
	},

	// Errors.
	{
		"errors without a type are InvokeError", "the SDK sends the name of a class in Python",
		func(_ request, inGo, inPython *outcome) {
			if inGo.Error == "InvokeError" && inPython.Error == "Exception" {
				inPython.Error = inGo.Error
			}
		},
	},
	{
		"payloads that are not objects are refused, or null", "the SDK refuses both, by accident",
		func(r request, inGo, inPython *outcome) {
			differ("TriggerDispatchError", "ValidationError", "dispatch: a list")(r, inGo, inPython)
			differ("", "ValidationError", "dispatch: null as payload")(r, inGo, inPython)
		},
	},
	{
		"credentials of another way are refused", "the SDK leaves that to the plugin",
		differ("TriggerProviderCredentialValidationError", "", "dispatch: OAuth"),
	},
	{
		"credentials that cannot work are refused", "the SDK leaves that to the plugin",
		func(r request, inGo, inPython *outcome) {
			differ("TriggerProviderCredentialValidationError", "", "validate_trigger_credentials: no key")(r, inGo, inPython)
			differ("SubscriptionError", "", "subscribe_trigger: no key")(r, inGo, inPython)
		},
	},
	{
		"parameters that are wrong are refused as such", "the SDK leaves that to the plugin, which fails by accident",
		func(r request, inGo, inPython *outcome) {
			differ("SubscriptionError", "KeyError", "subscribe_trigger: no topic")(r, inGo, inPython)
			differ("SubscriptionError", "ValidationError", "subscribe_trigger: null")(r, inGo, inPython)
		},
	},
	{
		"a subscription that is refreshed or ended has what the YAML requires", "the SDK leaves that to the plugin",
		func(r request, inGo, inPython *outcome) {
			differ("SubscriptionError", "", "refresh_trigger: no properties", "refresh_trigger: no parameters")(r, inGo, inPython)
			differ("SubscriptionError", "ValidationError", "refresh_trigger: null")(r, inGo, inPython)
			differ("UnsubscribeError", "", "unsubscribe_trigger: no parameters")(r, inGo, inPython)
			differ("UnsubscribeError", "ValidationError", "unsubscribe_trigger: null")(r, inGo, inPython)
		},
	},
	{
		"what has no choices is refused as such", "the SDK leaves that to the plugin",
		func(r request, inGo, inPython *outcome) {
			differ("ValueError", "Exception", "choices: bird of seen")(r, inGo, inPython)
			differ("ValueError", "NotImplementedError", "choices: place of left", "choices: bird of left")(r, inGo, inPython)
		},
	},
	{
		"a webhook that is malformed is refused as such", "the SDK refuses it by accident, or does not",
		func(r request, inGo, inPython *outcome) {
			differ("ValidationError", "Error", "dispatch: raw, not hexadecimal")(r, inGo, inPython)
			differ("ValidationError", "ValueError", "dispatch: raw, no request", "dispatch: raw, a short body", "dispatch: raw, an underscore", "event: no request")(r, inGo, inPython)
			differ("ValidationError", "", "dispatch: raw, no end", "dispatch: raw, two lengths")(r, inGo, inPython)
		},
	},

	// What is taken.
	{
		"no parameters, payload, credentials or subscription can be null", "the SDK wants empty objects",
		differ("", "ValidationError", "event: no parameters", "event: no payload", "event: no credentials", "dispatch: no subscription"),
	},
}

// first returns the only result, or nil if there is none.
func (o *outcome) first() object {
	if len(o.Results) != 1 {
		return nil
	}
	result, _ := o.Results[0].(object)
	return result
}

// webhook returns the answer to a webhook, or nil if there is none.
func (o *outcome) webhook() object {
	response, _ := o.first()["response"].(object)
	return response
}

// pond returns the object that reports what the plugin has seen, or nil if there is none.
func (o *outcome) pond() object {
	if report, ok := o.webhook()["body"].(object); ok {
		return report
	}
	report, _ := o.first()["variables"].(object)
	return report
}
