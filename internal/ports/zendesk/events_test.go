package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

// manual is a subscription to a webhook that a user has added to Zendesk.
func manual() runtime.Subscription {
	return runtime.Subscription{
		ExpiresAt: -1, Endpoint: endpoint, Parameters: runtime.NewValues(map[string]any{"events": []any{"ticket.created"}}),
		Properties: runtime.NewValues(map[string]any{"signing_secret": secret}),
	}
}

type object = map[string]any

// webhook returns a webhook as Zendesk sends it, signed at a time.
func webhook(t *testing.T, at time.Time, typ string, detail, event object) *http.Request {
	t.Helper()
	body, err := json.Marshal(object{
		"account_id": 22129848, "id": "2b24ef10", "time": "2026-05-01T09:00:00Z", "type": "zen:event-type:" + typ,
		"subject": "zen:ticket:1", "zendesk_event_version": "2022-11-06", "detail": detail, "event": event,
	})
	if err != nil {
		t.Fatal(err)
	}
	return signed(at, string(body))
}

// signed returns a webhook with a body.
func signed(at time.Time, body string) *http.Request {
	timestamp := at.UTC().Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + body))
	r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", timestamp)
	r.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r
}

// ticket is a ticket as Zendesk describes it in webhooks.
func ticket() object {
	return object{
		"actor_id": "8", "assignee_id": nil, "brand_id": "1", "created_at": "2026-05-01T08:00:00Z", "custom_status": "7",
		"description": "It squeaks.", "external_id": nil, "form_id": "2", "group_id": "3", "id": "35436", "is_public": true,
		"organization_id": nil, "priority": "HIGH", "requester_id": "8", "status": "OPEN", "subject": "The wheel", "submitter_id": "8",
		"tags": []any{"vip", "Wheels"}, "type": nil, "updated_at": "2026-05-01T09:00:00Z", "via": object{"channel": "web"},
	}
}

// ticketVariable is what an event makes of the ticket.
func ticketVariable() object {
	variable := ticket()
	for _, key := range []string{"actor_id", "custom_status", "external_id", "form_id", "via"} {
		delete(variable, key)
	}
	return variable
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	draft := start(t, &account{})
	h := draft.Subscribed(manual(), nil)
	for typ, want := range map[string]string{
		"ticket.created": "ticket_created", "ticket.marked_as_spam": "ticket_marked_as_spam",
		"ticket.status_changed": "ticket_status_changed", "ticket.priority_changed": "ticket_priority_changed",
		"ticket.comment_added": "ticket_comment_created", "article.published": "article_published",
		"article.unpublished": "article_unpublished", "ticket.merged": "",
	} {
		d := h.Dispatch(webhook(t, time.Now(), typ, object{}, object{}))
		if got := strings.Join(d.Events, " "); d.Err != nil || d.Response.StatusCode != http.StatusOK || got != want {
			t.Errorf("%s: got %q, status %d, %v", typ, got, d.Response.StatusCode, d.Err)
		}
	}
	changed := webhook(t, time.Now(), "ticket.created", ticket(), nil)
	changed.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", time.Now().Add(time.Minute).UTC().Format(time.RFC3339))
	unsigned := webhook(t, time.Now(), "ticket.created", ticket(), nil)
	unsigned.Header.Del("X-Zendesk-Webhook-Signature")
	for name, d := range map[string]*difytest.DispatchResult{
		"old":      h.Dispatch(webhook(t, time.Now().Add(-time.Hour), "ticket.created", ticket(), nil)),
		"changed":  h.Dispatch(changed),
		"unsigned": h.Dispatch(unsigned),
		"set up":   draft.Dispatch(webhook(t, time.Now(), "ticket.created", ticket(), nil)),
	} {
		if d.Err != nil || d.Response.StatusCode != http.StatusUnauthorized || len(d.Events) > 0 {
			t.Errorf("%s: got status %d, %v, %v", name, d.Response.StatusCode, d.Events, d.Err)
		}
	}
	for _, body := range []string{"", "[]", `{"type":"zen:event-type:ticket.created","detail":{"id":1}}`} {
		d := h.Dispatch(signed(time.Now(), body))
		difytest.WantError(t, d.Err, runtime.ErrorTriggerDispatch, "the body of the webhook is not as Zendesk documents it")
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	h := start(t, &account{}).Subscribed(manual(), nil)
	comment := object{"id": "9", "body": "Oiled.", "is_public": true, "author": object{"id": "8", "name": "Ada", "is_staff": true}}
	article := object{"author_id": "8", "category_id": "5", "locale": "en-us", "section_id": "6", "title": "Oil"}
	published := object{"id": "4", "brand_id": "1", "author_id": "8", "category_id": "5", "locale": "en-us", "section_id": "6", "title": "Oil"}
	for _, test := range []struct {
		typ, event    string
		detail, extra object
		want          object
	}{
		{"ticket.created", "ticket_created", ticket(), object{"meta": object{}}, object{"ticket": ticketVariable()}},
		{"ticket.marked_as_spam", "ticket_marked_as_spam", ticket(), nil, object{"ticket": ticketVariable()}},
		{
			"ticket.status_changed", "ticket_status_changed", ticket(), object{"previous": "NEW", "current": "OPEN"},
			object{"ticket": ticketVariable(), "previous": "NEW", "current": "OPEN"},
		},
		{
			"ticket.priority_changed", "ticket_priority_changed", ticket(), object{"previous": nil, "current": "HIGH"},
			object{"ticket": ticketVariable(), "previous": nil, "current": "HIGH"},
		},
		{"ticket.comment_added", "ticket_comment_created", ticket(), object{"comment": comment}, object{"ticket": ticketVariable(), "comment": comment}},
		{"article.published", "article_published", object{"id": "4", "brand_id": "1"}, article, object{"article": published}},
		{
			"article.unpublished", "article_unpublished", object{"id": "4", "brand_id": "1"}, object{},
			object{"article": object{"id": "4", "brand_id": "1", "unpublished_at": "2026-05-01T09:00:00Z"}},
		},
	} {
		r := h.Event(test.event, nil, h.Dispatch(webhook(t, time.Now(), test.typ, test.detail, test.extra)))
		if diff := cmp.Diff(test.want, r.Variables); r.Err != nil || r.Cancelled || diff != "" {
			t.Errorf("%s: %v, variables (-want +got):\n%s", test.event, r.Err, diff)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	h := start(t, &account{}).Subscribed(manual(), nil)
	status, priority := object{"previous": "NEW", "current": "OPEN"}, object{"previous": nil, "current": "HIGH"}
	note := object{"comment": object{"id": "9", "body": "Oiled.", "is_public": false, "author": object{"id": "8"}}}
	article := object{"locale": "en-us", "title": "Oil"}
	for event, tests := range map[string][]struct {
		typ    string
		extra  object
		params object
		want   bool
	}{
		"ticket_created": {
			{"ticket.created", nil, object{"status": []any{"new", "open"}, "priority": []any{"high"}}, true},
			{"ticket.created", nil, object{"status": []any{"new"}}, false},
			{"ticket.created", nil, object{"priority": []any{"low"}}, false},
			{"ticket.created", nil, object{"type": []any{"problem"}}, false},
			{"ticket.created", nil, object{"tags": "VIP, wheels,"}, true},
			{"ticket.created", nil, object{"tags": "vip,axles"}, false},
			{"ticket.created", nil, object{"subject_contains": "axle, WHEEL"}, true},
			{"ticket.created", nil, object{"subject_contains": "axle"}, false},
			{"ticket.created", nil, object{"description_contains": "loud"}, false},
		},
		"ticket_marked_as_spam": {
			{"ticket.marked_as_spam", nil, object{"status": []any{"open"}, "tags": "vip"}, true},
			{"ticket.marked_as_spam", nil, object{"status": []any{"closed"}}, false},
			{"ticket.marked_as_spam", nil, object{"priority": []any{"low"}}, false},
			{"ticket.marked_as_spam", nil, object{"tags": "axles"}, false},
		},
		"ticket_status_changed": {
			{"ticket.status_changed", status, object{"from_status": []any{"new"}, "to_status": []any{"open"}}, true},
			{"ticket.status_changed", status, object{"from_status": []any{"open"}}, false},
			{"ticket.status_changed", status, object{"to_status": []any{"new"}}, false},
		},
		"ticket_priority_changed": {
			{"ticket.priority_changed", priority, object{"to_priority": []any{"high"}}, true},
			{"ticket.priority_changed", priority, object{"from_priority": []any{"low"}}, false},
			{"ticket.priority_changed", priority, object{"to_priority": []any{"low"}}, false},
		},
		"ticket_comment_created": {
			{"ticket.comment_added", note, object{"visibility": "private", "body_contains": "oil"}, true},
			{"ticket.comment_added", note, object{"visibility": "public"}, false},
			{"ticket.comment_added", note, object{"body_contains": "grease"}, false},
		},
		"article_published": {
			{"article.published", article, object{"locale": "de, EN-us", "title_contains": "oil"}, true},
			{"article.published", article, object{"locale": "de"}, false},
			{"article.published", article, object{"title_contains": "grease"}, false},
		},
		"article_unpublished": {
			{"article.unpublished", nil, object{"brand_ids": "1,2"}, true},
			{"article.unpublished", nil, object{"brand_ids": "2"}, false},
		},
	} {
		for _, test := range tests {
			r := h.Event(event, test.params, h.Dispatch(webhook(t, time.Now(), test.typ, ticket(), test.extra)))
			if r.Err != nil || r.Cancelled == test.want {
				t.Errorf("%s, %v: got cancelled %t, %v", event, test.params, r.Cancelled, r.Err)
			}
		}
	}
}
