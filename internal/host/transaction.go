package host

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// MaxTransaction is how many bytes of a call back the host reads in serverless mode.
const MaxTransaction = 6 << 20

// transactionPath is where plugins in serverless mode send calls back.
const transactionPath = "/backwards-invocation/transaction"

// transactions has the sessions of plugins in serverless mode, and answers their calls back.
type transactions struct {
	faults
	lastID atomic.Int64
	ids    callbackIDs
	ctx    context.Context //nolint:containedctx // of calls back: done when the host is closed
	cancel context.CancelFunc

	lock     sync.Mutex
	handler  Handler // nil for a host that answers none
	sessions map[string]*call
}

func newTransactions(handler Handler) *transactions {
	t := &transactions{handler: handler, sessions: make(map[string]*call)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Answer sets what answers calls back from now on. Without a handler, one is a fault.
func (t *transactions) Answer(handler Handler) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.handler = handler
}

func (t *transactions) begin(id string, c *call) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.sessions[id] = c
}

func (t *transactions) end(id string, c *call) {
	t.lock.Lock()
	defer t.lock.Unlock()
	c.close()
	if t.sessions[id] == c {
		delete(t.sessions, id)
	}
}

// Daemon is the part of a host to which plugins in serverless mode send calls back.
type Daemon struct {
	*transactions
	listener net.Listener
	server   *http.Server
	served   sync.WaitGroup
}

// ListenDaemon starts a daemon on a loopback address. The handler answers calls back.
func ListenDaemon(handler Handler) (*Daemon, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &Daemon{transactions: newTransactions(handler), listener: listener}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+transactionPath, d.transact)
	d.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	d.served.Go(func() { _ = d.server.Serve(listener) }) // Close ends it
	return d, nil
}

// URL returns the DIFY_PLUGIN_DAEMON_URL of plugins.
func (d *Daemon) URL() string { return "http://" + d.listener.Addr().String() }

// Host returns a host for the plugin that listens on addr. Its calls back go to d.
func (d *Daemon) Host(addr string) *Serverless { return newServerless(addr, d.transactions) }

// Close ends all calls back and stops the daemon.
func (d *Daemon) Close() {
	d.cancel()
	_ = d.server.Close()
	d.served.Wait()
}

// transact answers a call back.
func (d *Daemon) transact(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)() //nolint:contextcheck // joins two
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxTransaction+1))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if len(body) > MaxTransaction {
		d.add("a call back of more than %d bytes, which the host cannot read", MaxTransaction)
		<-ctx.Done()
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil || e.Event != "session" || e.SessionID == nil || e.Data.Type != "invoke" {
		d.add("a call back that the host does not answer: %.100q", body)
		<-ctx.Done() // a real host waits for MAX_SERVERLESS_TRANSACTION_TIMEOUT
		return
	}
	cb, err := newCallback(e.Data.Data)
	if err != nil {
		d.add("%v, which the host refuses", err)
		http.Error(w, "failed to parse request", http.StatusInternalServerError)
		return
	}
	d.lock.Lock()
	session, handler := d.sessions[*e.SessionID], d.handler
	if session != nil {
		cb.ctx = session.context(d.ctx)
		cb.From = session.typ
	}
	d.lock.Unlock()
	switch {
	case session == nil:
		notFound(w, cb.ID)
		return
	case handler == nil:
		d.add("a call back into Dify of type %s, which this host does not answer", cb.Type)
		<-ctx.Done()
		return
	}
	d.ids.check(cb.ID, &d.faults)
	cb.Session, cb.faults = *e.SessionID, &d.faults
	d.answer(ctx, w, r, cb, handler)
}

// notFound answers a call back of a session that has ended or never existed.
func notFound(w http.ResponseWriter, id string) {
	const text = "failed to get session info from cache"
	line, err := json.Marshal(map[string]any{
		"backwards_request_id": id, "event": "error", "message": text,
		"data": map[string]any{"error_type": "SessionNotFound", "message": text, "args": nil},
	})
	if err != nil {
		line = nil
	}
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(line)
}

// answer runs the handler. The response ends with the call's end, or when ctx is done.
func (d *Daemon) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, cb *Callback, handler Handler) {
	// Calls back of a plugin that does not wait for the replies end.
	own, cancel := context.WithCancel(cb.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	cb.ctx = own
	w.Header().Set("Content-Type", "text/event-stream")
	out := &transaction{ended: make(chan struct{}), flush: http.NewResponseController(w).Flush, out: w}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		zipped := gzip.NewWriter(w)
		out.out, out.flush = zipped, func() error { return errors.Join(zipped.Flush(), http.NewResponseController(w).Flush()) }
		defer func() { _ = zipped.Close() }()
	}
	defer out.close()
	cb.send, cb.done = out.send, out.end
	_ = out.flush() // of the header
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		handler(cb)
	}()
	select {
	case <-out.ended:
	case <-ctx.Done():
	}
	out.close()
	cancel()
	<-returned
}

// transaction is the response to a call back. It is safe for concurrent use.
type transaction struct {
	ended chan struct{} // closed at the end

	mu     sync.Mutex
	once   sync.Once
	closed bool
	out    io.Writer
	flush  func() error
}

// send sends a line. Unlike other transports, this one ends lines with two line feeds.
func (t *transaction) send(line []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	if len(line) > 1 {
		line = append(line[:len(line):len(line)], '\n')
	}
	if _, err := t.out.Write(line); err == nil {
		_ = t.flush() // a plugin that has gone ends the request
	}
}

func (t *transaction) end() { t.once.Do(func() { close(t.ended) }) }

// close drops what is sent from now on.
func (t *transaction) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}
