package invoke_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/difygen/difygen/runtime/invoke"
)

// FuzzReplies reads any replies as those of each service. Nothing panics, every call ends and closes
// its replies, and no error quotes a value.
func FuzzReplies(f *testing.F) {
	for _, seed := range []string{
		`{"type":"text","message":{"text":"a"},"meta":null}`,
		chunk("a", "he", false) + "\n" + chunk("a", "llo", true),
		`{"type":"blob","message":{"blob":"aGk="},"meta":{"mime_type":"text/plain"}}`,
		`{"type":"file","message":{},"meta":{"file":{"transfer_method":"tool_file","related_id":"1"}}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"x","stream":true}}`,
		`{"type":"log","message":{"id":"1","status":"start","data":{},"metadata":{"started_at":1e300,"total_price":1e-300}}}`,
		`{"type":"retriever_resources","message":{"retriever_resources":[{"position":1}],"context":"x"}}`,
		`{"event":"message","answer":"a","created_at":1e300}` + "\n" + `{"event":"error","code":"c","message":"m"}`,
		`{"event":"workflow_finished","data":{"status":"failed","elapsed_time":-1e300,"created_at":1}}`,
		`{"event":"message_end","metadata":{"usage":{"total_price":"1e9"}}}`,
		`{"event":"node_started","data":null}`,
		`{"user_input_form":[{"select":{"options":["a"]}},{"text-input":null}],"speech_to_text":{"enabled":true}}`,
		`{"outputs":{"__is_success":1,"class_id":"1"}}`,
		`{"data":"6869"}`, `{"data":true}`, `{"url":"/x"}`, `null`, `[]`, `"SECRET"`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var replies []json.RawMessage
		for line := range strings.Lines(text) {
			if json.Valid([]byte(line)) { // the session decodes frames
				replies = append(replies, json.RawMessage(strings.TrimSpace(line)))
			}
		}
		session := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) { return replies, nil })
		s := servicesOf(session)
		for name, call := range calls {
			if name == "Upload.File" {
				continue // it calls a URL of the replies: see FuzzUploads
			}
			err := call(t.Context(), s)
			if err != nil && strings.Contains(err.Error(), "SECRET") && !strings.HasPrefix(err.Error(), "the app has failed") {
				t.Errorf("%s: %v", name, err)
			}
		}
		for event, err := range s.apps.Workflow(t.Context(), &invoke.WorkflowRequest{AppID: "a"}) {
			if err == nil && event.Header().Raw == nil {
				t.Error("an event without Raw")
			}
		}
	})
}

// FuzzUploads reads any response to a file that is sent. Nothing panics, no error quotes the
// response, and a file that is there has an ID, and an extension with its dot.
func FuzzUploads(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","name":"a.pdf","size":7,"extension":"pdf","mime_type":"application/pdf","preview_url":"https://x?sign=SECRET"}`,
		`{"id":"1","extension":".png"}`, `{"id":""}`, `{"id":1}`, `{"id":"1","size":1e300}`, `{"message":"SECRET"}`,
		`{"id":"1"}{"id":"2"}`, `null`, `[]`, `"SECRET"`, ``,
	} {
		f.Add(seed, true)
	}
	f.Add(`{"id":"1"}`, false)
	var next atomic.Pointer[string]
	var stored atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := http.StatusRequestEntityTooLarge
		if stored.Load() {
			status = http.StatusCreated
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(*next.Load()))
	}))
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, body string, created bool) {
		next.Store(&body)
		stored.Store(created)
		upload := newSession(t, reply(fmt.Sprintf(`{"url":%q}`, server.URL))).Upload()
		file, err := upload.File(t.Context(), "a.pdf", "", []byte("x"))
		switch {
		case err != nil && (file != nil || strings.Contains(err.Error(), "SECRET")):
			t.Errorf("%+v, error %v", file, err)
		case err == nil && (!created || file.ID == "" || file.Extension != "" && file.Extension[0] != '.'):
			t.Errorf("created %t, %+v", created, file)
		case err == nil:
			file.AppInput()
		}
	})
}
