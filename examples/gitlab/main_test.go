package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/difygen/difygen/internal/difyhost"
)

func TestMain(m *testing.M) { difyhost.Main(m, main) }

// service starts a test server for the webhooks of a GitLab project.
func service(t *testing.T) string {
	t.Helper()
	var hooks sync.Map
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v4/user", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"username":"me"}`) })
	mux.HandleFunc("POST /api/v4/projects/{project}/hooks", func(w http.ResponseWriter, r *http.Request) {
		var hook map[string]any
		_ = json.NewDecoder(r.Body).Decode(&hook)
		hooks.Store("7", hook)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":7}`)
	})
	mux.HandleFunc("GET /api/v4/projects/{project}/hooks/{id}", func(w http.ResponseWriter, r *http.Request) {
		hook, ok := hooks.Load(r.PathValue("id"))
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_ = json.NewEncoder(w).Encode(hook)
	})
	mux.HandleFunc("DELETE /api/v4/projects/{project}/hooks/{id}", func(w http.ResponseWriter, r *http.Request) {
		hooks.Delete(r.PathValue("id"))
		w.WriteHeader(http.StatusNoContent)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer glpat-1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	difyhost.EachTransport(t, nil, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		creds := map[string]any{"access_token": "glpat-1", "server_url": service(t)}
		ask := func(action string, fields map[string]any) string {
			all := map[string]any{"provider": "gitlab", "credentials": creds, "credential_type": "api-key"}
			maps.Copy(all, fields)
			response, err := host.Call(t.Context(), "trigger", action, all)
			if err != nil {
				t.Fatal(action, err)
			}
			return response.String()
		}
		var made struct{ Subscription map[string]any }
		subscribed := ask("subscribe_trigger", map[string]any{
			"endpoint": "https://dify.example/triggers/plugin/1", "parameters": map[string]any{"project": "group/project", "events": []any{"push"}},
		})
		if err := json.Unmarshal([]byte(subscribed), &made); err != nil {
			t.Fatal(subscribed, err)
		}
		if made.Subscription["expires_at"] != -1.0 || made.Subscription["properties"].(map[string]any)["hook_id"] != "7" {
			t.Errorf("subscribed: %s", subscribed)
		}
		subscription := map[string]any{"subscription": made.Subscription}
		for _, c := range []struct {
			action string
			fields map[string]any
			want   string // a prefix
		}{
			{"validate_trigger_credentials", nil, `{"result":true}`},
			{"validate_trigger_credentials", map[string]any{"credentials": map[string]any{"access_token": "glpat-2", "server_url": creds["server_url"]}}, "TriggerProviderCredentialValidationError: "},
			{"validate_trigger_credentials", map[string]any{"credentials": map[string]any{"access_token": "glpat-1", "server_url": down.URL}}, "TriggerProviderCredentialValidationError: could not reach the service: "},
			{"subscribe_trigger", map[string]any{"endpoint": "https://x", "parameters": map[string]any{"events": []any{"pull"}}},
				"SubscriptionError: GitLab: Project (project) is required; Events (events) must be a list with any of push, merge_requests, issues"},
			{"refresh_trigger", subscription, subscribed},
			{"unsubscribe_trigger", subscription, `{"subscription":{"message":"","success":true}}`},
			{"refresh_trigger", subscription, "SubscriptionError: the webhook is gone: subscribe again"},
			{"unsubscribe_trigger", map[string]any{"subscription": map[string]any{}}, "UnsubscribeError: GitLab: "},
			{"unsubscribe_trigger", map[string]any{"subscription": nil}, "UnsubscribeError: GitLab: "},
			{"subscribe_trigger", map[string]any{"provider": "gitlb"}, "ValueError: trigger provider gitlb not found; this plugin has gitlab (trigger)"},
			{"invoke_trigger_event", nil, "ValueError: plugins in Go do not support trigger/invoke_trigger_event yet"},
		} {
			if got := ask(c.action, c.fields); !strings.HasPrefix(got, c.want) || strings.Contains(got, "glpat") {
				t.Errorf("%s: got %s\nwant %s", c.action, got, c.want)
			}
		}
	})
}
