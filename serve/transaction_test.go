package serve_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// caller returns a plugin whose tool makes a call and sends what comes of it.
func caller() *serve.Plugin {
	return serve.NewPlugin(serve.Declaration{Manifest: "{}"}, nil, runtime.NewTool(runtime.ToolConfig{
		Name: "box",
		Tools: []runtime.ToolBinding{{Name: "ask", Invoke: func(ctx context.Context, call runtime.ToolCall, out *runtime.ToolOutput) error {
			replies, err := callback.FromContext(ctx).Invoke(ctx, "storage", call.Parameters)
			if err != nil {
				return err
			}
			defer replies.Close()
			for {
				data, err := replies.Next()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return fmt.Errorf("%T: %w", err, err)
				}
				if err := out.Text(string(data)); err != nil {
					return err
				}
			}
		}}},
	}))
}

// TestTransactions checks what becomes of what a host answers to a call of a serverless plugin.
func TestTransactions(t *testing.T) {
	t.Parallel()
	reply := func(w http.ResponseWriter, r *http.Request, event, message, data string) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var m struct {
			Session string `json:"session_id"`
			Data    struct {
				Data struct {
					ID string `json:"backwards_request_id"`
				}
			}
		}
		if err := json.Unmarshal(body, &m); err != nil || r.Method != http.MethodPost || r.Header.Get("Dify-Plugin-Session-ID") != m.Session {
			t.Errorf("the host gets %s %s: %v", r.Method, body, err)
		}
		fmt.Fprintf(w, "\n\n{\"session_id\":%q,\"context\":null,\"event\":\"backwards_response\",\"data\":{\"backwards_request_id\":%q,\"event\":%q,\"message\":%q,\"data\":%s}}\n\n",
			m.Session, m.Data.Data.ID, event, message, data)
		_ = http.NewResponseController(w).Flush()
	}
	notFound := `{"backwards_request_id":"x","event":"error","message":"failed to get session info from cache","data":{"error_type":"SessionNotFound"}}`
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"one reply": {func(w http.ResponseWriter, r *http.Request) {
			reply(w, r, "response", "struct", `{"data":"6869"}`)
			reply(w, r, "end", "", "null")
		}, `{"data":"6869"}`},
		"many": {func(w http.ResponseWriter, r *http.Request) {
			for range 3000 {
				reply(w, r, "response", "stream", `{"data":"6869"}`)
			}
			reply(w, r, "end", "", "null")
		}, strings.TrimSuffix(strings.Repeat(`{"data":"6869"} `, 3000), " ")},
		"compressed": {func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Error("the host may not compress")
			}
			var b bytes.Buffer
			plain := httptest.NewRecorder()
			reply(plain, r, "response", "struct", `{"data":"6869"}`)
			reply(plain, r, "end", "", "null")
			zip := gzip.NewWriter(&b)
			_, _ = zip.Write(plain.Body.Bytes())
			_ = zip.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes())
		}, `{"data":"6869"}`},
		"a refusal": {func(w http.ResponseWriter, r *http.Request) {
			reply(w, r, "error", "no", "null")
			reply(w, r, "end", "", "null")
		}, "*callback.Error: no"},
		"cut":                {func(w http.ResponseWriter, r *http.Request) { reply(w, r, "progress", "", "null") }, "*errors.errorString: the answer of Dify to a call back ended too early"},
		"an unknown session": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, notFound, http.StatusBadRequest) }, "*fmt.wrapError: " + callback.ErrEnded.Error() + ": Dify does not know it any more"},
		"no host":            {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret", http.StatusNotFound) }, "*errors.errorString: the host at DIFY_PLUGIN_DAEMON_URL takes no calls back into Dify (status 404): is it Dify's plugin daemon, in serverless mode?"},
		"trouble":            {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret", http.StatusInternalServerError) }, "*errors.errorString: the host at DIFY_PLUGIN_DAEMON_URL refuses a call back into Dify with status 500"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/else", http.StatusTemporaryRedirect)
		}, "*errors.errorString: the host at DIFY_PLUGIN_DAEMON_URL refuses a call back into Dify with status 307"},
		"no answer": {func(_ http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body); <-r.Context().Done() }, "*errors.errorString: " + callback.ErrTimeout.Error()},
		"nothing but signs of life": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, "\n\n")
				_ = http.NewResponseController(w).Flush()
				select {
				case <-time.After(10 * time.Millisecond):
				case <-r.Context().Done():
				}
			}
		}, "*errors.errorString: " + callback.ErrTimeout.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.HandleFunc("/daemon/backwards-invocation/transaction", test.handler)
			daemon := httptest.NewServer(mux)
			t.Cleanup(daemon.Close)
			timeout := "MAX_INVOCATION_TIMEOUT=30"
			if strings.Contains(test.want, callback.ErrTimeout.Error()) {
				timeout = "MAX_INVOCATION_TIMEOUT=0.2"
			}
			p, _ := startLimited(t, caller(), serve.Limits{}, "DIFY_PLUGIN_DAEMON_URL="+daemon.URL+"/daemon/", timeout)
			response, err := p.host.Call(t.Context(), "tool", "invoke_tool", map[string]any{"provider": "box", "tool": "ask", "tool_parameters": map[string]any{"opt": "get"}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, result := range response.Results {
				var m struct{ Message struct{ Text string } }
				if err := json.Unmarshal(result, &m); err != nil {
					t.Error(err)
				}
				got = append(got, m.Message.Text)
			}
			if response.Err != nil {
				got = append(got, response.Err.Message)
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("got  %.300s\nwant %.300s", got, test.want)
			}
		})
	}
}
