package serve

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
)

const (
	// maxLine bounds a line of the host, in bytes. An endpoint's request of 10 MiB,
	// the host's limit, takes 20 MiB as hexadecimal digits.
	maxLine = 32 << 20
	// keptPrefix is how much of a line that is too long is looked at.
	keptPrefix = 4 << 10
)

var errTooLong = errors.New("the line is too long")

// lineReader reads lines of bounded length.
type lineReader struct {
	r     *bufio.Reader
	limit int
	buf   []byte // of a line that is longer than what r buffers
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next returns the next line that is not empty, without its end, until the next call.
// Of a line that is too long it returns the start and errTooLong, and goes on behind
// it. A last line without an end counts.
func (l *lineReader) next() ([]byte, error) {
	for {
		line, err := l.line()
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		return bytes.TrimRight(line, "\r\n"), err
	}
}

func (l *lineReader) line() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	if cap(l.buf) > 1<<20 {
		l.buf = nil // kept for a rare long line
	}
	l.buf = append(l.buf[:0], line...)
	tooLong := false
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.buf)+len(line) > l.limit; tooLong {
			l.buf = l.buf[:min(len(l.buf), keptPrefix)]
			continue
		}
		l.buf = append(l.buf, line...)
	}
	switch {
	case tooLong && (err == nil || errors.Is(err, io.EOF)):
		return l.buf, errTooLong
	case errors.Is(err, io.EOF) && len(bytes.TrimSpace(l.buf)) > 0:
		return l.buf, nil
	}
	return l.buf, err
}

// lineWriter writes whole lines, which several goroutines may give it.
type lineWriter struct {
	mu    sync.Mutex
	w     io.Writer
	limit int // of a line in bytes; 0 for none
	// strict says that the host takes nothing but answers to requests.
	strict bool
}

// write writes lines. A fault of the writer lasts, so that later ones fail, too.
func (l *lineWriter) write(lines []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.w.Write(lines)
	return err
}
