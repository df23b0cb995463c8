package gitlab_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	gitlab "github.com/difygen/difygen/examples/gitlab/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/runtimetest"
)

const (
	endpoint = "https://dify.example/triggers/plugin/1"
	token    = "glpat-1"
)

// service is a test server for the webhooks of a GitLab project.
type service struct {
	mutex sync.Mutex
	hooks map[string]map[string]any
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	const hooks = "/api/v4/projects/group%2Fproject/hooks"
	id, isHook := strings.CutPrefix(r.URL.EscapedPath(), hooks+"/")
	switch {
	case r.URL.Path == "/api/v4/user":
		fmt.Fprint(w, `{"username":"me"}`)
	case r.URL.EscapedPath() == hooks && r.Method == http.MethodPost:
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

func subscriptions(t *testing.T) runtime.Subscriptions {
	t.Helper()
	return gitlab.NewProvider(&gitlab.Provider{}).Subscriptions()
}

// check checks an error's type and message, and that it contains no secret.
func check(t *testing.T, err error, wantType runtime.ErrorType, want string) {
	t.Helper()
	var typed *runtime.Error
	if !errors.As(err, &typed) || typed.Type != wantType || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s: %s", err, wantType, want)
	}
	if strings.Contains(err.Error(), "glpat") {
		t.Errorf("the error contains a secret: %q", err)
	}
}

func TestValidateCredentials(t *testing.T) {
	t.Parallel()
	validate := func(values map[string]any) error {
		return gitlab.NewProvider(&gitlab.Provider{}).ValidateCredentials(t.Context(), values)
	}
	if err := validate(start(t, &service{})); err != nil {
		t.Error(err)
	}
	wrong := start(t, &service{})
	wrong["access_token"] = "glpat-2"
	check(t, validate(wrong), runtime.ErrorTriggerCredentials, "GitLab rejects the access token")
	check(t, validate(nil), runtime.ErrorTriggerCredentials, "GitLab: Access token (access_token) is required")
	check(t, validate(respond(t, 403, token)), runtime.ErrorTriggerCredentials, "scope or role does not allow this")
	check(t, validate(respond(t, 404, "{}")), runtime.ErrorTriggerCredentials, "GitLab returned status 404 and no user: check the server URL")
	check(t, validate(respond(t, 200, token)), runtime.ErrorTriggerCredentials, "the response is not from GitLab")
	err := validate(respond(t, 503, token))
	check(t, err, runtime.ErrorTriggerCredentials, "GitLab returned status 503")
	if !errors.Is(err, runtime.ErrUnreachable) {
		t.Errorf("%v is not unreachable", err)
	}
	for _, server := range []string{"gitlab.com", "ftp://gitlab.com", "https://a:b@gitlab.com", "https://%zz"} {
		err := validate(map[string]any{"access_token": token, "server_url": server})
		check(t, err, runtime.ErrorTriggerCredentials, "the server URL must be one such as https://gitlab.com")
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	s := &service{hooks: make(map[string]map[string]any)}
	creds := start(t, s)
	params := map[string]any{"project": "group/project", "events": []any{"issues", "push"}, "branch": "main"}
	sub, err := subscriptions(t).Create(t.Context(), endpoint, params, runtime.CredentialTypeAPIKey, creds)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := sub.Properties["webhook_secret"].(string)
	want := map[string]any{
		"url": endpoint, "token": secret, "push_events": true, "push_events_branch_filter": "main",
		"merge_requests_events": false, "issues_events": true, "enable_ssl_verification": true,
	}
	if diff := cmp.Diff(want, s.hooks["7"]); diff != "" || len(secret) < 20 {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
	wire := runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint,
		Parameters: map[string]any{"project": "group/project", "events": []any{"issues", "push"}, "branch": "main", "verify_tls": true},
		Properties: map[string]any{"hook_id": "7", "webhook_secret": secret},
	}
	if diff := cmp.Diff(wire, sub); diff != "" {
		t.Errorf("subscription (-want +got):\n%s", diff)
	}

	again, err := subscriptions(t).Refresh(t.Context(), sub, "", creds)
	if diff := cmp.Diff(wire, again); err != nil || diff != "" {
		t.Errorf("refresh: %v (-want +got):\n%s", err, diff)
	}
	for range 2 { // the second time, it is gone already
		if err := subscriptions(t).Delete(t.Context(), sub, "", creds); err != nil || len(s.hooks) > 0 {
			t.Errorf("delete: %v, %v", err, s.hooks)
		}
	}
	_, err = subscriptions(t).Refresh(t.Context(), sub, "", creds)
	check(t, err, runtime.ErrorSubscription, "the webhook is gone: subscribe again")
}

func TestSubscriptionFailures(t *testing.T) {
	t.Parallel()
	params := map[string]any{"project": "group/project"}
	for _, test := range []struct {
		name          string
		params, creds map[string]any
		way           runtime.CredentialType
		want          string
	}{
		{"no project", nil, map[string]any{"access_token": token}, "", "GitLab: Project (project) is required"},
		{"unknown event", map[string]any{"project": "p", "events": []any{"party"}}, map[string]any{"access_token": token}, "", "Events (events) must be a list with any of push, merge_requests, issues"},
		{"no event", map[string]any{"project": "p", "events": []any{}}, map[string]any{"access_token": token}, "", "Events (events) is required"},
		{"no token", params, nil, "", "GitLab: Access token (access_token) is required"},
		{"OAuth", params, nil, runtime.CredentialTypeOAuth2, "oauth2"},
		{"another project", map[string]any{"project": "other"}, start(t, &service{}), "", "GitLab has no such project"},
		{"no rights", params, respond(t, 403, ""), "", "scope or role does not allow this"},
		{"invalid", params, respond(t, 422, ""), "", "GitLab did not add the webhook, with status 422"},
		{"no ID", params, respond(t, 201, "{}"), "", "GitLab did not add the webhook, with status 201"},
		{"down", params, respond(t, 500, token), "", "GitLab returned status 500"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := subscriptions(t).Create(t.Context(), endpoint, test.params, test.way, test.creds)
			check(t, err, runtime.ErrorSubscription, test.want)
		})
	}
	sub := runtime.Subscription{
		Endpoint: endpoint, Parameters: params, Properties: map[string]any{"hook_id": "7", "webhook_secret": "s"},
	}
	_, err := subscriptions(t).Refresh(t.Context(), sub, "", respond(t, 200, `{"url":"https://elsewhere.example"}`))
	check(t, err, runtime.ErrorSubscription, "the webhook has a different URL")
	check(t, subscriptions(t).Delete(t.Context(), sub, "", respond(t, 409, "")), runtime.ErrorUnsubscribe, "GitLab did not remove the webhook, with status 409")
	sub.Properties = nil
	check(t, subscriptions(t).Delete(t.Context(), sub, "", respond(t, 204, "")), runtime.ErrorUnsubscribe, "Webhook ID (hook_id) is required")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := subscriptions(t).Create(ctx, endpoint, params, "", start(t, &service{})); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestValidateCredentialsAsAHost(t *testing.T) {
	t.Parallel()
	valid := start(t, &service{})
	valid["access_token"] = token
	wrong := map[string]any{"access_token": "glpat-other", "server_url": valid["server_url"]}
	runtimetest.ValidateCredentials(t, gitlab.NewProvider(&gitlab.Provider{}), runtimetest.CredentialsTest{
		Valid: valid, Required: []string{"access_token"}, Wrong: wrong,
	})
}
