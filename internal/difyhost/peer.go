// Package difyhost stands in for a Dify host in tests: it speaks the plugin protocol
// from the host's side over TCP, pipes and HTTP, and notes whatever a real host would
// not take or would choke on.
package difyhost

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// MaxLine is what a host takes in one line over pipes and HTTP, in bytes.
const MaxLine = 5 << 20

// ErrClosed is the error of a call whose connection ended before its answer.
var ErrClosed = errors.New("the connection to the plugin has closed")

// Error is an error that a plugin answered with.
type Error struct {
	Type    string         `json:"error_type"`
	Message string         `json:"message"`
	Args    map[string]any `json:"args"`
}

// Error returns the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Answer is what a plugin answered one request with, up to its end.
type Answer struct {
	Results []json.RawMessage
	Err     *Error
}

// String shows an answer on a line: its results and its error, joined by +.
func (a *Answer) String() string {
	var parts []string
	for _, r := range a.Results {
		parts = append(parts, string(r))
	}
	if a.Err != nil {
		parts = append(parts, a.Err.Error())
	}
	return strings.Join(parts, " + ")
}

// Host is what tests call a plugin through, whatever the transport.
type Host interface {
	// Call sends a request and waits for the end of its answer.
	Call(ctx context.Context, typ, action string, fields map[string]any) (*Answer, error)
	// Faults are what a real host would not take, so far.
	Faults() []string
}

// newRequest is a request as the host sends it, with all of its keys.
func newRequest(id, typ, action string, fields map[string]any) ([]byte, error) {
	data := map[string]any{"type": typ, "action": action, "user_id": "user-1"}
	for key, v := range fields {
		data[key] = v
	}
	line, err := json.Marshal(map[string]any{
		"session_id": id, "conversation_id": nil, "message_id": nil, "app_id": nil, "endpoint_id": nil, "context": nil,
		"event": "request", "data": data,
	})
	return append(line, '\n'), err
}

// event is a line of a plugin.
type event struct {
	Event     string  `json:"event"`
	SessionID *string `json:"session_id"`
	Data      struct {
		Type  string          `json:"type"`
		Data  json.RawMessage `json:"data"`
		Error string          `json:"error"`
	} `json:"data"`
}

// faults collects what is wrong with a plugin.
type faults struct {
	mu   sync.Mutex
	list []string
}

func (f *faults) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// Faults are what a real host would not take, so far.
func (f *faults) Faults() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// call is a request without its end.
type call struct {
	answer Answer
	done   chan struct{}
}

// take adds a message to an answer; it reports the end.
func (c *call) take(e *event, f *faults) (end bool) {
	switch e.Data.Type {
	case "stream":
		if !bytes.HasPrefix(e.Data.Data, []byte("{")) {
			f.add("a result is not an object: %s", e.Data.Data)
		}
		if c.answer.Err != nil {
			f.add("a result after an error")
		}
		c.answer.Results = append(c.answer.Results, e.Data.Data)
	case "error":
		if c.answer.Err != nil {
			f.add("a second error")
		}
		c.answer.Err = new(Error)
		if err := json.Unmarshal(e.Data.Data, c.answer.Err); err != nil || c.answer.Err.Type == "" || len(c.answer.Err.Args) > 10 {
			f.add("an error that the host drops: %s", e.Data.Data)
		}
	case "end":
		if e.Data.Data == nil {
			f.add("an end without data, which the host drops")
		}
		return true
	default:
		f.add("a session message of type %q", e.Data.Type)
	}
	return false
}

// Peer is a host on one stream of lines in both directions.
type Peer struct {
	faults
	limit int // of a line; 0 for none

	writing sync.Mutex
	out     io.Writer

	heartbeats atomic.Int64
	lastID     atomic.Int64

	mu     sync.Mutex
	calls  map[string]*call
	outer  []string // errors that belong to no request
	closed chan struct{}
}

// newPeer is a host that writes to out and is given what it reads by run.
func newPeer(out io.Writer, limit int) *Peer {
	return &Peer{out: out, limit: limit, calls: make(map[string]*call), closed: make(chan struct{})}
}

// run reads lines until there are no more.
func (p *Peer) run(in *bufio.Reader) {
	defer close(p.closed)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			p.line(line)
		}
		if err != nil {
			return
		}
	}
}

func (p *Peer) line(line []byte) {
	if p.limit > 0 && len(line) > p.limit {
		p.add("a line of %d bytes, which the host kills a plugin for", len(line))
		return
	}
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		p.add("a line that is not JSON: %.100q", line)
		return
	}
	switch e.Event {
	case "heartbeat":
		p.heartbeats.Add(1)
	case "log":
	case "error":
		p.mu.Lock()
		defer p.mu.Unlock()
		p.outer = append(p.outer, e.Data.Error)
	case "session":
		p.session(&e)
	default:
		p.add("an event %q", e.Event)
	}
}

func (p *Peer) session(e *event) {
	if e.SessionID == nil {
		p.add("a session message without a session")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.calls[*e.SessionID]
	switch {
	case c == nil:
		p.add("a message of type %s about session %q, which has ended or never was", e.Data.Type, *e.SessionID)
	case c.take(e, &p.faults):
		delete(p.calls, *e.SessionID)
		close(c.done)
	}
}

// Heartbeats is how many signs of life there were.
func (p *Peer) Heartbeats() int { return int(p.heartbeats.Load()) }

// OuterErrors are the errors that belong to no request.
func (p *Peer) OuterErrors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.outer)
}

// Closed is closed when the plugin has closed its side.
func (p *Peer) Closed() <-chan struct{} { return p.closed }

// Write sends bytes as they are.
func (p *Peer) Write(data []byte) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	return p.out.Write(data)
}

// Call sends a request and waits for the end of its answer.
func (p *Peer) Call(ctx context.Context, typ, action string, fields map[string]any) (*Answer, error) {
	wait, err := p.Start(typ, action, fields)
	if err != nil {
		return nil, err
	}
	return wait(ctx)
}

// Start sends a request. What it returns waits for the end of the answer.
func (p *Peer) Start(typ, action string, fields map[string]any) (wait func(context.Context) (*Answer, error), err error) {
	id := "session-" + strconv.FormatInt(p.lastID.Add(1), 10)
	line, err := newRequest(id, typ, action, fields)
	if err != nil {
		return nil, err
	}
	return p.start(id, line)
}

// Send sends bytes that a plugin should take for a request of that session, and waits
// for the end of its answer.
func (p *Peer) Send(ctx context.Context, id string, line []byte) (*Answer, error) {
	wait, err := p.start(id, line)
	if err != nil {
		return nil, err
	}
	return wait(ctx)
}

func (p *Peer) start(id string, line []byte) (wait func(context.Context) (*Answer, error), err error) {
	c := &call{done: make(chan struct{})}
	p.mu.Lock()
	p.calls[id] = c
	p.mu.Unlock()
	if _, err := p.Write(line); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*Answer, error) { return p.wait(ctx, c) }, nil
}

func (p *Peer) wait(ctx context.Context, c *call) (*Answer, error) {
	select {
	case <-c.done:
		return &c.answer, nil
	case <-p.closed:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-c.done: // the end was the last thing
		return &c.answer, nil
	default:
		return nil, ErrClosed
	}
}
