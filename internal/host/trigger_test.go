package host_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// TestTriggerResults checks that results of triggers which Dify would reject are recorded as faults.
func TestTriggerResults(t *testing.T) {
	t.Parallel()
	response := func(text string) string {
		return `{"user_id":"","events":["push"],"payload":{},"response":"` + hex.EncodeToString([]byte(text)) + `"}`
	}
	const (
		right     = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
		dispatch  = "a result of dispatch_trigger_event: "
		event     = "a result of invoke_trigger_event: "
		subscribe = `{"subscription":{"expires_at":-1,"endpoint":"e","parameters":{},"properties":{}}}`
	)
	for name, test := range map[string]struct {
		action  string
		results []string
		want    string // "" for no fault
	}{
		"dispatch":            {host.ActionDispatch, []string{response(right)}, ""},
		"a check of the URL":  {host.ActionDispatch, []string{`{"events":[],"payload":null,"response":"` + hex.EncodeToString([]byte(right)) + `"}`}, ""},
		"no dispatch":         {host.ActionDispatch, nil, "dispatch_trigger_event has no result"},
		"a second answer":     {host.ActionDispatch, []string{response(right), response(right)}, "a second result of dispatch_trigger_event, of which Dify takes one"},
		"events are null":     {host.ActionDispatch, []string{replaced(response(right), `["push"]`, "null")}, dispatch + "events is missing, or null"},
		"an empty event":      {host.ActionDispatch, []string{replaced(response(right), `"push"`, `""`)}, dispatch + "events[0] is empty"},
		"a user":              {host.ActionDispatch, []string{replaced(response(right), `"user_id":""`, `"user_id":7`)}, dispatch + "user_id is not a text"},
		"a list as payload":   {host.ActionDispatch, []string{replaced(response(right), "{}", "[]")}, dispatch + "payload is not an object"},
		"no response":         {host.ActionDispatch, []string{`{"events":[]}`}, dispatch + "response is missing, or null"},
		"a number":            {host.ActionDispatch, []string{`{"events":[],"response":1}`}, dispatch + "response is not a text"},
		"not hex":             {host.ActionDispatch, []string{`{"events":[],"response":"HTTP/1.1 200 OK"}`}, dispatch + "response is not a text in hexadecimal"},
		"not HTTP":            {host.ActionDispatch, []string{response("ok")}, dispatch + "response is not a response of HTTP/1.1"},
		"to be continued":     {host.ActionDispatch, []string{response("HTTP/1.1 100 Continue\r\n\r\n")}, dispatch + "response has the status 100, which is not that of an answer"},
		"chunks":              {host.ActionDispatch, []string{response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")}, dispatch + "response has a Transfer-Encoding"},
		"too short":           {host.ActionDispatch, []string{response(right[:len(right)-1])}, dispatch + "response has a Content-Length that is not the length of its body"},
		"too long":            {host.ActionDispatch, []string{response(right + strings.Repeat("x", 5000))}, dispatch + "response has a Content-Length that is not the length of its body"},
		"two cookies":         {host.ActionDispatch, []string{response("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n")}, dispatch + "response has 2 headers Set-Cookie, of which Dify sends the last one"},
		"no length":           {host.ActionDispatch, []string{response("HTTP/1.1 200 OK\r\n\r\nok")}, ""},
		"the head of a body":  {host.ActionDispatch, []string{response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")}, ""},
		"event":               {host.ActionEvent, []string{`{"variables":{"a":1},"cancelled":false}`}, ""},
		"cancelled":           {host.ActionEvent, []string{`{"variables":{},"cancelled":true}`}, ""},
		"no event":            {host.ActionEvent, nil, "invoke_trigger_event has no result"},
		"variables are null":  {host.ActionEvent, []string{`{"variables":null,"cancelled":true}`}, event + "variables is missing, or null"},
		"a list of variables": {host.ActionEvent, []string{`{"variables":[]}`}, event + "variables is not an object"},
		"cancelled in words":  {host.ActionEvent, []string{`{"variables":{},"cancelled":"yes"}`}, event + "cancelled is not a boolean"},
		"subscription":        {host.ActionSubscribe, []string{subscribe}, ""},
		"two subscriptions":   {host.ActionSubscribe, []string{subscribe, subscribe}, "a second result of subscribe_trigger"},
		"no subscription":     {host.ActionRefresh, []string{`{}`}, "a result of refresh_trigger: subscription is missing, or null"},
		"no expiry":           {host.ActionRefresh, []string{replaced(subscribe, "-1", "null")}, "a result of refresh_trigger: subscription.expires_at is missing, or null"},
		"part of a second":    {host.ActionRefresh, []string{replaced(subscribe, "-1", "1.5")}, "a result of refresh_trigger: subscription.expires_at is not an integer"},
		"no endpoint":         {host.ActionRefresh, []string{replaced(subscribe, `"e"`, "null")}, "a result of refresh_trigger: subscription.endpoint is missing, or null"},
		"no properties":       {host.ActionRefresh, []string{replaced(subscribe, `"properties":{}`, `"properties":null`)}, "a result of refresh_trigger: subscription.properties is missing, or null"},
		"unsubscribed":        {host.ActionUnsubscribe, []string{`{"subscription":{"success":true,"message":null}}`}, ""},
		"not unsubscribed":    {host.ActionUnsubscribe, []string{`{"subscription":{}}`}, "a result of unsubscribe_trigger: subscription.success is missing, or null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFault(t, test.action, test.results, test.want)
		})
	}
}

// FuzzDecodeWebhookResponse checks that a response is either refused, or has a status and a body of the length that it
// says.
func FuzzDecodeWebhookResponse(f *testing.F) {
	for _, text := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.0 999 \n\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
	} {
		f.Add(hex.EncodeToString([]byte(text)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		resp, err := host.DecodeWebhookResponse(text)
		if err != nil {
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode < 200 || len(body) > 0 && resp.ContentLength >= 0 && resp.ContentLength != int64(len(body)) {
			t.Errorf("status %d, %d bytes, Content-Length %d, %v", resp.StatusCode, len(body), resp.ContentLength, err)
		}
	})
}

// TestEncodeWebhook checks what a plugin gets of a webhook.
func TestEncodeWebhook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		r    *http.Request
		want string
	}{
		"a body": {
			httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://h.example/x?b=1&a=%20", strings.NewReader("hi")),
			"POST /hook?b=1&a=%20 HTTP/1.1\r\nHost: h.example\r\nContent-Length: 2\r\n\r\nhi",
		},
		"no body": {
			httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?", http.NoBody), "GET /hook HTTP/1.1\r\nHost: example.com\r\n\r\n",
		},
		"a chunked one": {
			&http.Request{
				URL: httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody).URL, Header: http.Header{"Transfer-Encoding": {"chunked"}, "Content-Length": {"9"}, "X-A": {"1", "2"}},
				Body: io.NopCloser(strings.NewReader("hi")), Method: http.MethodPut,
			},
			"PUT /hook HTTP/1.1\r\nHost: dify.example\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nhi",
		},
	} {
		raw, _, err := host.EncodeWebhook(test.r, "/hook")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := hex.DecodeString(raw); string(got) != test.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, test.want)
		}
	}
}
