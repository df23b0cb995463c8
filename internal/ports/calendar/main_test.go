package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	calendar "github.com/difygen/difygen/internal/ports/calendar/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const (
	key   = "cal-key-1"
	token = "cal-token-1"
)

// service is a fake of the calendar. It stores the last request.
type service struct {
	query string
	body  map[string]any
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Api-Key") != key && r.Header.Get("Authorization") != "Bearer "+token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.query, s.body = r.URL.RawQuery, nil
	const event = `{"id":"e1","summary":"Tea","start":{"dateTime":"2026-05-01T09:00:00Z"},"end":{"dateTime":"2026-05-01T10:00:00Z"},
		"htmlLink":"https://calendar.example/e1","attendees":[{"email":"a@example.com","responseStatus":"accepted"}]}`
	switch r.Method + " " + r.URL.EscapedPath() {
	case "GET /calendars/primary":
		fmt.Fprint(w, `{"id":"primary"}`)
	case "GET /users/me/calendarList":
		fmt.Fprint(w, `{"items":[{"id":"c1","summary":"Work","primary":true,"accessRole":"owner","timeZone":"UTC"}]}`)
	case "GET /calendars/a%2Fb/events", "GET /calendars/primary/events":
		fmt.Fprint(w, `{"items":[`+event+`,{"id":"e2","summary":"Holiday","start":{"date":"2026-05-02"},"end":{"date":"2026-05-03"}}],"nextPageToken":"p2"}`)
	case "POST /calendars/primary/events":
		_ = json.NewDecoder(r.Body).Decode(&s.body)
		fmt.Fprint(w, event)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func start(t *testing.T) (*difytest.Host, *service) {
	t.Helper()
	s := &service{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(calendar.New(calendar.Service{APIURL: server.URL}))), s
}

func creds() map[string]any { return map[string]any{"api_key": key} }

var (
	tea = map[string]any{
		"id": "e1", "title": "Tea", "start_time": "2026-05-01T09:00:00Z", "end_time": "2026-05-01T10:00:00Z", "html_link": "https://calendar.example/e1",
		"description": "", "location": "", "all_day": false, "status": "",
		"attendees": []any{map[string]any{"email": "a@example.com", "display_name": "", "response_status": "accepted", "optional": false}},
	}
	holiday = map[string]any{
		"id": "e2", "title": "Holiday", "start_time": "2026-05-02", "end_time": "2026-05-03", "html_link": "",
		"description": "", "location": "", "all_day": true, "status": "", "attendees": []any{},
	}
)

func TestListEvents(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]func(*difytest.Host, string, map[string]any) *difytest.ToolResult{
		"API key": func(h *difytest.Host, tool string, params map[string]any) *difytest.ToolResult {
			return h.Tool(tool, creds(), params)
		},
		"OAuth": func(h *difytest.Host, tool string, params map[string]any) *difytest.ToolResult {
			return h.As(runtime.CredentialTypeOAuth2).Tool(tool, map[string]any{"access_token": token}, params)
		},
	} {
		host, s := start(t)
		r := h(host, "list_events", map[string]any{"calendar_id": "a/b", "max_results": "3", "time_min": "2026-05-01T00:00:00Z", "single_events": "true"})
		if r.Err != nil || s.query != "maxResults=3&orderBy=startTime&showDeleted=false&singleEvents=true&timeMin=2026-05-01T00%3A00%3A00Z" {
			t.Errorf("%s: got %v for %s", name, r.Err, s.query)
		}
		want := map[string]any{"events": []any{tea, holiday}, "total_count": 2.0, "next_page_token": "p2"}
		if diff := cmp.Diff(want, r.Variables); diff != "" {
			t.Errorf("%s: variables (-want +got):\n%s", name, diff)
		}
		r = h(host, "search_events", map[string]any{"query": "tea & cake"})
		if r.Err != nil || s.query != "maxResults=10&orderBy=startTime&q=tea+%26+cake&singleEvents=true" || !strings.HasPrefix(r.Text, "2026-05-01T09:00:00Z to 2026-05-01T10:00:00Z: Tea\n") {
			t.Errorf("%s: got %q, %v for %s", name, r.Text, r.Err, s.query)
		}
		if r = h(host, "list_calendars", nil); r.Err != nil || r.Text != "Work (ID: c1, access: owner, time zone: UTC)\n" {
			t.Errorf("%s: got %q, %v", name, r.Text, r.Err)
		}
	}
}

func TestCreateEvent(t *testing.T) {
	t.Parallel()
	h, s := start(t)
	r := h.Tool("create_event", creds(), map[string]any{
		"title": "Tea", "start_time": "2026-05-01T09:00:00Z", "attendees": `["a@example.com"]`, "time_zone": "UTC", "visibility": "private", "send_notifications": false,
	})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	want := map[string]any{
		"summary": "Tea", "visibility": "private", "attendees": []any{map[string]any{"email": "a@example.com"}},
		"start": map[string]any{"dateTime": "2026-05-01T09:00:00Z", "timeZone": "UTC"}, "end": map[string]any{"dateTime": "2026-05-01T10:00:00Z", "timeZone": "UTC"},
	}
	if diff := cmp.Diff(want, s.body); diff != "" || s.query != "sendNotifications=false" {
		t.Errorf("%s, request (-want +got):\n%s", s.query, diff)
	}
	wantVariables := map[string]any{"event": tea, "event_id": "e1", "html_link": "https://calendar.example/e1"}
	if diff := cmp.Diff(wantVariables, r.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"https://calendar.example/e1"}, r.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	h.Tool("create_event", creds(), map[string]any{"title": "Holiday", "start_time": "2026-05-31"})
	want = map[string]any{"summary": "Holiday", "start": map[string]any{"date": "2026-05-31"}, "end": map[string]any{"date": "2026-06-01"}}
	if diff := cmp.Diff(want, s.body); diff != "" || s.query != "sendNotifications=true" {
		t.Errorf("%s, request (-want +got):\n%s", s.query, diff)
	}
}

func TestFails(t *testing.T) {
	t.Parallel()
	h, _ := start(t)
	for _, test := range []struct {
		tool   string
		creds  map[string]any
		params map[string]any
		typ    runtime.ErrorType
		err    string
	}{
		{"create_event", creds(), nil, runtime.ErrorInvoke, "Create an event: Title (title) is required; Start (start_time) is required"},
		{
			"create_event", creds(), map[string]any{"title": "Tea", "start_time": "soon", "visibility": "nobody"}, runtime.ErrorInvoke,
			"Create an event: Visibility (visibility) must be one of default, public, private",
		},
		{
			"create_event", creds(), map[string]any{"title": "Tea", "start_time": "soon"}, runtime.ErrorInvoke,
			"Start (start_time) must be a time such as 2026-05-01T09:00:00Z, or a date such as 2026-05-01",
		},
		{"create_event", creds(), map[string]any{"title": "Tea", "start_time": "2026-05-31", "attendees": []any{1}}, runtime.ErrorInvoke, "Attendees (attendees) must be a list of e-mail addresses"},
		{"list_events", creds(), map[string]any{"max_results": 251, "order_by": "size"}, runtime.ErrorInvoke, "List events: Order (order_by) must be one of startTime, updated; At most (max_results) must be at most 250"},
		{"list_events", creds(), map[string]any{"calendar_id": "none"}, runtime.ErrorInvoke, "there is no such calendar"},
		{"list_events", map[string]any{"api_key": "wrong-key"}, nil, runtime.ErrorInvoke, "the service does not accept the credentials any more: authorize again"},
		{"list_events", map[string]any{}, nil, runtime.ErrorToolCredentials, "Calendar: API key (api_key) is required"},
	} {
		r := h.Tool(test.tool, test.creds, test.params)
		var typed *runtime.Error
		if !errors.As(r.Err, &typed) || typed.Type != test.typ || typed.Error() != test.err {
			t.Errorf("%s(%v): got %v\nwant %s: %s", test.tool, test.params, r.Err, test.typ, test.err)
		}
	}
	r := h.As(runtime.CredentialTypeOAuth2).Tool("list_calendars", creds(), nil)
	if r.Err == nil || r.Err.Error() != "Calendar: Access token (access_token) is required" {
		t.Errorf("got %v", r.Err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h, _ := start(t)
	down := httptest.NewServer(nil)
	down.Close()
	difytest.TestCredentials(t, h, difytest.CredentialsTest{
		Valid: creds(), Wrong: map[string]any{"api_key": "wrong-key"}, Unreachable: newPlugin(calendar.New(calendar.Service{APIURL: down.URL})),
	})
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	h := difytest.Start(t, newPlugin(calendar.New(calendar.Service{AuthURL: server.URL, HTTPClient: server.HTTPClient()})))
	difytest.TestOAuth(t, h, difytest.OAuthTest{Server: server, Behavior: difytest.Behavior{OfflineConsent: true}})
}
