package agent

import (
	"errors"
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
)

var errOver = errors.New("the strategy has returned: nothing can be sent any more")

// writer joins texts, and pieces of a variable, that follow one another.
type writer struct {
	send func(runtime.ToolMessage) error

	mu      sync.Mutex
	text    []byte // to be sent
	waiting bool   // whether there is a text, which may be empty
	name    string // of the variable that it belongs to, or ""
	timer   *time.Timer
	err     error // of sending, or that the strategy has returned
}

// write sends a message, or keeps a text.
func (w *writer) write(m runtime.ToolMessage) error {
	name, text, joins := pieceOf(m)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !joins {
		return w.pass(m)
	}
	if w.waiting && (w.name != name || len(w.text)+len(text) > maxText) {
		w.flush()
	}
	if w.err != nil || name == "" && text == "" {
		return w.err
	}
	if !w.waiting {
		w.wait(name)
	}
	w.text = append(w.text, text...)
	if len(w.text) >= joinBytes {
		w.flush()
	}
	return w.err
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

// pass sends a message after the text that waits. Its error is not kept: that can be one of the message.
func (w *writer) pass(m runtime.ToolMessage) error {
	w.flush()
	if w.err != nil {
		return w.err
	}
	return w.send(m)
}

// wait begins a text.
func (w *writer) wait(name string) {
	w.waiting, w.name = true, name
	if w.timer == nil {
		w.timer = time.AfterFunc(joinTime, w.timeout)
	} else {
		w.timer.Reset(joinTime)
	}
}

func (w *writer) timeout() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
}

// flush sends the text that waits, if any.
func (w *writer) flush() {
	if !w.waiting || w.err != nil {
		return
	}
	w.timer.Stop()
	m := runtime.ToolMessage{Type: "text", Message: map[string]any{"text": string(w.text)}}
	if w.name != "" {
		m = runtime.ToolMessage{Type: "variable", Message: map[string]any{
			"variable_name": w.name, "variable_value": string(w.text), "stream": true,
		}}
	}
	w.waiting, w.text = false, w.text[:0]
	w.err = w.send(m)
}

// end sends the text that waits. It returns the error of sending a text.
func (w *writer) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	err := w.err
	w.err = errOver
	if w.timer != nil {
		w.timer.Stop()
	}
	return err
}
