package difyotel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	difyotel "github.com/difygen/difygen/deploy/otel"
	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "s3cret-of-a-user"

// plugin is a running plugin with the tool "do", which does what its parameter says, and what it
// has exported.
type plugin struct {
	*session.Server
	spans   *tracetest.InMemoryExporter
	metrics *sdkmetric.ManualReader
	running func() // is called while the tool runs
}

func start(t *testing.T, more []serve.Option, options ...difyotel.Option) *plugin {
	t.Helper()
	p := &plugin{spans: tracetest.NewInMemoryExporter(), metrics: sdkmetric.NewManualReader(), running: func() {}}
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(p.spans))
	interceptor, err := difyotel.New(append([]difyotel.Option{
		difyotel.WithTracerProvider(tracers), difyotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.metrics))),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	tool := runtime.ToolBinding{Name: "do", Invoke: func(ctx context.Context, call runtime.ToolCall, out *runtime.ToolOutput) error {
		p.running()
		switch call.Parameters["what"] {
		case "fail":
			return errors.New("the service rejects " + secret)
		case "strange":
			return &runtime.Error{Type: "no such issue: 4711", Err: errors.New("there is none")}
		case "panic":
			panic(secret)
		case "wait":
			<-ctx.Done()
			return ctx.Err()
		case "span":
			_, span := tracers.Tracer("author").Start(ctx, "inner")
			span.End()
		}
		return out.Text("done")
	}}
	adapter := runtime.NewTool(runtime.ToolConfig{Name: "box", Tools: []runtime.ToolBinding{tool}, Fields: &runtime.Fields{Secret: []string{"key"}, Public: []string{"what"}}})
	model := runtime.NewModel(runtime.ModelConfig{Name: "box", CustomModel: func(context.Context, runtime.ModelCall, map[string]any) (*runtime.ModelSchema, error) {
		return new(runtime.ModelSchema), nil
	}})
	declaration := serve.Declaration{Author: "a", Name: "n", Version: "0.0.1", Manifest: "{}", Providers: []serve.ProviderDeclaration{{Type: "tool_declaration", Data: "{}"}}}
	declared := serve.NewPlugin(declaration, append([]serve.Option{serve.WithInterceptor(interceptor), serve.WithRequestTimeout(30 * time.Second)}, more...), adapter, model)
	config, err := declared.Configure(session.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	p.Server = session.NewServer(t.Context(), declared, config)
	t.Cleanup(p.Close)
	return p
}

// do calls the tool.
func (p *plugin) do(ctx context.Context, t *testing.T, what string) {
	t.Helper()
	line, err := json.Marshal(map[string]any{
		"session_id": "session-1", "conversation_id": "conversation-1", "message_id": "message-1", "app_id": nil, "event": "request",
		"data": map[string]any{
			"type": "tool", "action": "invoke_tool", "user_id": "user-1", "provider": "box", "tool": "do",
			"credentials": map[string]any{"key": secret}, "tool_parameters": map[string]any{"what": what},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Answer(ctx, session.HTTP, line, "", io.Discard)
}

// attributes returns attributes in a form that tests compare.
func attributes(list []attribute.KeyValue) map[string]any {
	values := make(map[string]any)
	for _, a := range list {
		values[string(a.Key)] = a.Value.AsInterface()
	}
	return values
}

const hostSpan = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// TestSpans checks the spans of calls that end in each way.
func TestSpans(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, errorType, message string
	}{
		{"", "", ""},
		{"fail", "InvokeError", "the service rejects [redacted]"},
		{"strange", "_OTHER", "there is none"},
		{"panic", "InvokeError", "the plugin failed with an internal error; see its log"},
		{"wait", "TimeoutError", "the request timed out after 30s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := start(t, nil)
			defer p.Close()
			arrived := time.Now()
			p.do(runtime.WithTraceparent(p.Context(), hostSpan), t, test.what)
			synctest.Wait() // until the interceptor has returned
			spans := p.spans.GetSpans()
			if len(spans) != 1 {
				t.Fatalf("%q: got %d spans", test.what, len(spans))
			}
			s := spans[0]
			if strings.Contains(fmt.Sprintf("%+v", s), secret) {
				t.Errorf("%q: the span has a secret", test.what)
			}
			want := map[string]any{
				"rpc.system.name": "dify", "rpc.method": "tool/invoke_tool", "dify.provider": "box", "dify.tool": "do",
				"dify.session.id": "session-1", "dify.conversation.id": "conversation-1", "dify.message.id": "message-1", "dify.call.timeout": 30.0,
			}
			status := sdktrace.Status{}
			if test.errorType != "" {
				want["error.type"] = test.errorType
				status = sdktrace.Status{Code: codes.Error, Description: test.message}
			}
			if diff := cmp.Diff(want, attributes(s.Attributes)); diff != "" {
				t.Errorf("%q: attributes (-want +got):\n%s", test.what, diff)
			}
			if diff := cmp.Diff(status, s.Status); diff != "" {
				t.Errorf("%q: status (-want +got):\n%s", test.what, diff)
			}
			if s.Name != "tool/invoke_tool" || s.SpanKind != trace.SpanKindServer || s.InstrumentationScope.Name != difyotel.Scope {
				t.Errorf("%q: got %s, %v, %v", test.what, s.Name, s.SpanKind, s.InstrumentationScope)
			}
			if got := fmt.Sprintf("00-%s-%s-01", s.SpanContext.TraceID(), s.Parent.SpanID()); got != hostSpan || !s.Parent.IsRemote() {
				t.Errorf("%q: the parent is %s", test.what, got)
			}
			if !s.StartTime.Equal(arrived) || test.what == "wait" && s.EndTime.Sub(arrived) != 30*time.Second || len(s.Events) != 1 || s.Events[0].Name != "running" {
				t.Errorf("%q: from %v to %v after the arrival, events %v", test.what, s.StartTime.Sub(arrived), s.EndTime.Sub(arrived), s.Events)
			}
		})
	}
}

// TestInnerSpan checks that a span of the author's code is a child of that of the call, which
// without a host's span begins a trace.
func TestInnerSpan(t *testing.T) {
	t.Parallel()
	p := start(t, nil, difyotel.WithUserID())
	p.do(p.Context(), t, "span")
	spans := p.spans.GetSpans()
	if len(spans) != 2 || spans[0].Name != "inner" || spans[0].Parent.SpanID() != spans[1].SpanContext.SpanID() || spans[1].Parent.IsValid() {
		t.Fatalf("got %+v", spans)
	}
	if got := attributes(spans[1].Attributes)["user.id"]; got != "user-1" {
		t.Errorf("with WithUserID, the user's ID is %v", got)
	}
}

// TestModelSpan checks that the span of a call of a model says which, and that the metrics do not: users
// make up names.
func TestModelSpan(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	line := `{"session_id":"s","event":"request","data":{"type":"model","action":"get_ai_model_schemas","provider":"box","model_type":"llm","model":"my-own","credentials":{}}}`
	p.Answer(p.Context(), session.HTTP, []byte(line), "", io.Discard)
	spans := p.spans.GetSpans()
	if len(spans) != 1 || attributes(spans[0].Attributes)["dify.model"] != "my-own" {
		t.Errorf("got %+v", spans)
	}
	if got := fmt.Sprint(p.collect(t)); strings.Contains(got, "my-own") {
		t.Errorf("metrics: %s", got)
	}
}

// TestMetrics checks the metrics of calls, during one and after several.
func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := start(t, nil)
		defer p.Close()
		during := make(map[string]any)
		p.running = func() { during = p.collect(t) }
		p.do(p.Context(), t, "")
		const few = "dify.provider=box,dify.tool=do,"
		const method = "rpc.method=tool/invoke_tool,rpc.system.name=dify"
		if diff := cmp.Diff(map[string]any{"dify.server.active_calls{" + few + method + "}": int64(1)}, during); diff != "" {
			t.Errorf("during a call (-want +got):\n%s", diff)
		}
		p.running = func() {}
		p.do(p.Context(), t, "")
		p.do(p.Context(), t, "fail")
		p.do(p.Context(), t, "wait")
		synctest.Wait() // until the interceptor has returned
		want := map[string]any{
			"dify.server.active_calls{" + few + method + "}":                              int64(0),
			"dify.server.calls{" + few + method + "}":                                     int64(2),
			"dify.server.calls{" + few + "error.type=InvokeError," + method + "}":         int64(1),
			"dify.server.calls{" + few + "error.type=TimeoutError," + method + "}":        int64(1),
			"rpc.server.call.duration{" + few + method + "}":                              "2 in 0 s",
			"rpc.server.call.duration{" + few + "error.type=InvokeError," + method + "}":  "1 in 0 s",
			"rpc.server.call.duration{" + few + "error.type=TimeoutError," + method + "}": "1 in 30 s",
		}
		if diff := cmp.Diff(want, p.collect(t)); diff != "" {
			t.Errorf("after all (-want +got):\n%s", diff)
		}
	})
}

// collect returns all metrics, by their names and attributes.
func (p *plugin) collect(t *testing.T) map[string]any {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := p.metrics.Collect(context.Background(), &data); err != nil {
		t.Error(err)
	}
	values := make(map[string]any)
	add := func(name string, set attribute.Set, value any) {
		var list []string
		for _, a := range set.ToSlice() {
			list = append(list, string(a.Key)+"="+a.Value.String())
		}
		slices.Sort(list)
		values[name+"{"+strings.Join(list, ",")+"}"] = value
	}
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, point := range d.DataPoints {
					add(m.Name, point.Attributes, point.Value)
				}
			case metricdata.Histogram[float64]:
				for _, point := range d.DataPoints {
					add(m.Name, point.Attributes, fmt.Sprintf("%d in %v s", point.Count, point.Sum))
				}
			default:
				t.Errorf("%s is a %T", m.Name, d)
			}
		}
	}
	return values
}

// TestOtherInterceptors checks what is exported if an inner interceptor refuses a call with an
// error that has a secret, or panics.
func TestOtherInterceptors(t *testing.T) {
	t.Parallel()
	refuse := func(context.Context, serve.CallInfo, func(context.Context) error) error {
		return fmt.Errorf("no calls with %s: %w", secret, &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("too many")})
	}
	crash := func(context.Context, serve.CallInfo, func(context.Context) error) error { panic(secret) }
	for name, test := range map[string]struct {
		interceptor serve.Interceptor
		want        sdktrace.Status
		errorType   string
	}{
		"refuse": {refuse, sdktrace.Status{Code: codes.Error, Description: "no calls with [redacted]: too many"}, "InvokeRateLimitError"},
		"panic":  {crash, sdktrace.Status{Code: codes.Error, Description: "the plugin failed with an internal error; see its log"}, "InvokeError"},
	} {
		p := start(t, []serve.Option{serve.WithInterceptor(test.interceptor)})
		p.do(p.Context(), t, "")
		spans := p.spans.GetSpans()
		if len(spans) != 1 {
			t.Fatalf("%s: got %d spans", name, len(spans))
		}
		if diff := cmp.Diff(test.want, spans[0].Status); diff != "" {
			t.Errorf("%s: status (-want +got):\n%s", name, diff)
		}
		if got := attributes(spans[0].Attributes)["error.type"]; got != test.errorType {
			t.Errorf("%s: the error's type is %v, want %s", name, got, test.errorType)
		}
		for metric, value := range p.collect(t) {
			if strings.Contains(metric, "active_calls") && value != int64(0) {
				t.Errorf("%s: %s is %v", name, metric, value)
			}
		}
	}
}
