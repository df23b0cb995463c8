package session

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/trigger"
	"github.com/difygen/difygen/runtime/webhook"
)

// TestReportedWebhooks checks what the sender of a webhook and the log get of what Dispatch does.
func TestReportedWebhooks(t *testing.T) {
	t.Parallel()
	const refused = `msg="a webhook is refused"`
	for name, test := range map[string]struct {
		dispatch func(w http.ResponseWriter, r *http.Request) error
		body     string // that the sender gets
		log      []string
	}{
		"nothing to report": {func(w http.ResponseWriter, _ *http.Request) error {
			_, err := w.Write([]byte("ok"))
			return err
		}, "ok", nil},
		"not signed": {func(_ http.ResponseWriter, r *http.Request) error {
			_, err := webhook.GitHub(r, runtime.NewSecret(hookSecret))
			return err
		}, "the webhook is not from the service: header X-Hub-Signature-256 is missing\n", []string{"level=WARN", refused, "X-Hub-Signature-256 is missing"}},
		"a reason with secrets": {func(_ http.ResponseWriter, r *http.Request) error {
			return fmt.Errorf("asking %s: %w", hookSecret, &webhook.RefusalError{Reason: r.Header.Get("X-Token") + " is not\n" + hookSecret})
		}, "the webhook is not from the service: [redacted] is not [redacted]\n", []string{refused, "asking [redacted]: the webhook"}},
		"an error of its own": {func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("no entry for %s: %w", hookSecret, webhook.ErrSignature)
		}, "the webhook is not from the service\n", []string{refused, "no entry for [redacted]"}},
		"headers": {func(w http.ResponseWriter, _ *http.Request) error {
			w.Header()["Bad Name"] = []string{"a"}
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			return nil
		}, "", []string{"level=WARN", `dropped="\"Bad Name\", the cookie a"`}},
	} {
		var log bytes.Buffer
		s := newTestServer(t, dispatchingBy(test.dispatch, WithLogger(slog.New(slog.NewTextHandler(&log, nil)))))
		list := answer(t, s, hookLine(t, "dispatch_trigger_event", "POST / HTTP/1.1\r\nHost: h\r\nX-Token: sent-by-anybody\r\n\r\n", nil))
		if body := bodyOf(t, list); body != test.body {
			t.Errorf("%s: the sender gets %q, want %q", name, body, test.body)
		}
		got := log.String()
		for _, want := range test.log {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the log lacks %q:\n%s", name, want, got)
			}
		}
		if strings.Contains(got, hookSecret) || test.log == nil && strings.Contains(got, "WARN") {
			t.Errorf("%s: the log has\n%s", name, got)
		}
	}
}

// dispatchingBy returns a plugin whose Dispatch is that function.
func dispatchingBy(dispatch func(w http.ResponseWriter, r *http.Request) error, opts ...Option) *Plugin {
	return NewPlugin(Declaration{Manifest: "{}"}, opts, runtime.NewTrigger(runtime.TriggerConfig{
		Name: "box", Fields: &runtime.Fields{Secret: []string{"secret"}},
		Dispatch: trigger.BindDispatch(readHookSecret, runtime.DecodeNoCredentials,
			func(w http.ResponseWriter, r *http.Request, _ runtime.Call, _ runtime.Secret, _ runtime.NoCredentials, _ *trigger.Dispatcher) error {
				return dispatch(w, r)
			}),
	}))
}

// bodyOf returns the body of the response to a webhook.
func bodyOf(t *testing.T, list []string) string {
	t.Helper()
	var result struct{ Response string }
	if len(list) != 1 || json.Unmarshal([]byte(list[0]), &result) != nil {
		t.Fatalf("got %q", list)
	}
	raw, err := hex.DecodeString(result.Response)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	return body
}

// TestRefusedWebhooks checks that who sends many refused webhooks does not fill the log.
func TestRefusedWebhooks(t *testing.T) {
	t.Parallel()
	var r refusedWebhooks
	for i := range 3 * maxRefused {
		if omitted, ok := r.count(0); ok != (i < maxRefused) || omitted != 0 {
			t.Errorf("%d: got %d, %v", i, omitted, ok)
		}
	}
	if _, ok := r.count(refusedTime - 1); ok {
		t.Error("one more is logged before the time has passed")
	}
	for _, want := range []int{2*maxRefused + 1, 0} {
		if omitted, ok := r.count(refusedTime); !ok || omitted != want {
			t.Errorf("after the time: got %d, %v, want %d", omitted, ok, want)
		}
	}
}
