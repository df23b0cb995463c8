package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	gitlab "github.com/difygen/difygen/examples/gitlab/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const (
	endpoint = "https://dify.example/triggers/plugin/1"
	token    = "glpat-1"
)

// service is a test server for the projects of a GitLab, and for the webhooks of one of them.
type service struct {
	mutex    sync.Mutex
	hooks    map[string]map[string]any
	projects int // how many there are
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	const hooks = "/api/v4/projects/15/hooks"
	id, isHook := strings.CutPrefix(r.URL.Path, hooks+"/")
	switch {
	case r.URL.Path == "/api/v4/user":
		fmt.Fprint(w, `{"username":"me"}`)
	case r.URL.Path == "/api/v4/projects":
		s.list(w, r.URL.Query())
	case r.URL.Path == hooks && r.Method == http.MethodPost:
		var hook map[string]any
		_ = json.NewDecoder(r.Body).Decode(&hook)
		s.hooks["7"] = hook
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":7}`)
	case !isHook || s.hooks[id] == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodDelete:
		delete(s.hooks, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		_ = json.NewEncoder(w).Encode(s.hooks[id])
	}
}

// list sends a page of the projects, whose IDs count from 1.
func (s *service) list(w http.ResponseWriter, query url.Values) {
	after, _ := strconv.Atoi(query.Get("id_after"))
	size, _ := strconv.Atoi(query.Get("per_page"))
	page := []map[string]any{}
	for id := after + 1; id <= min(after+size, s.projects); id++ {
		page = append(page, map[string]any{"id": id, "path_with_namespace": "group/" + strconv.Itoa(s.projects-id)})
	}
	_ = json.NewEncoder(w).Encode(page)
}

// start starts a server and returns credentials for it, as Dify sends them.
func start(t *testing.T, handler http.Handler) map[string]any {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return map[string]any{"access_token": token, "server_url": server.URL}
}

func respond(t *testing.T, status int, body string) map[string]any {
	t.Helper()
	return start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	valid := start(t, &service{})
	difytest.TestCredentials(t, difytest.Start(t, newPlugin(&gitlab.Provider{})), difytest.CredentialsTest{
		Valid: valid,
		Wrong: map[string]any{"access_token": "glpat-other", "server_url": valid["server_url"]},

		UnreachableValues: map[string]any{"access_token": "glpat-other", "server_url": "http://127.0.0.1:1"},
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{}))
	const wantURL = "the server URL must be one such as https://gitlab.com"
	at := func(server string) map[string]any { return map[string]any{"access_token": token, "server_url": server} }
	for _, test := range []struct {
		name  string
		creds map[string]any
		want  string
	}{
		{"rejected", respond(t, 401, token), "GitLab rejects the access token; it may have expired"},
		{"forbidden", respond(t, 403, token), "scope or role does not allow this"},
		{"not found", respond(t, 404, "{}"), "the response is not from GitLab: check the server URL"},
		{"JSON of another service", respond(t, 200, "{}"), "the response is not from GitLab: check the server URL"},
		{"not JSON", respond(t, 200, token), "the response is not JSON"},
		{"down", respond(t, 503, token), "the service returned status 503"},
		{"unreachable", at("http://127.0.0.1:1"), "could not reach the service"},
		{"no scheme", at("gitlab.com"), wantURL},
		{"another scheme", at("ftp://gitlab.com"), wantURL},
		{"a password", at("https://a:b@gitlab.com"), wantURL},
		{"not a URL", at("https://%zz"), wantURL},
	} {
		t.Run(test.name, func(t *testing.T) {
			difytest.WantError(t, h.Validate(test.creds), runtime.ErrorTriggerCredentials, test.want)
		})
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{}))
	s := &service{hooks: make(map[string]map[string]any)}
	creds := start(t, s)
	params := map[string]any{"project": "15", "events": []any{"issues", "push"}, "branch": "main"}
	sub, err := h.Subscribe(endpoint, params, creds)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := sub.Properties.Reveal()["webhook_secret"].(string)
	hook := map[string]any{
		"url": endpoint, "token": secret, "push_events": true, "push_events_branch_filter": "main",
		"merge_requests_events": false, "issues_events": true, "enable_ssl_verification": true,
	}
	if diff := cmp.Diff(hook, s.hooks["7"]); diff != "" || len(secret) < 20 {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
	want := runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint,
		Parameters: runtime.NewValues(map[string]any{"project": "15", "events": []any{"issues", "push"}, "branch": "main", "verify_tls": true}),
		Properties: runtime.NewValues(map[string]any{"hook_id": "7", "webhook_secret": secret}),
	}
	if diff := cmp.Diff(want, sub); diff != "" {
		t.Errorf("subscription (-want +got):\n%s", diff)
	}

	again, err := h.RefreshSubscription(sub, creds)
	if diff := cmp.Diff(want, again); err != nil || diff != "" {
		t.Errorf("refresh: %v (-want +got):\n%s", err, diff)
	}
	for range 2 { // the second time, it is gone already
		if err := h.Unsubscribe(sub, creds); err != nil || len(s.hooks) > 0 {
			t.Errorf("unsubscribe: %v, %v", err, s.hooks)
		}
	}
	_, err = h.RefreshSubscription(sub, creds)
	difytest.WantError(t, err, runtime.ErrorSubscription, "the webhook is gone: subscribe again")
}

func TestSubscriptionFailures(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{}))
	params := map[string]any{"project": "15"}
	for _, test := range []struct {
		name          string
		host          *difytest.Host
		params, creds map[string]any
		want          string
	}{
		{
			"wrong parameters", h, map[string]any{"events": []any{"party"}}, map[string]any{"access_token": token},
			"GitLab: Project (project) is required; Events (events) must be a list with any of push, merge_requests, issues",
		},
		{"no event", h, map[string]any{"project": "15", "events": []any{}}, map[string]any{"access_token": token}, "Events (events) is required"},
		{"no token", h, params, nil, "GitLab: Access token (access_token) is required"},
		{"OAuth", h.As(runtime.CredentialTypeOAuth2), params, nil, "oauth2"},
		{"another project", h, map[string]any{"project": "16"}, start(t, &service{}), "GitLab has no such project"},
		{"no rights", h, params, respond(t, 403, ""), "scope or role does not allow this"},
		{"invalid", h, params, respond(t, 422, ""), "the service returned status 422"},
		{"no ID", h, params, respond(t, 201, "{}"), "GitLab did not add the webhook"},
		{"down", h, params, respond(t, 500, token), "the service returned status 500"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.host.Subscribe(endpoint, test.params, test.creds)
			difytest.WantError(t, err, runtime.ErrorSubscription, test.want)
		})
	}
	sub := runtime.Subscription{
		Endpoint: endpoint, Parameters: runtime.NewValues(params), Properties: runtime.NewValues(map[string]any{"hook_id": "7", "webhook_secret": "s"}),
	}
	_, err := h.RefreshSubscription(sub, respond(t, 200, `{"url":"https://elsewhere.example"}`))
	difytest.WantError(t, err, runtime.ErrorSubscription, "the webhook has a different URL")
	difytest.WantError(t, h.Unsubscribe(sub, respond(t, 409, "")), runtime.ErrorUnsubscribe, "the service returned status 409")
	sub.Properties = runtime.NewValues(map[string]any{"webhook_secret": "s"})
	difytest.WantError(t, h.Unsubscribe(sub, respond(t, 204, "")), runtime.ErrorUnsubscribe, "someone has added the webhook to GitLab by hand")
}

func TestProjects(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{}))
	for projects, want := range map[int]int{0: 0, 3: 3, 100: 100, 201: 201, 2000: 1000} {
		choices, err := h.Options("provider", "project", start(t, &service{projects: projects}))
		if err != nil || len(choices) != want {
			t.Errorf("got %d of %d choices, %v", len(choices), projects, err)
		}
	}
	choices, err := h.Options("provider", "project", start(t, &service{projects: 2}))
	if diff := cmp.Diff([]runtime.Choice{{Value: "2", Label: "group/0"}, {Value: "1", Label: "group/1"}}, choices); err != nil || diff != "" {
		t.Errorf("%v, choices (-want +got):\n%s", err, diff)
	}
	_, err = h.Options("provider", "project", respond(t, 401, ""))
	difytest.WantError(t, err, runtime.ErrorInvoke, "GitLab rejects the access token")
	if _, err = new(gitlab.Provider).ProjectOptions(t.Context(), nil); err == nil {
		t.Error("got no error without credentials")
	}
}
