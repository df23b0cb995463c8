package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gitlab "github.com/difygen/difygen/examples/gitlab/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const secret = "a-long-secret-token-of-a-webhook"

// manual is a subscription to a webhook that a user has added to GitLab.
func manual() runtime.Subscription {
	return runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint, Properties: runtime.NewValues(map[string]any{"webhook_secret": secret}),
	}
}

// webhook returns a webhook as GitLab sends it.
func webhook(event string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, endpoint, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Gitlab-Token", secret)
	r.Header.Set("X-Gitlab-Event", event)
	return r
}

// body returns what a webhook of an event holds, with texts replaced by others: old, new, old, new.
func body(t *testing.T, event string, changes ...string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + event + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.NewReplacer(changes...).Replace(string(data)))
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	draft := difytest.Start(t, newPlugin(&gitlab.Provider{}))
	h := draft.Subscribed(manual(), nil)
	added := draft.Subscribed(runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint,
		Parameters: runtime.NewValues(map[string]any{"project": "15"}),
		Properties: runtime.NewValues(map[string]any{"hook_id": "7", "webhook_secret": secret}),
	}, map[string]any{"access_token": token})
	for _, test := range []struct {
		name, header, token string
		host                *difytest.Host
		body                []byte
		status              int
		events              []string
	}{
		{"push", "Push Hook", secret, h, body(t, "push"), 200, []string{"push"}},
		{"merge request", "Merge Request Hook", secret, h, body(t, "merge_request"), 200, []string{"merge_request"}},
		{"issue", "Issue Hook", secret, h, body(t, "issue"), 200, []string{"issue"}},
		{"with credentials", "Issue Hook", secret, added, body(t, "issue"), 200, []string{"issue"}},
		{"another event", "Pipeline Hook", secret, h, []byte("{}"), 200, nil},
		{"confidential", "Confidential Issue Hook", secret, h, body(t, "issue"), 200, nil},
		{"another secret", "Push Hook", "a-wrong-token", h, body(t, "push"), 401, nil},
		{"no secret", "Push Hook", "", h, body(t, "push"), 401, nil},
		{"set up", "Push Hook", secret, draft, body(t, "push"), 401, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := webhook(test.header, test.body)
			r.Header.Set("X-Gitlab-Token", test.token)
			d := test.host.Dispatch(r)
			if d.Err != nil {
				t.Fatal(d.Err)
			}
			if !slices.Equal(d.Events, test.events) || d.Response.StatusCode != test.status {
				t.Errorf("got status %d, events %q", d.Response.StatusCode, d.Events)
			}
		})
	}
	d := h.Dispatch(webhook("Push Hook", []byte(`{"ref":1}`)))
	difytest.WantError(t, d.Err, runtime.ErrorTriggerDispatch, "the body of the webhook is not as GitLab documents it")
}

// event lets an event of the plugin make its variables of a webhook.
func event(t *testing.T, h *difytest.Host, name string, params map[string]any, body []byte) *difytest.EventResult {
	t.Helper()
	header := map[string]string{"push": "Push Hook", "merge_request": "Merge Request Hook", "issue": "Issue Hook"}[name]
	d := h.Dispatch(webhook(header, body))
	if d.Err != nil {
		t.Fatal(d.Err)
	}
	return h.Event(name, params, d)
}

func TestVariables(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{})).Subscribed(manual(), nil)
	type object = map[string]any
	ada, bo := object{"id": 4.0, "username": "ada", "name": "Ada"}, object{"id": 5.0, "username": "bo", "name": "Bo"}
	project := object{
		"id": 15.0, "name": "Engine", "path_with_namespace": "group/engine",
		"web_url": "https://gitlab.example/group/engine", "default_branch": "main",
	}
	labels := []any{object{"title": "care", "color": "#ffffff"}}
	const commit = "f21d0c4a6be95c8237e1d9b0a4c6f8e25d7b3a19"
	for name, want := range map[string]object{
		"push": {
			"branch": "release/1.0", "before": "8e3bc9d7fa1254b0c6d18fd3eab2704595cc1f60", "after": commit,
			"commits": []any{object{
				"id": commit, "title": "Oil the wheels", "message": "Oil the wheels\n\nThey squeak.",
				"timestamp": "2026-05-01T09:00:00+02:00", "url": "https://gitlab.example/group/engine/-/commit/f21d0c4a",
				"author": object{"name": "Ada", "email": "ada@example.com"},
				"added":  []any{"oil.txt"}, "modified": []any{}, "removed": []any{},
			}},
			"total_commits_count": 1.0, "user": ada, "project": project,
		},
		"merge_request": {
			"merge_request": object{
				"iid": 7.0, "action": "open", "title": "Oil the wheels", "description": nil, "state": "opened", "draft": false,
				"url":           "https://gitlab.example/group/engine/-/merge_requests/7",
				"source_branch": "oil", "target_branch": "main",
				"last_commit": object{"id": commit, "title": "Oil the wheels", "url": "https://gitlab.example/group/engine/-/commit/f21d0c4a"},
			},
			"labels": labels, "assignees": []any{bo}, "reviewers": []any{}, "changed": []any{"draft", "updated_at"}, "user": ada, "project": project,
		},
		"issue": {
			"issue": object{
				"iid": 23.0, "action": "open", "title": "The wheels squeak", "description": "Since yesterday.", "state": "opened",
				"url": "https://gitlab.example/group/engine/-/issues/23", "due_date": "2026-05-08", "weight": nil,
			},
			"labels": labels, "assignees": []any{}, "changed": []any{}, "user": ada, "project": project,
		},
	} {
		r := event(t, h, name, nil, body(t, name))
		if diff := cmp.Diff(want, r.Variables); r.Err != nil || r.Cancelled || diff != "" {
			t.Errorf("%s: %v, variables (-want +got):\n%s", name, r.Err, diff)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{})).Subscribed(manual(), nil)
	const none = "0000000000000000000000000000000000000000"
	deleted := body(t, "push", "f21d0c4a6be95c8237e1d9b0a4c6f8e25d7b3a19", none)
	for _, test := range []struct {
		name, event string
		params      map[string]any
		body        []byte
		happens     bool
	}{
		{"branch", "push", map[string]any{"branch": "release/1.0"}, body(t, "push"), true},
		{"branches", "push", map[string]any{"branch": "release/*"}, body(t, "push"), true},
		{"another branch", "push", map[string]any{"branch": "release"}, body(t, "push"), false},
		{"a dot is a dot", "push", map[string]any{"branch": "release/1.0"}, body(t, "push", "release/1.0", "release/1x0"), false},
		{"new branch", "push", nil, body(t, "push", "8e3bc9d7fa1254b0c6d18fd3eab2704595cc1f60", none), true},
		{"deleted", "push", nil, deleted, false},
		{"deleted, too", "push", map[string]any{"deletions": true}, deleted, true},
		{"opened", "merge_request", nil, body(t, "merge_request"), true},
		{"merged", "merge_request", map[string]any{"actions": []any{"merge", "close"}}, body(t, "merge_request", `"open"`, `"merge"`), true},
		{"not opened", "merge_request", nil, body(t, "merge_request", `"open"`, `"merge"`), false},
		{"another action", "merge_request", nil, body(t, "merge_request", `"open"`, `"approval"`), false},
		{"target", "merge_request", map[string]any{"target_branch": "m*n"}, body(t, "merge_request"), true},
		{"another target", "merge_request", map[string]any{"target_branch": "release/*"}, body(t, "merge_request"), false},
		{"draft", "merge_request", nil, body(t, "merge_request", `"draft": false`, `"draft": true`), true},
		{"no draft", "merge_request", map[string]any{"drafts": false}, body(t, "merge_request", `"draft": false`, `"draft": true`), false},
		{"opened", "issue", nil, body(t, "issue"), true},
		{"closed", "issue", nil, body(t, "issue", `"open"`, `"close"`), false},
		{"label", "issue", map[string]any{"label": "care"}, body(t, "issue"), true},
		{"another label", "issue", map[string]any{"label": "car"}, body(t, "issue"), false},
	} {
		t.Run(test.event+" "+test.name, func(t *testing.T) {
			if r := event(t, h, test.event, test.params, test.body); r.Err != nil || r.Cancelled == test.happens {
				t.Errorf("got cancelled %t, %v", r.Cancelled, r.Err)
			}
		})
	}
	r := event(t, h, "issue", map[string]any{"actions": []any{"party"}}, body(t, "issue"))
	difytest.WantError(t, r.Err, runtime.ErrorInvoke, "Issue: Actions (actions) must be a list with any of open, update, close, reopen")
}

func TestNullable(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gitlab.Provider{})).Subscribed(manual(), nil)
	var push gitlab.PushVariables
	r := event(t, h, "push", nil, body(t, "push", "8e3bc9d7fa1254b0c6d18fd3eab2704595cc1f60", "0000000000000000000000000000000000000000"))
	if err := r.Decode(&push); err != nil || push.Before.IsSet() || !push.After.IsSet() {
		t.Errorf("got before %v, after %v, %v", push.Before, push.After, err)
	}
	var request gitlab.MergeRequestVariables
	r = event(t, h, "merge_request", nil, body(t, "merge_request", `"last_commit": {`, `"last_commit": null, "another": {`))
	if err := r.Decode(&request); err != nil || request.MergeRequest.LastCommit != nil {
		t.Errorf("got %v, %v", request.MergeRequest.LastCommit, err)
	}
}
