// Package sse reads server-sent events, in which services of models stream what they write (WHATWG
// HTML, section 9.2, "Server-sent events").
//
//	for event, err := range sse.NewReader(resp.Body).Events() {
//		if err != nil {
//			return err
//		}
//		// event.Data is what the service sends, mostly JSON.
//	}
package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"time"
)

// MaxEvent is how many bytes a line, and the data of an event, have at most, unless a Reader has
// another limit.
const MaxEvent = 8 << 20

// ErrTooLong is the error of a line or an event with more bytes than the limit.
var ErrTooLong = errors.New("an event of the stream is too long")

// ErrIncomplete is the error of a stream that ends without the blank line that ends an event.
var ErrIncomplete = errors.New("the stream ends within an event")

// Event is an event of a stream.
type Event struct {
	// Type is "message" if the stream does not say.
	Type string
	// Data are the data lines, joined by line feeds. They are valid until the next event is read.
	// UTF-8 is not checked.
	Data []byte
	// ID is the last one that the stream has said, with this event or an earlier one.
	ID string
}

// Reader reads events. It returns an event as soon as the stream has sent it whole.
type Reader struct {
	// Limit is how many bytes a line, and the data of an event, may have; 0 is MaxEvent. No more
	// than twice as much is kept.
	Limit int

	input   io.Reader
	err     error // of input
	buf     []byte
	start   int  // of the line that comes next
	end     int  // of what has been read
	lf, cr  int  // in buf[start:], there is no line feed before lf, and no carriage return before cr
	afterCR bool // a line feed that comes next belongs to the last line
	begun   bool // the first line has been read

	data  []byte // of the event, with a line feed after each line
	kind  string // of the last event that said one
	id    string
	retry time.Duration
}

// NewReader returns a reader of the events of a stream.
func NewReader(stream io.Reader) *Reader { return &Reader{input: stream} }

// Events returns the events up to the end of the stream, or up to the first error. With
// ErrIncomplete comes what there is of the last event (see Next).
func (r *Reader) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			event, err := r.Next()
			if err == io.EOF || !yield(event, err) || err != nil { //nolint:errorlint // Next returns io.EOF itself
				return
			}
		}
	}
}

// Next returns the next event, and io.EOF at the end of the stream. If the stream ends without the
// blank line that ends an event, the error is ErrIncomplete, and the event is what there is of it: the
// standard discards it, but some services leave out the last line feeds. Errors of the stream, such
// as io.ErrUnexpectedEOF of a connection that is cut, are returned as they are.
func (r *Reader) Next() (Event, error) {
	r.data = r.data[:0]
	kind := "message"
	for {
		line, err := r.line()
		switch {
		case err == io.EOF && len(r.data) > 0: //nolint:errorlint // line returns io.EOF itself
			return r.event(kind), ErrIncomplete
		case err != nil:
			return Event{}, err
		case len(line) == 0 && len(r.data) > 0:
			return r.event(kind), nil
		case len(line) == 0:
			kind = "message"
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if len(value) > 0 && value[0] == ' ' {
			value = value[1:]
		}
		switch string(name) {
		case "data":
			if len(r.data) == 0 && r.skipBlank() { // mostly so, and nothing need be copied
				return Event{kind, value, r.id}, nil
			}
			if len(r.data)+len(value) > r.limit() {
				return Event{}, r.tooLong()
			}
			r.data = append(append(r.data, value...), '\n')
		case "event":
			if string(value) != r.kind {
				r.kind = string(value)
			}
			if kind = r.kind; kind == "" {
				kind = "message"
			}
		case "id":
			if string(value) != r.id && bytes.IndexByte(value, 0) < 0 {
				r.id = string(value)
			}
		case "retry":
			r.setRetry(value)
		}
	}
}

func (r *Reader) event(kind string) Event {
	return Event{Type: kind, Data: r.data[:len(r.data)-1], ID: r.id}
}

// Retry returns how long to wait, as the stream has said last, before connecting again after it has
// broken off. It is 0 if the stream has not said.
func (r *Reader) Retry() time.Duration { return r.retry }

func (r *Reader) setRetry(digits []byte) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return
		}
	}
	if ms, err := strconv.ParseInt(string(digits), 10, 64); err == nil {
		r.retry = time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
	}
}

func (r *Reader) limit() int {
	if r.Limit > 0 {
		return r.Limit
	}
	return MaxEvent
}

// tooLong ends the stream: what follows is no longer known to be a line.
func (r *Reader) tooLong() error {
	r.err = fmt.Errorf("%w: it has more than %d bytes", ErrTooLong, r.limit())
	r.start = r.end
	return r.err
}

// line returns the next line without its end. At the end of the stream, that is also what follows
// the last line end.
func (r *Reader) line() ([]byte, error) {
	line, err := r.rawLine()
	if err == nil && !r.begun {
		r.begun = true
		line = bytes.TrimPrefix(line, []byte("\uFEFF"))
	}
	return line, err
}

func (r *Reader) rawLine() ([]byte, error) {
	for {
		if r.afterCR && r.start < r.end {
			r.afterCR = false
			if r.buf[r.start] == '\n' {
				r.start++
			}
		}
		at := r.lineEnd()
		line := r.buf[r.start:at]
		switch {
		case len(line) > r.limit():
			return nil, r.tooLong()
		case at < r.end:
			r.afterCR = r.buf[at] == '\r'
			r.start = at + 1
			return line, nil
		case r.err == io.EOF && len(line) > 0: //nolint:errorlint // a Reader returns io.EOF itself
			r.start = r.end
			return line, nil
		case r.err != nil:
			return nil, r.err
		}
		r.fill()
	}
}

// skipBlank skips the next line if it is known to be blank.
func (r *Reader) skipBlank() bool {
	next := r.start
	if r.afterCR && next < r.end && r.buf[next] == '\n' {
		next++
	}
	if next >= r.end || r.buf[next] != '\n' && r.buf[next] != '\r' {
		return false
	}
	r.afterCR = r.buf[next] == '\r'
	r.start = next + 1
	return true
}

// lineEnd returns where the line ends that begins at start, or end. It looks for each of CR and LF
// once in what has been read: most streams have one of them only.
func (r *Reader) lineEnd() int {
	if r.lf = max(r.lf, r.start); r.lf < r.end {
		r.lf += index(r.buf[r.lf:r.end], '\n')
	}
	if r.cr = max(r.cr, r.start); r.cr < r.end {
		r.cr += index(r.buf[r.cr:r.end], '\r')
	}
	return min(r.cr, r.lf)
}

// index returns where the first c is, or the length.
func index(b []byte, c byte) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i
	}
	return len(b)
}

const (
	firstSize = 8 << 10
	maxEmpty  = 100 // reads in a row that return nothing
)

// fill reads more, after making room for it.
func (r *Reader) fill() {
	if r.start > 0 && (r.start == r.end || r.end == len(r.buf)) {
		copy(r.buf, r.buf[r.start:r.end])
		r.end, r.lf, r.cr, r.start = r.end-r.start, r.lf-r.start, r.cr-r.start, 0
	}
	if r.end == len(r.buf) { // one byte over the limit shows that the line is too long
		grown := make([]byte, min(max(2*len(r.buf), firstSize), max(r.limit(), len(r.buf))+1))
		copy(grown, r.buf)
		r.buf = grown
	}
	for range maxEmpty {
		n, err := r.input.Read(r.buf[r.end:])
		if n < 0 || n > len(r.buf)-r.end {
			n, err = 0, errors.New("the stream reads more than it was asked for")
		}
		r.end += n
		if r.err = err; n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}
