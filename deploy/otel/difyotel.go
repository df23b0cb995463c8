// Package difyotel makes OpenTelemetry's traces and metrics of the calls that a plugin answers:
//
//	func main() {
//		telemetry, err := difyotel.New()
//		if err != nil {
//			log.Fatal(err)
//		}
//		serve.Main(newPlugin(&github.Provider{}, serve.WithInterceptor(telemetry)))
//	}
//
// It uses the global providers of OpenTelemetry, unless others are given. Those decide what is
// sampled and where it goes.
//
// # Spans
//
// A call has a span from its arrival to its end, of kind server, named by its type and action, such
// as tool/invoke_tool. Its parent is the span of the host, if the host says which (W3C Trace
// Context); only the serverless transport has it. It becomes the parent of spans of the author's
// code. It has these attributes:
//
//	rpc.system.name       dify
//	rpc.method            the type and the action
//	dify.FIELD            what else chose the code, such as dify.provider and dify.tool
//	dify.session.id       the ID that the host gave the call
//	dify.conversation.id  where the call comes from, as far as Dify says so;
//	dify.message.id       these are also known as fields of runtime.Call
//	dify.app.id
//	dify.endpoint.id
//	dify.call.timeout     the seconds that the call had from its arrival
//	error.type            of a call that failed, such as InvokeError
//	user.id               only with WithUserID
//
// An event named running marks when the call had waited for its turn. The status of a call that
// failed is an error, with the message that the host gets, which has no secrets.
//
// # Metrics
//
//	rpc.server.call.duration  histogram, in seconds: from the arrival of calls to their end
//	dify.server.calls         counter: calls that have ended
//	dify.server.active_calls  up-down counter: calls that have not ended
//
// Their attributes are those of spans that have few values: rpc.system.name, rpc.method, dify.FIELD
// and, of calls that have ended, error.type.
//
// Requests that a plugin refuses as they arrive, such as those that it does not support, have
// neither spans nor metrics.
package difyotel

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/rpcconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// Scope is the name of the instrumentation scope of all spans and metrics.
const Scope = "github.com/difygen/difygen/deploy/otel"

// system is the value of rpc.system.name.
const system = "dify"

// boundaries are those of the histogram, in seconds. Those of the semantic conventions end at 10
// seconds, but calls may take minutes.
var boundaries = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300}

// Option is a setting of New.
type Option func(*telemetry)

// WithTracerProvider sets what makes spans, instead of the global provider.
func WithTracerProvider(p trace.TracerProvider) Option { return func(t *telemetry) { t.tracers = p } }

// WithMeterProvider sets what makes metrics, instead of the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(t *telemetry) { t.meters = p } }

// WithUserID adds the IDs of Dify's users to spans. They are personal data, and so are traces
// that have them.
func WithUserID() Option { return func(t *telemetry) { t.userID = true } }

// telemetry makes spans and metrics.
type telemetry struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
	userID  bool

	tracer   trace.Tracer
	duration metric.Float64Histogram
	calls    metric.Int64Counter
	active   metric.Int64UpDownCounter
}

// New returns an interceptor that makes spans and metrics. As the first one of a plugin, it also sees
// what others refuse. New returns an error if the meter provider does not make the instruments.
func New(options ...Option) (serve.Interceptor, error) {
	t := &telemetry{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, o := range options {
		o(t)
	}
	t.tracer = t.tracers.Tracer(Scope, trace.WithSchemaURL(semconv.SchemaURL))
	meter := t.meters.Meter(Scope, metric.WithSchemaURL(semconv.SchemaURL))
	var errs [3]error
	var duration rpcconv.ServerCallDuration
	t.duration, errs[0] = meter.Float64Histogram(duration.Name(), metric.WithDescription(duration.Description()),
		metric.WithUnit(duration.Unit()), metric.WithExplicitBucketBoundaries(boundaries...))
	t.calls, errs[1] = meter.Int64Counter("dify.server.calls",
		metric.WithDescription("Calls of the plugin that have ended."), metric.WithUnit("{call}"))
	t.active, errs[2] = meter.Int64UpDownCounter("dify.server.active_calls",
		metric.WithDescription("Calls of the plugin that have not ended."), metric.WithUnit("{call}"))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("metrics of calls: %w", err)
	}
	return t.intercept, nil
}

// intercept makes the span and the metrics of a call.
func (t *telemetry) intercept(ctx context.Context, info serve.CallInfo, next func(context.Context) error) (err error) {
	method := info.Type + "/" + info.Action
	few := make([]attribute.KeyValue, 0, len(info.Keys)+3) // that have few values
	few = append(few, semconv.RPCSystemNameKey.String(system), semconv.RPCMethod(method))
	for _, k := range info.Keys {
		few = append(few, attribute.String("dify."+k.Field, k.Value))
	}
	ctx, span := t.tracer.Start(withParent(ctx), method, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithTimestamp(info.Received), trace.WithAttributes(few...), trace.WithAttributes(t.origin(ctx, info)...))
	span.AddEvent("running")
	active := metric.WithAttributeSet(attribute.NewSet(few...))
	t.active.Add(ctx, 1, active)

	err = errNoReturn // unless next returns
	defer func() {
		end := time.Now()
		if err != nil {
			kind := semconv.ErrorTypeKey.String(typeOf(err))
			few = append(few, kind)
			span.SetAttributes(kind)
			span.SetStatus(codes.Error, err.Error()) // without secrets
		}
		ended := metric.WithAttributeSet(attribute.NewSet(few...))
		t.active.Add(ctx, -1, active)
		t.calls.Add(ctx, 1, ended)
		t.duration.Record(ctx, end.Sub(info.Received).Seconds(), ended)
		span.End(trace.WithTimestamp(end))
	}()
	err = next(ctx)
	return err
}

// errNoReturn is the error of a call in which next does not return, since an inner interceptor ends
// the goroutine. Panics are errors of next.
var errNoReturn = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("an interceptor did not return")}

// withParent returns a context with the host's span, if the host says which it is.
func withParent(ctx context.Context) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": runtime.Traceparent(ctx)})
}

// origin returns the attributes of a call that only spans have.
func (t *telemetry) origin(ctx context.Context, info serve.CallInfo) []attribute.KeyValue {
	list := []attribute.KeyValue{attribute.String("dify.session.id", info.SessionID)}
	for _, id := range [...]struct{ name, value string }{
		{"dify.conversation.id", info.ConversationID},
		{"dify.message.id", info.MessageID},
		{"dify.app.id", info.AppID},
		{"dify.endpoint.id", info.EndpointID},
		{"dify.model", info.Model},
	} {
		if id.value != "" {
			list = append(list, attribute.String(id.name, id.value))
		}
	}
	if deadline, ok := ctx.Deadline(); ok {
		list = append(list, attribute.Float64("dify.call.timeout", deadline.Sub(info.Received).Seconds()))
	}
	if t.userID && info.UserID != "" {
		list = append(list, semconv.UserID(info.UserID))
	}
	return list
}

// typeRE matches the types of errors. Others, which an author might make of what changes with
// each call, would make a metric of each.
var typeRE = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]{0,63}$`)

// typeOf returns the type of an error.
func typeOf(err error) string {
	if e := (*runtime.Error)(nil); errors.As(err, &e) && typeRE.MatchString(string(e.Type)) {
		return string(e.Type)
	}
	return semconv.ErrorTypeOther.Value.AsString()
}
