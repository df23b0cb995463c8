package session

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	// maxLine is the maximum length of a line from the host, in bytes. A request to an
	// endpoint has up to 10 MiB, the host's limit, which is 20 MiB in hexadecimal.
	maxLine = 32 << 20
	// keptPrefix is how many bytes of a longer line are kept.
	keptPrefix = 4 << 10
	// shortLine is the length of a line up to which the reader decodes it by itself. Those are in
	// the reader's buffer.
	shortLine = 64 << 10
)

var errTooLong = errors.New("the line is too long")

// lineReader reads lines of limited length.
type lineReader struct {
	r     *bufio.Reader
	limit int
	buf   []byte // for a line that is longer than r's buffer
	// room, if not nil, reports whether there is memory for more bytes of such a line.
	room func(n int) bool
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, shortLine), limit: limit}
}

// next returns the next line that is not blank, without its line ending. The line is
// valid until the next call. If a line is too long, next returns a prefix and
// errTooLong, and the next call continues after it. The last line may lack a line
// ending.
func (l *lineReader) next() ([]byte, error) {
	for {
		line, err := l.line()
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		return bytes.TrimRight(line, "\r\n"), err
	}
}

// detach makes the last line of next, which is longer than shortLine, valid forever.
func (l *lineReader) detach(line []byte) []byte {
	l.buf = nil
	return line
}

func (l *lineReader) line() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	if cap(l.buf) > 1<<20 {
		l.buf = nil // long lines are rare: do not keep their memory
	}
	l.buf = append(l.buf[:0], line...)
	tooLong := false
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.buf)+len(line) > l.limit || l.room != nil && !l.room(len(line)); tooLong {
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
