package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	chat "github.com/difygen/difygen/internal/ports/chat/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

const token = "chat-token-1"

// service is a fake of the chat. It stores the requests since the last look at them.
type service struct {
	url   string
	asked []string
}

var results = map[string]string{
	"auth.test":                    `{}`,
	"chat.postMessage":             `{"ts":"1.2"}`,
	"chat.scheduleMessage":         `{"scheduled_message_id":"Q1"}`,
	"chat.getPermalink":            `{"permalink":"https://chat.example/p1"}`,
	"conversations.history":        `{"messages":[{"ts":"1.2","user":"U1","text":"hi"}]}`,
	"conversations.replies":        `{"messages":[{"ts":"1.3","user":"U2","text":"ho"}]}`,
	"conversations.list":           `{"channels":[{"id":"C1","name":"general"}],"next_cursor":"n"}`,
	"conversations.info":           `{"channel":{"id":"C1","name":"general","topic":"all"}}`,
	"conversations.create":         `{"channel":{"id":"C2","name":"new"}}`,
	"users.list":                   `{"members":[{"id":"U1","name":"ada","real_name":"Ada L."}]}`,
	"users.info":                   `{"user":{"id":"U1","name":"ada"}}`,
	"users.lookupByEmail":          `{"user":{"id":"U1","name":"ada"}}`,
	"files.completeUploadExternal": `{}`,
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method, called := strings.CutPrefix(r.URL.Path, "/api/")
	if !called {
		body, _ := io.ReadAll(r.Body)
		s.asked = append(s.asked, r.Method+" "+r.URL.Path+" "+string(body))
		fmt.Fprint(w, "a file")
		return
	}
	_ = r.ParseForm()
	s.asked = append(s.asked, method+" "+r.PostForm.Encode())
	result, ok := results[method]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		fmt.Fprint(w, `{"ok":false,"error":"invalid_auth"}`)
	case r.PostForm.Get("channel") == "#none":
		fmt.Fprint(w, `{"ok":false,"error":"channel_not_found"}`)
	case method == "files.getUploadURLExternal":
		fmt.Fprintf(w, `{"ok":true,"result":{"upload_url":"%s/up","file_id":"F1"}}`, s.url)
	case ok:
		fmt.Fprint(w, `{"ok":true,"result":`+result+`}`)
	default:
		fmt.Fprint(w, `{"ok":true}`)
	}
}

func start(t *testing.T) (*difytest.Host, *service) {
	t.Helper()
	s := &service{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return difytest.Start(t, newPlugin(&chat.Provider{URL: server.URL})), s
}

func creds() map[string]any { return map[string]any{"access_token": token} }

func TestTools(t *testing.T) {
	t.Parallel()
	h, s := start(t)
	file := runtime.File{URL: s.url + "/files/1", Filename: "a.txt", Size: 6}.Values()
	for _, test := range []struct {
		tool   string
		params map[string]any
		asked  string // separated by line ends
		text   string
	}{
		{"send_message", map[string]any{"channel": "#a", "text": "hi & ho"}, "chat.postMessage channel=%23a&text=hi+%26+ho", "sent to #a as 1.2"},
		{"send_message", map[string]any{"channel": "#a", "text": 7, "thread_ts": "1.1"}, "chat.postMessage channel=%23a&text=7&thread_ts=1.1", "sent to #a as 1.2"},
		{"update_message", map[string]any{"channel": "#a", "ts": "1.2", "text": "ho"}, "chat.update channel=%23a&text=ho&ts=1.2", "changed 1.2"},
		{"delete_message", map[string]any{"channel": "#a", "ts": "1.2"}, "chat.delete channel=%23a&ts=1.2", "deleted 1.2"},
		{"schedule_message", map[string]any{"channel": "#a", "text": "hi", "post_at": "1900000000"}, "chat.scheduleMessage channel=%23a&post_at=1900000000&text=hi", "scheduled as Q1 for 1900000000"},
		{"get_permalink", map[string]any{"channel": "#a", "message_ts": "1.2"}, "chat.getPermalink channel=%23a&message_ts=1.2", "https://chat.example/p1"},
		{"get_channel_history", map[string]any{"channel": "#a", "oldest": "1.0"}, "conversations.history channel=%23a&limit=20&oldest=1.0", "1.2 U1: hi\n"},
		{"get_thread_replies", map[string]any{"channel": "#a", "ts": "1.2", "limit": "3"}, "conversations.replies channel=%23a&limit=3&ts=1.2", "1.3 U2: ho\n"},
		{"list_channels", nil, "conversations.list limit=100&types=public_channel", "general (ID: C1)\n"},
		{"list_channels", map[string]any{"types": []any{"im", "private_channel"}, "cursor": "n"}, "conversations.list cursor=n&limit=100&types=im%2Cprivate_channel", "general (ID: C1)\n"},
		{"get_channel_info", map[string]any{"channel": "C1"}, "conversations.info channel=C1", "channel general (ID: C1, topic: all)"},
		{"create_channel", map[string]any{"name": "new", "is_private": "true"}, "conversations.create is_private=true&name=new", "channel new (ID: C2, topic: )"},
		{"archive_channel", map[string]any{"channel": "C1"}, "conversations.archive channel=C1", "archived C1"},
		{"set_channel_topic", map[string]any{"channel": "C1", "topic": "all"}, "conversations.setTopic channel=C1&topic=all", "changed the topic"},
		{"invite_to_channel", map[string]any{"channel": "C1", "users": `["U1","U2"]`}, "conversations.invite channel=C1&users=U1%2CU2", "invited 2"},
		{"invite_to_channel", map[string]any{"channel": "C1", "users": "U1"}, "conversations.invite channel=C1&users=U1", "invited 1"},
		{"list_users", map[string]any{"limit": 1000}, "users.list limit=1000", "ada (ID: U1, name: Ada L.)\n"},
		{"get_user_info", map[string]any{"user": "U1"}, "users.info user=U1", "ada (ID: U1, name: )"},
		{"lookup_user_by_email", map[string]any{"email": "a@example.com"}, "users.lookupByEmail email=a%40example.com", "ada (ID: U1, name: )"},
		{"add_reaction", map[string]any{"channel": "C1", "timestamp": "1.2", "name": ":tada:"}, "reactions.add channel=C1&name=tada&timestamp=1.2", "added :tada:"},
		{"remove_reaction", map[string]any{"channel": "C1", "timestamp": "1.2", "name": "tada"}, "reactions.remove channel=C1&name=tada&timestamp=1.2", "removed tada"},
		{
			"upload_file", map[string]any{"file": file, "channel": "C1", "title": "A"},
			"GET /files/1 \nfiles.getUploadURLExternal filename=a.txt&length=6\nPOST /up a file\n" +
				"files.completeUploadExternal channel_id=C1&files=%5B%7B%22id%22%3A%22F1%22%2C%22title%22%3A%22A%22%7D%5D",
			"uploaded a.txt as F1",
		},
		{"post_webhook", map[string]any{"webhook_url": s.url + "/hooks/secret", "text": "hi"}, `POST /hooks/secret {"text":"hi"}`, "sent"},
	} {
		s.asked = nil
		r := h.Tool(test.tool, creds(), test.params)
		if r.Err != nil || r.Text != test.text {
			t.Errorf("%s: got %q, %v\nwant %q", test.tool, r.Text, r.Err, test.text)
		}
		if diff := cmp.Diff(test.asked, strings.Join(s.asked, "\n")); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", test.tool, diff)
		}
	}
	var list struct{ Channels []struct{ ID string } }
	if err := h.Tool("list_channels", creds(), nil).Decode(&list); err != nil || len(list.Channels) != 1 || list.Channels[0].ID != "C1" {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestFails(t *testing.T) {
	t.Parallel()
	h, s := start(t)
	for _, test := range []struct {
		tool   string
		creds  map[string]any
		params map[string]any
		err    string
	}{
		{"send_message", creds(), map[string]any{"channel": "#none", "text": "hi"}, "the service says: channel_not_found"},
		{"send_message", map[string]any{"access_token": "wrong-token"}, map[string]any{"channel": "#a", "text": "hi"}, "the service says: invalid_auth"},
		{"send_message", creds(), map[string]any{}, "Send a message: Channel (channel) is required; Text (text) is required"},
		{"schedule_message", creds(), map[string]any{"channel": "#a", "text": "hi", "post_at": "soon"}, "Schedule a message: When (post_at) must be a whole number"},
		{"list_users", creds(), map[string]any{"limit": 1001}, "List people: At most (limit) must be at most 1000"},
		{"list_channels", creds(), map[string]any{"types": []any{"mpim"}}, "List channels: Types (types) must be a list with any of public_channel, private_channel, im"},
		{"invite_to_channel", creds(), map[string]any{"channel": "C1", "users": []any{}}, "Invite: People (users) is required"},
		{"invite_to_channel", creds(), map[string]any{"channel": "C1", "users": []any{1}}, "Invite: People (users) must be a list of IDs"},
		{"upload_file", creds(), map[string]any{"file": map[string]any{}}, "Share a file: File (file) is required"},
		{"post_webhook", creds(), map[string]any{"webhook_url": s.url + "/secret-path", "text": "hi"}, "the webhook URL is not the URL of a webhook"},
	} {
		r := h.Tool(test.tool, test.creds, test.params)
		if r.Err == nil || r.Err.Error() != test.err {
			t.Errorf("%s(%v): got %v\nwant %s", test.tool, test.params, r.Err, test.err)
		}
	}
	r := h.Tool("post_webhook", creds(), map[string]any{"webhook_url": "http://127.0.0.1:1/hooks/secret-path", "text": "hi"})
	if r.Err == nil || strings.Contains(r.Err.Error(), "secret-path") || !strings.HasPrefix(r.Err.Error(), "could not reach the service: ") {
		t.Errorf("got %v", r.Err)
	}
}

// TestAll checks how many tools there are.
func TestAll(t *testing.T) {
	t.Parallel()
	var declared struct{ Tools []json.RawMessage }
	data := newPlugin(&chat.Provider{}).Declaration().Providers[0].Data
	if err := json.Unmarshal([]byte(data), &declared); err != nil || len(declared.Tools) != 20 {
		t.Errorf("%d tools, %v", len(declared.Tools), err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h, _ := start(t)
	down := httptest.NewServer(nil)
	down.Close()
	difytest.TestCredentials(t, h, difytest.CredentialsTest{
		Valid: creds(), Wrong: map[string]any{"access_token": "wrong-token"}, Unreachable: newPlugin(&chat.Provider{URL: down.URL}),
	})
}
