package serve

import (
	"log/slog"
	"time"

	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
)

// Plugin is a plugin that can run. The generated newPlugin returns one.
type Plugin = session.Plugin

// Declaration is what Dify is told about a plugin. Generated code makes one.
type Declaration = session.Declaration

// ProviderDeclaration is what Dify is told about a provider.
type ProviderDeclaration = session.ProviderDeclaration

// NewPlugin returns a plugin. Generated code calls it. Run returns an error for what is wrong
// with the arguments.
func NewPlugin(d Declaration, options []Option, adapters ...runtime.Adapter) *Plugin {
	return session.NewPlugin(d, options, adapters...)
}

// Option is a setting. It overrides the environment.
type Option = session.Option

// WithLogger sets the logger of Run. Run logs its start, every request with its ID,
// action and duration, and what goes wrong, without the secrets of requests. If logger
// is nil, Run does not log.
func WithLogger(logger *slog.Logger) Option { return session.WithLogger(logger) }

// WithRequestTimeout sets how long a request may take. The host waits 600 seconds by
// default.
func WithRequestTimeout(timeout time.Duration) Option { return session.WithRequestTimeout(timeout) }

// WithStopTimeout sets how long running requests may continue when the plugin stops,
// 20 seconds by default. After that, their contexts are canceled and they fail. For remote
// debugging, the connection is closed and contexts are canceled at once, and code may continue
// for 2 seconds by default.
func WithStopTimeout(timeout time.Duration) Option { return session.WithStopTimeout(timeout) }

// WithMaxRequests sets how many requests run at the same time, 1000 by default. Up to 10,000 more
// wait, or 1000 if the plugin is serverless; further ones are refused.
func WithMaxRequests(limit int) Option { return session.WithMaxRequests(limit) }

// CallInfo says what an Interceptor runs around: see runtime.CallInfo.
type CallInfo = runtime.CallInfo

// Interceptor runs around every call for which the plugin has a route: see runtime.Interceptor.
type Interceptor = runtime.Interceptor

// WithInterceptor adds an interceptor. The first one is outermost.
func WithInterceptor(i Interceptor) Option { return session.WithInterceptor(i) }

// NewLogHandler returns a handler that passes records on to next. If a record's context
// belongs to a request, the handler adds the request's ID and action and redacts its
// secrets. Otherwise, it redacts the secrets of all running requests. It cuts texts of more than
// 64 KiB.
func NewLogHandler(next slog.Handler) slog.Handler { return session.NewLogHandler(next) }
