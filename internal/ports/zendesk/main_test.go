package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	zendesk "github.com/difygen/difygen/internal/ports/zendesk/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const (
	endpoint = "https://dify.example/triggers/plugin/1"
	token    = "zendesk-token-1"
	secret   = "signs-the-webhooks"
)

var (
	creds = map[string]any{"subdomain": "Acme", "email": "ada@example.com", "api_token": token}
	oauth = map[string]any{"subdomain": "acme", "access_token": token}
)

// account is a Zendesk of one webhook. It responds to a request with a text if there is one for it.
type account struct {
	hook      map[string]any
	responses map[string]string
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := r.Method + " " + r.URL.Path
	user, password, _ := r.BasicAuth()
	response, found := a.responses[request]
	switch {
	case r.Host != "acme.zendesk.com", r.Header.Get("Authorization") != "Bearer "+token && (user != "ada@example.com/token" || password != token):
		w.WriteHeader(http.StatusUnauthorized)
	case found:
		status := http.StatusOK
		_, _ = fmt.Sscan(response, &status)
		w.WriteHeader(status)
		fmt.Fprint(w, strings.TrimLeft(response, "0123456789"))
	case request == "GET /api/v2/webhooks":
		fmt.Fprint(w, `{"webhooks":[]}`)
	case request == "POST /api/v2/webhooks":
		var sent map[string]map[string]any
		_ = json.NewDecoder(r.Body).Decode(&sent)
		a.hook = sent["webhook"]
		a.hook["id"] = "01F1"
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"webhook": a.hook})
	case a.hook == nil:
		w.WriteHeader(http.StatusNotFound)
	case request == "GET /api/v2/webhooks/01F1":
		_ = json.NewEncoder(w).Encode(map[string]any{"webhook": a.hook})
	case request == "GET /api/v2/webhooks/01F1/signing_secret":
		fmt.Fprintf(w, `{"signing_secret":{"algorithm":"SHA256","secret":%q}}`, secret)
	case request == "DELETE /api/v2/webhooks/01F1":
		a.hook = nil
		w.WriteHeader(http.StatusNoContent)
	}
}

// redirected sends all requests to a test server.
type redirected struct{ server *url.URL }

func (t redirected) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	sent.Host, sent.URL.Scheme, sent.URL.Host = r.URL.Host, t.server.Scheme, t.server.Host
	return http.DefaultTransport.RoundTrip(sent)
}

func start(t *testing.T, a *account) *difytest.Host {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return difytest.Start(t, newPlugin(zendesk.New(&http.Client{Transport: redirected{u}})))
}

// with returns values of which one is another.
func with(values map[string]any, key string, value any) map[string]any {
	values = maps.Clone(values)
	values[key] = value
	return values
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	difytest.TestCredentials(t, start(t, &account{}), difytest.CredentialsTest{Valid: creds, Wrong: with(creds, "api_token", "another")})
	h := start(t, &account{responses: map[string]string{"GET /api/v2/webhooks": "403"}})
	difytest.WantError(t, h.Validate(creds), runtime.ErrorTriggerCredentials, "only administrators of Zendesk may do this")
	for _, subdomain := range []string{"evil.example/#", "acme.zendesk.com", "a b"} {
		err := h.Validate(with(creds, "subdomain", subdomain))
		difytest.WantError(t, err, runtime.ErrorTriggerCredentials, "the subdomain must be what comes before .zendesk.com")
	}
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	h := difytest.Start(t, newPlugin(zendesk.New(server.HTTPClient())))
	client := map[string]any{"subdomain": "acme", "client_id": server.ClientID, "client_secret": server.ClientSecret}
	difytest.TestOAuth(t, h, difytest.OAuthTest{Server: server, Client: client})

	flow := h.OAuth(client)
	location, err := flow.AuthorizationURL()
	if err != nil || !strings.HasPrefix(location, "https://acme.zendesk.com/oauth/authorizations/new?") {
		t.Fatalf("got %q, %v", location, err)
	}
	grant, err := flow.Exchange(server.Browse(t, location))
	if got := grant.Credentials.Reveal()["subdomain"]; err != nil || got != "acme" {
		t.Errorf("got subdomain %v, %v", got, err)
	}
	_, err = h.OAuth(with(client, "subdomain", "evil.example/#")).AuthorizationURL()
	difytest.WantError(t, err, runtime.ErrorTriggerOAuth, "the subdomain must be what comes before .zendesk.com")
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	a := &account{}
	h := start(t, a)
	params := map[string]any{"events": []any{"ticket.created", "ticket.comment_added"}}
	for name, test := range map[string]struct {
		h     *difytest.Host
		creds map[string]any
	}{"API token": {h, creds}, "OAuth": {h.As(runtime.CredentialTypeOAuth2), oauth}} {
		sub, err := test.h.Subscribe(endpoint, params, test.creds)
		want := runtime.Subscription{
			ExpiresAt: -1, Endpoint: endpoint, Parameters: runtime.NewValues(params),
			Properties: runtime.NewValues(map[string]any{"signing_secret": secret, "webhook_id": "01F1"}),
		}
		if diff := cmp.Diff(want, sub); err != nil || diff != "" {
			t.Fatalf("%s: %v, subscription (-want +got):\n%s", name, err, diff)
		}
		hook := map[string]any{
			"id": "01F1", "name": "Dify", "status": "active", "endpoint": endpoint, "http_method": "POST", "request_format": "json",
			"subscriptions": []any{"zen:event-type:ticket.created", "zen:event-type:ticket.comment_added"},
		}
		if diff := cmp.Diff(hook, a.hook); diff != "" {
			t.Errorf("%s: webhook (-want +got):\n%s", name, diff)
		}
		again, err := test.h.RefreshSubscription(sub, test.creds)
		if diff := cmp.Diff(want, again); err != nil || diff != "" {
			t.Errorf("%s: refresh: %v (-want +got):\n%s", name, err, diff)
		}
		a.hook["status"] = "inactive"
		_, err = test.h.RefreshSubscription(sub, test.creds)
		difytest.WantError(t, err, runtime.ErrorSubscription, "the webhook has another URL or is not active: subscribe again")
		for range 2 { // the second time, it is gone already
			if err := test.h.Unsubscribe(sub, test.creds); err != nil || a.hook != nil {
				t.Errorf("%s: unsubscribe: %v, %v", name, err, a.hook)
			}
		}
		_, err = test.h.RefreshSubscription(sub, test.creds)
		difytest.WantError(t, err, runtime.ErrorSubscription, "the webhook is gone: subscribe again")
	}
}

func TestSubscriptionFailures(t *testing.T) {
	t.Parallel()
	const hooks, signing = "POST /api/v2/webhooks", "GET /api/v2/webhooks/01F1/signing_secret"
	for request, responses := range map[string]map[string]string{
		hooks:   {"500": "the service returned status 500", "200{}": "Zendesk did not add the webhook"},
		signing: {"403": "only administrators of Zendesk may do this", "200{}": "Zendesk did not say which secret signs the webhook"},
	} {
		for response, want := range responses {
			a := &account{responses: map[string]string{request: response}}
			_, err := start(t, a).Subscribe(endpoint, nil, creds)
			difytest.WantError(t, err, runtime.ErrorSubscription, want)
			if a.hook != nil {
				t.Errorf("%s: a webhook is left", want)
			}
		}
	}
	h := start(t, &account{responses: map[string]string{"DELETE /api/v2/webhooks/01F1": "409"}})
	sub := manual()
	_, err := h.RefreshSubscription(sub, creds)
	difytest.WantError(t, err, runtime.ErrorSubscription, "someone has added the webhook to Zendesk by hand")
	difytest.WantError(t, h.Unsubscribe(sub, creds), runtime.ErrorUnsubscribe, "someone has added the webhook to Zendesk by hand")
	sub.Properties = runtime.NewValues(map[string]any{"signing_secret": secret, "webhook_id": "01F1"})
	difytest.WantError(t, h.Unsubscribe(sub, creds), runtime.ErrorUnsubscribe, "the service returned status 409")
}
