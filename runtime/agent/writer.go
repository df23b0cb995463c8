package agent

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	// joinBytes and joinTime are until when texts are joined.
	joinBytes = 4 << 10
	joinTime  = 100 * time.Millisecond
	// maxText is how many bytes the texts of a message have: that is what runtime.ToolOutput sends in one.
	maxText = 512 << 10
	// maxWaiting is how many texts wait at once: one, and those of variables.
	maxWaiting = 16
)

var errOver = errors.New("the strategy has returned: nothing can be sent any more")

// writer joins texts, and the pieces of each variable. Other messages go out after what has been written
// before. Between a text and variables that wait, there is no order.
type writer struct {
	send  func(runtime.ToolMessage) error
	pacer *pacer // nobody waits for it with mu, which the timer needs

	mu      sync.Mutex
	waiting []*joined
	timer   *time.Timer
	flushed int   // how many texts have been sent
	err     error // of sending, or that the strategy has returned
}

// joined is a text, or a piece of a variable, which may be empty.
type joined struct {
	name string // of the variable, or ""
	text strings.Builder
}

func (j *joined) message() runtime.ToolMessage {
	if j.name == "" {
		return runtime.ToolMessage{Type: "text", Message: map[string]any{"text": j.text.String()}}
	}
	return runtime.ToolMessage{Type: "variable", Message: map[string]any{
		"variable_name": j.name, "variable_value": j.text.String(), "stream": true,
	}}
}

// write sends a message, or keeps a text.
func (w *writer) write(m runtime.ToolMessage) error {
	name, text, joins := pieceOf(m)
	if !joins {
		return w.pass(m)
	}
	sent, err := w.keep(name, text)
	if err == nil && sent {
		err = w.pacer.await(0)
	}
	return err
}

// pieceOf returns the text of a message, and the variable that it continues, if it can be joined.
func pieceOf(m runtime.ToolMessage) (name, text string, ok bool) {
	switch {
	case m.Type == "text":
		text, ok = m.Message["text"].(string)
	case m.Type == "variable" && m.Message["stream"] == true:
		name, _ = m.Message["variable_name"].(string)
		text, ok = m.Message["variable_value"].(string)
	}
	return name, text, ok
}

// pass sends a message after what waits. Its error is not kept: that can be one of the message.
func (w *writer) pass(m runtime.ToolMessage) error {
	if m.Type != "blob_chunk" { // the daemon joins the chunks of a file before it keeps them
		if err := w.pacer.await(1); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushAll()
	if w.err != nil {
		return w.err
	}
	return w.send(m)
}

// keep keeps a text. It reports whether it has sent one, which it does if there is enough.
func (w *writer) keep(name, text string) (sent bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil || name == "" && text == "" {
		return false, w.err
	}
	before := w.flushed
	j := w.find(name)
	if j != nil && j.text.Len()+len(text) > maxText {
		w.flush(j)
		j = nil
	}
	if j == nil {
		j = w.begin(name)
	}
	j.text.WriteString(text)
	if j.text.Len() >= joinBytes {
		w.flush(j)
	}
	return w.flushed > before, w.err
}

// find returns what waits of a variable or, for "", of the text; nil for none.
func (w *writer) find(name string) *joined {
	if i := slices.IndexFunc(w.waiting, func(j *joined) bool { return j.name == name }); i >= 0 {
		return w.waiting[i]
	}
	return nil
}

// begin begins a text.
func (w *writer) begin(name string) *joined {
	if len(w.waiting) >= maxWaiting {
		w.flushAll()
	}
	switch {
	case w.timer == nil:
		w.timer = time.AfterFunc(joinTime, w.timeout)
	case len(w.waiting) == 0:
		w.timer.Reset(joinTime)
	}
	j := &joined{name: name}
	w.waiting = append(w.waiting, j)
	return j
}

func (w *writer) timeout() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushAll()
}

// flushAll sends what waits, if anything does.
func (w *writer) flushAll() {
	for len(w.waiting) > 0 {
		w.flush(w.waiting[0])
	}
}

// flush sends a text that waits. It counts it, and whoever sends next waits for that.
func (w *writer) flush(j *joined) {
	w.waiting = slices.DeleteFunc(w.waiting, func(other *joined) bool { return other == j })
	if len(w.waiting) == 0 {
		w.timer.Stop()
	}
	if w.err == nil {
		w.flushed++
		w.pacer.take(1)
		w.err = w.send(j.message())
	}
}

// end sends what waits. It returns the error of sending a text.
func (w *writer) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushAll()
	err := w.err
	w.err = errOver
	if w.timer != nil {
		w.timer.Stop()
	}
	return err
}
