package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/difygen/difygen/internal/weigh"
	"github.com/difygen/difygen/runtime"
)

// maxPatience is for how many seconds a host that is slow gets the errors of requests that a stop
// ends.
const maxPatience = 10

// maxWaiting is how many requests may wait for a slot. More are refused, to limit memory.
const maxWaiting = 10_000

// Server handles requests, over any transport.
type Server struct {
	plugin   *Plugin
	cfg      Config
	timedOut error // of a request that has passed its deadline
	// slots limits the requests that run at the same time.
	slots   chan struct{}
	pending pending
	began   time.Time
	// callbackID is where the IDs of calls back into Dify start, which no other process has;
	// lastCallback is the number of the last one. Queued counts the bytes of replies that wait to be read.
	callbackID   string
	lastCallback atomic.Uint64
	queued       atomic.Int64
	// base is the parent of the contexts of requests. It is not canceled when the plugin
	// is told to stop, so that requests can finish.
	base   context.Context
	cancel context.CancelCauseFunc
	// abandoned counts code that runs although its request has ended. If there is too much, failed
	// is closed.
	abandoned atomic.Int64
	fail      sync.Once
	failed    chan struct{}
	refused   refusedWebhooks
}

// NewServer returns a server of a plugin for which Check and Configure return no errors. The
// settings are those that Configure returns. Close ends it.
func NewServer(ctx context.Context, p *Plugin, cfg Config) *Server {
	s := &Server{
		plugin: p, cfg: cfg, timedOut: fmt.Errorf("%w after %v", errDeadline, cfg.RequestTimeout), slots: make(chan struct{}, cfg.MaxRequests),
		failed: make(chan struct{}), began: time.Now(), callbackID: rand.Text() + "-",
	}
	s.base, s.cancel = context.WithCancelCause(runtime.WithPanicReport(context.WithoutCancel(ctx), s.reportPanic))
	return s
}

// Context returns the parent of the contexts of requests. It is done after Close, and when
// requests have not finished in time after Drain.
func (s *Server) Context() context.Context { return s.base }

// Failed returns a channel that is closed when the plugin must end, and Err says why.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// Err returns why the plugin must end, or nil.
func (s *Server) Err() error {
	select {
	case <-s.failed:
		return errAbandoned
	default:
		return nil
	}
}

// Stop refuses new requests from now on.
func (s *Server) Stop() {
	if running, first := s.pending.close(); first {
		s.cfg.Logger.Info("stopping", "requests", running)
	}
}

// Stopping reports whether new requests are refused.
func (s *Server) Stopping() bool { return s.pending.isClosed() }

// Close cancels the requests that are still running.
func (s *Server) Close() { s.cancel(errStopping) }

// Drain refuses new requests and waits for pending ones to finish. When the stop timeout
// has passed, it ends them with an error.
func (s *Server) Drain() {
	s.Stop()
	timer := time.NewTimer(s.cfg.StopTimeout)
	defer timer.Stop()
	select {
	case <-s.pending.idle():
		return
	case <-timer.C:
	}
	s.cancel(errStopping)
	// The errors have some seconds to be sent, as long as a slow host reads any.
	idle := s.pending.idle()
	left := s.pending.count()
	for range maxPatience {
		timer.Reset(time.Second)
		select {
		case <-idle:
			return
		case <-timer.C:
		}
		before := left
		if left = s.pending.count(); left == before {
			return
		}
	}
}

// receive handles a line from the host, which is valid until receive returns. A long one takes
// long to decode, so receive only admits it; the function detach keeps it. Replies to calls back into
// Dify take no slot, and come through while the plugin stops.
func (s *Server) receive(ctx context.Context, line []byte, detach func([]byte) []byte, out *connection) {
	if r, ok := parseReply(line); ok {
		if c := out.callbacks.find(&r); c != nil { // or it is of one that has ended, or of none
			c.deliver(&r, line, detach)
		}
		return
	}
	size, err := s.admit(line)
	switch {
	case len(line) <= shortLine:
		s.open(ctx, line, "", size, err, out)
	case err != nil:
		s.refuseLong(ctx, line, "", err, out)
	default:
		line = detach(line)
		go s.open(ctx, line, "", size, nil, out)
	}
}

// admit makes a line a pending request, unless there is no room for it. It returns the size that
// the line has when it is decoded.
func (s *Server) admit(line []byte) (size int, err error) {
	size = weigh.JSON(line)
	return size, s.pending.add(s.cfg.MaxRequests+maxWaiting, size)
}

// refuseLong refuses a long line, which it does not decode. The ID is used if the line has none.
func (s *Server) refuseLong(ctx context.Context, line []byte, id string, err error, out *connection) {
	if id = cmp.Or(IDOf(line[:keptPrefix]), id); id != "" {
		s.refuse(ctx, newSession(id, out), err)
	} else {
		s.fault(ctx, "", "a message from the host is refused: "+err.Error(), out)
	}
}

// open decodes a line from the host, which is pending unless err is not nil. If the line is a
// request, open runs it in the background and returns its session; otherwise, it returns nil. The
// ID is used if the line has none.
func (s *Server) open(ctx context.Context, line []byte, id string, size int, err error, out *connection) *session {
	ss, w := s.decode(ctx, line, id, err, out)
	switch {
	case w != nil:
		go s.handle(ctx, w, size)
	case err == nil:
		s.pending.done(size)
	}
	return ss
}

// decode decodes a line from the host, and returns its session if it is a request, and its work
// unless it is refused, with that error or another one.
func (s *Server) decode(ctx context.Context, line []byte, id string, err error, out *connection) (*session, *work) {
	e, wrong := decodeEnvelope(line)
	if wrong != nil && !errors.Is(wrong, errData) {
		s.fault(ctx, cmp.Or(IDOf(line), id), "a message from the host is malformed", out)
		return nil, nil
	}
	id = cmp.Or(e.SessionID, id)
	switch {
	case e.Event == "":
		s.fault(ctx, id, "a message from the host has no event", out)
		return nil, nil
	case e.Event != eventRequest:
		return nil, nil // such as a reply to a call back into Dify that has come another way than it should
	case id == "":
		s.fault(ctx, "", "a request from the host has no session_id", out)
		return nil, nil
	}
	ss := newSession(id, out)
	req, r, wrong := s.prepare(&e, wrong, ss)
	if err = cmp.Or(wrong, err); err != nil {
		s.refuse(ctx, ss, err)
		return ss, nil
	}
	ss.request, ss.credentials = req, toolCredentials(e.Context)
	model, _ := req.Data["model"].(string)
	return ss, &work{server: s, session: ss, route: r, call: req.Call, model: model, http: e.http}
}

// prepare returns the request of a message and its route, and collects its secrets.
func (s *Server) prepare(e *envelope, err error, ss *session) (*runtime.Request, *route, error) {
	req, act, wrong := e.request()
	err = cmp.Or(err, wrong)
	var r *route
	if err == nil {
		r, err = s.plugin.find(act, req)
	}
	if r != nil {
		ss.action = r.action
		ss.secrets.add(r.names.secretsOf(req.Data)...)
	} else {
		ss.action = act.String()
		ss.secrets.add(names(nil).secretsOf(req.Data)...)
	}
	req.Stream, req.MaxResult = ss.stream, ss.maxResult()
	return req, r, err
}

// fault reports an invalid line from the host. If its session is known, fault also ends
// the request.
func (s *Server) fault(ctx context.Context, sessionID, problem string, out *connection) {
	if sessionID == "" {
		s.cfg.Logger.WarnContext(ctx, problem)
	}
	s.aside(out, func() {
		if !out.transport.Strict {
			_ = out.write(faultLine(sessionID, problem)) // the reader detects a broken connection
		}
		if sessionID != "" {
			s.endRefused(ctx, newSession(sessionID, out), invalid(problem))
		}
	})
}

// refuse ends a request that has not run.
func (s *Server) refuse(ctx context.Context, ss *session, err error) {
	s.aside(ss.out, func() { s.endRefused(ctx, ss, err) })
}

func (s *Server) endRefused(ctx context.Context, ss *session, err error) {
	s.end(context.WithValue(ctx, sessionKey{}, ss), ss, nil, err, runtime.ErrorUnsupported)
}

// aside calls f, which writes, in the background if the caller reads from the connection: replies to
// calls back into Dify must come through while the host does not read. If very much waits to be
// written, the caller waits, too.
func (s *Server) aside(out *connection, f func()) {
	if !out.reads || !s.pending.refuse() {
		f()
		return
	}
	go func() {
		defer s.pending.refused()
		f()
	}()
}

// end ends a request and logs it, unless it has already ended. The context has the session.
func (s *Server) end(ctx context.Context, ss *session, result []byte, err error, fallback runtime.ErrorType) (first bool) {
	frame, first, abandoned := ss.finish(ctx, result, err, fallback)
	if first {
		s.logEnd(ctx, ss, frame)
	}
	if abandoned > 0 {
		s.abandon(ctx, abandoned)
	}
	return first
}
