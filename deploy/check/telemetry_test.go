package check

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp" // of the plugin that docs/deploy.md shows
	_ "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	_ "github.com/difygen/difygen/deploy/otel"
	"github.com/difygen/difygen/internal/test/plugintest"
)

// mainRE matches the program in docs/deploy.md.
var mainRE = regexp.MustCompile("(?s)```go\n(package main\n.*?)```")

// TestTelemetry builds a plugin with the main of docs/deploy.md, calls it, stops it, and checks what a
// collector got.
func TestTelemetry(t *testing.T) {
	t.Parallel()
	module := newModule(t, "github")
	m := mainRE.FindSubmatch(read(t, root+"/docs/deploy.md"))
	if m == nil {
		t.Fatal("docs/deploy.md has no program")
	}
	write(t, filepath.Join(module, "main.go"), m[1])
	write(t, filepath.Join(module, "go.mod"), []byte(pluginModule(t)))
	write(t, filepath.Join(module, "go.sum"), read(t, "go.sum"))
	binary := filepath.Join(t.TempDir(), "plugin")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	got := newCollector(t)
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Env = t.TempDir(), []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + got.URL, "OTEL_SERVICE_NAME=github"}
	p, err := plugintest.Serve(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	const message = "List issues: Repository (repository) is required"
	if response := invoke(t, p.Addr); !strings.Contains(response, message) {
		t.Errorf("got %s", response)
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the plugin exits with %v", err)
	}
	want := []string{
		"metric dify.server.active_calls", "metric dify.server.calls", "metric rpc.server.call.duration",
		"span tool/invoke_tool of " + hostSpan + ": " + message,
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	slices.Sort(got.names)
	if diff := cmp.Diff(want, got.names); diff != "" {
		t.Errorf("the collector (-want +got):\n%s", diff)
	}
}

// hostSpan is the span of the host that calls the plugin.
const hostSpan = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// invoke calls a tool without its parameters, as a host that traces does, and returns the
// response.
func invoke(t *testing.T, addr string) string {
	t.Helper()
	const line = `{"session_id":"1","event":"request","data":{"type":"tool","action":"invoke_tool","user_id":"user-1","provider":"github","tool":"list_issues",` +
		`"credentials":{"access_token":"a-token-of-a-user"},"tool_parameters":{}}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/invoke?action=invoke_tool", strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Traceparent", hostSpan)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	response, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(response)
}

// pluginModule returns a go.mod for the plugin: that of this module, so that nothing needs to be
// downloaded.
func pluginModule(t *testing.T) string {
	t.Helper()
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(read(t, "go.mod")), "module github.com/difygen/difygen/deploy/check\n", "module example.com/plugin\n", 1)
	text = strings.Replace(text, "=> ../otel\n", fmt.Sprintf("=> %q\n", filepath.Join(absolute, "deploy", "otel")), 1)
	return strings.Replace(text, "=> ../..\n", fmt.Sprintf("=> %q\n", absolute), 1)
}

// collector is a collector of OpenTelemetry, over HTTP.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	names []string // of spans, with their parents and the messages of their status, and of metrics
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := new(collector)
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	var spans tracepb.ExportTraceServiceRequest
	var metrics metricspb.ExportMetricsServiceRequest
	if err == nil && r.URL.Path == "/v1/traces" {
		err = proto.Unmarshal(data, &spans)
	} else if err == nil {
		err = proto.Unmarshal(data, &metrics)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range spans.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				c.names = append(c.names, fmt.Sprintf("span %s of 00-%x-%x-01: %s", s.Name, s.TraceId, s.ParentSpanId, s.Status.Message))
			}
		}
	}
	for _, resource := range metrics.ResourceMetrics {
		for _, scope := range resource.ScopeMetrics {
			for _, m := range scope.Metrics {
				c.names = append(c.names, "metric "+m.Name)
			}
		}
	}
}
