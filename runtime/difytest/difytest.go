// Package difytest tests a plugin as Dify uses it, in memory and without a Dify.
//
//	func TestListIssues(t *testing.T) {
//		github := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			fmt.Fprint(w, `[{"number": 7, "title": "It breaks"}]`)
//		}))
//		t.Cleanup(github.Close)
//		h := difytest.Start(t, newPlugin(&provider.Provider{APIURL: github.URL}))
//
//		creds := map[string]any{"access_token": "github_pat_1"}
//		r := h.Tool("list_issues", creds, map[string]any{"repository": "octocat/hello"})
//		if r.Err != nil || r.Text != "#7 It breaks\n" {
//			t.Errorf("got %q, %v", r.Text, r.Err)
//		}
//	}
//
// The plugin runs as it does on a host: requests and results are encoded, errors and the plugin's own
// log are redacted, deadlines hold. What code logs with the default logger of package log/slog is not
// captured, and not redacted. A test fails, besides, if
//   - the code was not generated from the YAML in the working directory,
//   - a message is one that Dify rejects, drops or cannot decode,
//   - a result holds a secret of its request (see [Host.AllowSecrets]), or a call back into Dify
//     does, unless it stores something,
//   - code makes a call back into Dify for which the test has no answer (see [Host.Dify]), or
//     returns while one is open,
//   - a call names something that the plugin does not declare, in which case it is not sent, or
//   - a tool, data source, event or strategy that has an output_schema sends a variable that is not in
//     it, or one of another type.
//
// Models are called in the same way, such as with [Host.LLM] and [Host.Embed]. What Dify would not ask
// a model for is an error of the test. So are data sources, with [Host.Crawl], [Host.Pages] and
// [Host.PageContent], or [Host.Browse] and [Host.Download], triggers, with [Host.Subscribe],
// [Host.Dispatch] and [Host.Event], and agent strategies, with [Host.Agent].
//
// The methods of a [Host] return the errors of a plugin as *[runtime.Error], with the type
// that Dify sees.
//
// [TestCredentials] and [TestOAuth] try what goes wrong with real services. [NewOutput] and
// [NewDify] are for the test of a single method.
package difytest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

const (
	// callTimeout is how long a call may take.
	callTimeout = time.Minute
	// waitTimeout is how long it may take with a Dify that the test has programmed, which can be slow
	// or silent: as long as on a real host.
	waitTimeout = 10 * time.Minute
)

// Host is a host on which a plugin runs for a test. Its methods are safe for concurrent use.
type Host struct {
	tb        testing.TB
	conn      *host.Local
	providers []*provider
	dify      *Dify
	reported  *faultCount

	// What the next calls are about.
	provider       string
	credentialType runtime.CredentialType
	allowSecrets   bool
	subscribed     *subscribed // nil for a draft
}

// faultCount counts the faults that have been reported.
type faultCount struct {
	mu sync.Mutex
	n  int
}

// Start runs a plugin until the test ends. If the test fails, it shows the plugin's log,
// unless the plugin has a logger of its own.
//
// If the working directory has a manifest.yaml, the test fails if a YAML file has changed since
// the plugin was generated.
func Start(tb testing.TB, plugin *serve.Plugin) *Host {
	tb.Helper()
	if err := plugin.Check(); err != nil {
		tb.Fatalf("the plugin cannot start: %v", err)
	}
	if what, n := plugin.Declaration().Stale(os.DirFS(".")); n > 0 {
		tb.Fatalf("%s: run go generate", what)
	}
	providers, err := declared(plugin)
	if err != nil {
		tb.Fatalf("the plugin cannot start: %v", err)
	}
	logged := new(logBuffer)
	config := session.DefaultConfig()
	config.Logger = slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	permission, err := host.ReadPermission([]byte(plugin.Declaration().Manifest))
	if err != nil {
		tb.Fatalf("the plugin cannot start: %v", err)
	}
	dify := newDify(tb, permission)
	config.OpenCallbacks, config.DroppedHeaders = dify.hang, dify.drop
	if config, err = plugin.Configure(config); err != nil {
		tb.Fatalf("the plugin cannot start: %v", err)
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	h := &Host{tb: tb, providers: providers, dify: dify, reported: new(faultCount)}
	ctx := context.WithoutCancel(tb.Context()) // the plugin runs until its input ends
	server := session.NewServer(ctx, plugin, config)
	done := make(chan error, 1)
	go func() {
		err := server.Lines(ctx, session.Stdio, inR, outW)
		server.Close()
		_ = outW.Close()
		done <- err
	}()
	h.conn = host.NewLocal(inW, outR)
	h.conn.Answer(h.dify.dify.Handle)
	tb.Cleanup(func() {
		if err := h.conn.Close(); err != nil {
			tb.Error(err)
		} else if err := <-done; !errors.Is(err, io.EOF) {
			tb.Errorf("the plugin stops with %v", err)
		}
		h.reportFaults()
		if text := logged.String(); text != "" && tb.Failed() {
			tb.Logf("log of the plugin:\n%s", text)
		}
	})
	return h
}

// Provider returns h for calls to the provider of that name. It is needed only if several providers
// of the plugin can be meant, such as two with tools. Endpoints have no name.
func (h *Host) Provider(name string) *Host {
	h.tb.Helper()
	view := *h
	view.provider = name
	return &view
}

// As returns h for calls with credentials of that type. Without it, the type is that of an API
// key if the provider declares credentials, else OAuth's if it declares that, else
// [runtime.CredentialTypeUnauthorized].
func (h *Host) As(t runtime.CredentialType) *Host {
	view := *h
	view.credentialType = t
	return &view
}

// AllowSecrets returns h for calls whose results, and the calls back into Dify that they make, may
// hold secrets of the request: values of fields that the plugin declares as secret, as they are,
// URL-encoded or in base64. Results of OAuth and what a plugin stores may always.
func (h *Host) AllowSecrets() *Host {
	view := *h
	view.allowSecrets = true
	return &view
}

// do sends a request with these secrets and returns the response. Calls back must not hold the
// secrets.
func (h *Host) do(req host.Request, secrets []secret) *host.Response {
	h.tb.Helper()
	req.ToolCredentials = h.dify.chosen()
	timeout := callTimeout
	if h.dify.waits() {
		timeout = waitTimeout
	}
	ctx, cancel := context.WithTimeout(h.tb.Context(), timeout)
	defer cancel()
	response, err := h.conn.Do(ctx, req)
	if err != nil {
		h.tb.Fatalf("%s: %v", req.Action, err)
	}
	h.reportFaults()
	h.checkCalls(response.Session, secrets)
	return response
}

// decode sends a request and decodes its first result into the value that v points to.
func (h *Host) decode(req host.Request, secrets []secret, v any) error {
	h.tb.Helper()
	response := h.do(req, secrets)
	if response.Err == nil && len(response.Results) == 0 {
		h.tb.Errorf("%s: the plugin returns neither a result nor an error", req.Action)
	}
	err := response.Decode(v)
	if response.Err != nil {
		return wireError(response.Err)
	}
	return err
}

// reportFaults reports the faults since the last call.
func (h *Host) reportFaults() {
	h.tb.Helper()
	h.reported.mu.Lock()
	defer h.reported.mu.Unlock()
	faults := h.conn.Faults()
	for _, fault := range faults[h.reported.n:] {
		h.tb.Errorf("Dify would reject what the plugin sends: %s", fault)
	}
	h.reported.n = len(faults)
	h.dify.report()
}

// wireError returns an error that a plugin has sent.
func wireError(e *host.Error) *runtime.Error {
	return &runtime.Error{Type: runtime.ErrorType(e.Type), Err: errors.New(e.Message)}
}

// logBuffer collects a log.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(data)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// WantError checks that err, of a call of a Host, has a type and contains a text. It reports
// problems as errors of tb.
func WantError(tb testing.TB, err error, want runtime.ErrorType, text string) {
	tb.Helper()
	var e *runtime.Error
	switch {
	case !errors.As(err, &e):
		tb.Errorf("got %v, want %s: %s", err, want, text)
	case e.Type != want || !strings.Contains(e.Error(), text):
		tb.Errorf("got %s: %v, want %s: %s", e.Type, err, want, text)
	}
}
