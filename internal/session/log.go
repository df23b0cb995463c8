package session

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// NewLogHandler returns a handler that passes records on to next. If a record's context
// belongs to a request, the handler adds the request's ID and action and redacts its
// secrets. Otherwise, it redacts the secrets of all running requests. It cuts texts of more than
// 64 KiB.
func NewLogHandler(next slog.Handler) slog.Handler {
	return &logHandler{next: next}
}

// running holds the running sessions of this process, for records outside of a request.
var running sync.Map // of *session

// logHandler delays the calls of its With methods until a record is handled: only then
// are the secrets known.
type logHandler struct {
	next  slog.Handler
	calls []handlerCall
}

// handlerCall calls a With method of a handler, with a function that redacts attributes.
type handlerCall = func(next slog.Handler, clean func(slog.Attr) slog.Attr) slog.Handler

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(next slog.Handler, clean func(slog.Attr) slog.Attr) slog.Handler {
		return next.WithAttrs(mapAttrs(attrs, clean))
	})
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return h.with(func(next slog.Handler, clean func(slog.Attr) slog.Attr) slog.Handler {
		return next.WithGroup(clean(slog.Attr{Key: name}).Key)
	})
}

func (h *logHandler) with(call handlerCall) slog.Handler {
	return &logHandler{h.next, append(slices.Clip(h.calls), call)}
}

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	s, _ := ctx.Value(sessionKey{}).(*session)
	next := h.next
	if s != nil {
		next = next.WithAttrs([]slog.Attr{slog.String("request", s.id), slog.String("action", s.action)})
	}
	if len(h.calls) == 0 && ctx.Value(cleanKey{}) != nil {
		return next.Handle(ctx, r)
	}
	redact := redactionOfAll
	if s != nil {
		redact = s.secrets.redaction
	}
	return handleClean(ctx, h.calls, next, r, redact())
}

// handleClean passes a record on without secrets.
func handleClean(ctx context.Context, calls []handlerCall, next slog.Handler, r slog.Record, redact func(string) string) error {
	clean := func(a slog.Attr) slog.Attr { return redactAttr(a, redact) }
	for _, call := range calls {
		next = call(next, clean)
	}
	out := slog.NewRecord(r.Time, r.Level, redact(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(clean(a))
		return true
	})
	return next.Handle(ctx, out)
}

// cleanKey is the context key of a record of this package that has no secrets.
type cleanKey struct{}

func redactAttr(a slog.Attr, redact func(string) string) slog.Attr {
	return slog.Attr{Key: redact(a.Key), Value: redactValue(a.Value, redact)}
}

func mapAttrs(attrs []slog.Attr, clean func(slog.Attr) slog.Attr) []slog.Attr {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = clean(a)
	}
	return out
}

// logEnd logs the outcome of a request. The frame has no secrets.
func (s *Server) logEnd(ctx context.Context, ss *session, frame *errorFrame) {
	level := slog.LevelInfo
	if frame != nil {
		level = slog.LevelWarn
	}
	if !s.cfg.Logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.Duration("duration", time.Since(ss.started))}
	if frame != nil {
		attrs = append(attrs, slog.String("error_type", string(frame.ErrorType)), slog.String("error", frame.Message))
	}
	s.cfg.Logger.LogAttrs(context.WithValue(ctx, cleanKey{}, true), level, "request finished", attrs...)
}
