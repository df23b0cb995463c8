package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

// growing is a GitHub whose repositories have the issues from 1 to its number, in pages.
type growing struct{ issues atomic.Int64 }

func (g *growing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.ParseInt(r.URL.Query().Get("per_page"), 10, 64)
	page, _ := strconv.ParseInt(r.URL.Query().Get("page"), 10, 64)
	issues := []map[string]any{}
	first := g.issues.Load() - size*(page-1)
	for n := first; n > max(0, first-size); n-- {
		issues = append(issues, map[string]any{"number": n, "title": "T", "html_url": "https://github.com/o/r/issues"})
	}
	_ = json.NewEncoder(w).Encode(issues) // the client may be gone
}

// numbers calls the tool for new issues, and returns the first and the last number.
func numbers(t *testing.T, h *difytest.Host, user string, params map[string]any) (first, last int64) {
	t.Helper()
	all := map[string]any{"repository": "octocat/hello", "only_new": true}
	for name, value := range params {
		all[name] = value
	}
	r := h.Invoke(difytest.Call{Tool: "list_issues", Credentials: pat, Parameters: all, From: runtime.Call{UserID: user}})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	var issues []struct{ Number int64 }
	if err := r.Decode(&issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) == 0 {
		if r.Text != "There are no new issues.\n" {
			t.Errorf("without issues: got %q", r.Text)
		}
		return 0, 0
	}
	return issues[0].Number, issues[len(issues)-1].Number
}

// TestOnlyNew asks for new issues while the repository grows.
func TestOnlyNew(t *testing.T) {
	t.Parallel()
	var repository growing
	h := start(t, repository.ServeHTTP)
	for _, test := range []struct {
		name        string
		issues      int64 // of the repository
		user        string
		params      map[string]any
		first, last int64
	}{
		{"none", 0, "ann", nil, 0, 0},
		{"the first time", 40, "ann", nil, 40, 11},
		{"nothing new", 40, "ann", nil, 0, 0},
		{"the name in other letters", 40, "ann", map[string]any{"repository": "Octocat/Hello"}, 0, 0},
		{"another user", 40, "bob", nil, 40, 11},
		{"another state", 40, "ann", map[string]any{"state": "all"}, 40, 11},
		{"another repository", 40, "ann", map[string]any{"repository": "octocat/other"}, 40, 11},
		{"some new ones", 43, "ann", nil, 43, 41},
		{"more than the limit", 53, "ann", map[string]any{"limit": 6}, 49, 44},
		{"the rest", 53, "ann", map[string]any{"limit": 6}, 53, 50},
		{"more than a page", 253, "ann", map[string]any{"limit": 100}, 153, 54},
		{"the rest again", 253, "ann", map[string]any{"limit": 100}, 253, 154},
		{"more than a thousand", 2000, "ann", map[string]any{"limit": 2}, 1002, 1001},
	} {
		repository.issues.Store(test.issues)
		first, last := numbers(t, h, test.user, test.params)
		if first != test.first || last != test.last {
			t.Errorf("%s: got %d to %d, want %d to %d", test.name, first, last, test.first, test.last)
		}
	}
	if keys := h.Dify().StoredKeys(); len(keys) != 4 {
		t.Errorf("stored %q", keys)
	}
}

// TestMemory has a storage that fails.
func TestMemory(t *testing.T) {
	t.Parallel()
	var repository growing
	repository.issues.Store(3)
	h := start(t, repository.ServeHTTP)
	h.Dify().LimitStorage(1)
	if first, _ := numbers(t, h, "ann", nil); first != 3 {
		t.Errorf("a full storage: got %d", first)
	}
	if first, _ := numbers(t, h, "ann", nil); first != 0 {
		t.Errorf("a full storage has forgotten that %d was listed", first)
	}
	// Another value is replaced.
	h.Dify().Store(h.Dify().StoredKeys()[0], []byte("x"))
	if first, _ := numbers(t, h, "ann", nil); first != 3 {
		t.Errorf("another value: got %d", first)
	}
	if first, _ := numbers(t, h, "ann", nil); first != 0 {
		t.Errorf("another value is still there: got %d", first)
	}
	h.Dify().Refuse(difytest.Storage)
	params := map[string]any{"repository": "octocat/hello", "only_new": true}
	r := h.Invoke(difytest.Call{Tool: "list_issues", Credentials: pat, Parameters: params, From: runtime.Call{UserID: "bob"}})
	difytest.WantError(t, r.Err, runtime.ErrorInvoke, "which issues were listed before: manifest.yaml does not permit this call: it needs resource.permission.storage.enabled")
	if r.Text != "" {
		t.Errorf("without permission: sent %q", r.Text)
	}
	server := map[string]any{"access_token": "github_pat_1", "deployment": "server", "server_url": "http://github.example"}
	r = h.Tool("list_issues", server, params)
	difytest.WantError(t, r.Err, runtime.ErrorInvoke, "GitHub Enterprise Server needs a server URL such as https://github.example.com")
}

// TestNothingSent has an output that fails: the issues count as not listed.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	var issues growing
	issues.issues.Store(3)
	server := httptest.NewServer(&issues)
	t.Cleanup(server.Close)
	dify := difytest.NewDify(t)
	ctx := dify.Context(t.Context())
	p := github.New(github.Service{APIURL: server.URL})
	call := &github.ListIssuesCall{
		Credentials: github.Credentials{AccessToken: runtime.NewSecret("github_pat_1")},
		Parameters:  github.ListIssuesParameters{Repository: "octocat/hello", State: "open", Limit: 30, OnlyNew: true},
		Dify:        github.DifyFromContext(ctx),
	}
	failed := errors.New("failed")
	out := func(err error) *github.ListIssuesOutput {
		return &github.ListIssuesOutput{ToolOutput: runtime.NewToolOutput(func(runtime.ToolMessage) error { return err })}
	}
	if err := p.ListIssues(ctx, call, out(failed)); !errors.Is(err, failed) || len(dify.StoredKeys()) != 0 {
		t.Errorf("%v, and stored %q", err, dify.StoredKeys())
	}
	if err := p.ListIssues(ctx, call, out(nil)); err != nil || len(dify.StoredKeys()) != 1 {
		t.Errorf("%v, and stored %q", err, dify.StoredKeys())
	}
	// The same repository of another server is another one.
	second := httptest.NewServer(&issues)
	t.Cleanup(second.Close)
	if err := github.New(github.Service{APIURL: second.URL}).ListIssues(ctx, call, out(nil)); err != nil || len(dify.StoredKeys()) != 2 {
		t.Errorf("another server: %v, and stored %q", err, dify.StoredKeys())
	}
}

// TestPagesShift opens issues while pages are read.
func TestPagesShift(t *testing.T) {
	t.Parallel()
	var issues growing
	issues.issues.Store(1)
	h := start(t, func(w http.ResponseWriter, r *http.Request) {
		issues.ServeHTTP(w, r)
		if issues.issues.Load() >= 150 {
			issues.issues.Add(3)
		}
	})
	numbers(t, h, "ann", nil)
	issues.issues.Store(150) // so that page 1 has those from 51 on, and page 2 those from 53 down
	r := h.Invoke(difytest.Call{
		Tool: "list_issues", Credentials: pat, Parameters: map[string]any{"repository": "octocat/hello", "only_new": true, "limit": 100},
		From: runtime.Call{UserID: "ann"},
	})
	var got []struct{ Number int64 }
	if err := errors.Join(r.Err, r.Decode(&got)); err != nil {
		t.Fatal(err)
	}
	for i, issue := range got {
		if want := int64(101 - i); issue.Number != want {
			t.Fatalf("issue %d is #%d, want #%d", i, issue.Number, want)
		}
	}
}
