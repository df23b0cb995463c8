package sse_test

import (
	"cmp"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/sse"
)

// event is an Event that can be kept.
type event struct{ Type, Data, ID string }

// read returns all events of a reader, and the error at which they end.
func read(r *sse.Reader) (events []event, err error) {
	for e, err := range r.Events() {
		if err == nil || errors.Is(err, sse.ErrIncomplete) {
			events = append(events, event{e.Type, string(e.Data), e.ID})
		}
		if err != nil {
			return events, err
		}
	}
	return events, nil
}

func TestReader(t *testing.T) {
	t.Parallel()
	message := func(data ...string) (events []event) {
		for _, d := range data {
			events = append(events, event{"message", d, ""})
		}
		return events
	}
	for name, test := range map[string]struct {
		stream string
		want   []event
		err    error
	}{
		"nothing":                       {"", nil, nil},
		"blank lines":                   {"\n\r\n\r\n\r", nil, nil},
		"LF":                            {"data: a\n\ndata: b\n\n", message("a", "b"), nil},
		"CRLF":                          {"data: a\r\n\r\ndata: b\r\n\r\n", message("a", "b"), nil},
		"CR":                            {"data: a\r\rdata: b\r\r", message("a", "b"), nil},
		"all line ends":                 {"data: a\r\n\ndata: b\n\rdata: c\r\r\ndata: d\n\n", message("a", "b", "c", "d"), nil},
		"lines":                         {"data: a\ndata\ndata:\ndata: b\n\n", message("a\n\n\nb"), nil},
		"one space":                     {"data:a\n\ndata:  b \n\ndata:\tc\n\n", message("a", " b ", "\tc"), nil},
		"empty data":                    {"data\n\ndata:\n\ndata: \n\n", message("", "", ""), nil},
		"no data":                       {"event: e\n\nid: 1\n\ndata: a\n\n", []event{{"message", "a", "1"}}, nil},
		"type":                          {"event: e\ndata: a\n\ndata: b\n\nevent: e\nevent:\ndata: c\n\nevent: f\ndata: d\n\n", []event{{"e", "a", ""}, {"message", "b", ""}, {"message", "c", ""}, {"f", "d", ""}}, nil},
		"IDs":                           {"id: 1\ndata: a\n\ndata: b\n\nid: 2\x00\ndata: c\n\nid\ndata: d\n\n", []event{{"message", "a", "1"}, {"message", "b", "1"}, {"message", "c", "1"}, {"message", "d", ""}}, nil},
		"comments":                      {": hello\n:\ndata: a\n: data: b\n\n", message("a"), nil},
		"other fields":                  {"Data: a\nfoo: bar\n data: b\ndata : c\ndata: d\n\n", message("d"), nil},
		"colons":                        {"data: a: b::\n\n", message("a: b::"), nil},
		"a byte order mark":             {"\uFEFFdata: a\n\n", message("a"), nil},
		"only the first":                {"\uFEFF\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: \uFEFFc\n\n", message("\uFEFFc"), nil},
		"a mark and a blank line":       {"\uFEFF\n\uFEFFdata: a\n\ndata: b\n\n", message("b"), nil},
		"no UTF-8":                      {"data: \xff\xfe\n\n", message("\xff\xfe"), nil},
		"an end without line ends":      {"data: a\n\ndata: [DONE]", message("a", "[DONE]"), sse.ErrIncomplete},
		"an end without a blank line":   {"data: a\n\nevent: e\nid: 1\ndata: b\n", append(message("a"), event{"e", "b", "1"}), sse.ErrIncomplete},
		"an end in something else":      {"data: a\n\nevent: e\n: x", message("a"), nil},
		"a carriage return at the end":  {"data: a\n\r", message("a"), nil},
		"a line feed after the last CR": {"data: a\r\r\n\n", message("a"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, stream := range map[string]io.Reader{
				"at once": strings.NewReader(test.stream), "by bytes": iotest.OneByteReader(strings.NewReader(test.stream)),
				"with the end": iotest.DataErrReader(strings.NewReader(test.stream)),
			} {
				events, err := read(sse.NewReader(stream))
				if diff := gocmp.Diff(test.want, events); diff != "" || !errors.Is(err, test.err) {
					t.Errorf("%s: %v, want %v (-want +got):\n%s", how, err, test.err, diff)
				}
			}
		})
	}
}

// TestEnd says what comes after the last event.
func TestEnd(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	r := sse.NewReader(io.MultiReader(strings.NewReader("data: a\n\ndata: b\ndata: c"), iotest.ErrReader(failed)))
	events, err := read(r)
	if diff := gocmp.Diff([]event{{"message", "a", ""}}, events); diff != "" || !errors.Is(err, failed) {
		t.Errorf("a stream that fails: %v (-want +got):\n%s", err, diff)
	}
	if _, err := r.Next(); !errors.Is(err, failed) {
		t.Errorf("after a failure: %v", err)
	}
	r = sse.NewReader(io.MultiReader(strings.NewReader("data: a\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if e, err := r.Next(); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, sse.ErrIncomplete) || e.Data != nil {
		t.Errorf("a connection that is cut: %q, %v", e.Data, err)
	}
	r = sse.NewReader(strings.NewReader("data: a"))
	for _, want := range []error{sse.ErrIncomplete, io.EOF, io.EOF} {
		if _, err := r.Next(); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if _, err := sse.NewReader(idle{}).Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a stream that reads nothing: %v", err)
	}
	for range sse.NewReader(strings.NewReader("data: a\n\ndata: b\n\n")).Events() {
		break // must not go on
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// steps is a stream that a test reads step by step.
type steps struct {
	t     *testing.T
	steps []string
	ready int // how many have been sent
}

func (s *steps) Read(p []byte) (int, error) {
	if s.ready == 0 {
		s.t.Fatal("the reader waits for more than it needs")
	}
	s.ready--
	n := copy(p, s.steps[0])
	s.steps = s.steps[1:]
	return n, nil
}

// TestAtOnce checks that an event is there when its last line end is, even if that is a carriage
// return, which a line feed may follow.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	s := &steps{t: t, steps: []string{"data: a\n\n", "data: b\r\n\r", "\ndata: c\r\r", "data: d\n", "\n"}}
	r := sse.NewReader(s)
	for _, want := range []struct {
		steps int
		data  string
	}{{1, "a"}, {1, "b"}, {1, "c"}, {2, "d"}} {
		s.ready = want.steps
		e, err := r.Next()
		if string(e.Data) != want.data || err != nil || s.ready != 0 {
			t.Errorf("%q, %v, want %q", e.Data, err, want.data)
		}
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	const days = 24 * time.Hour
	for _, test := range []struct {
		line string
		want time.Duration
	}{
		{"data: x", 0},
		{"retry: 1500", 1500 * time.Millisecond},
		{"retry:0", 0},
		{"retry: 10\nretry: -1\nretry: 1.5\nretry:\nretry: 1 \nretry: +2\nretry", 10 * time.Millisecond},
		{"retry: 86400000", days},
		{"retry: " + strconv.Itoa(math.MaxInt64), math.MaxInt64 / 1000000 * time.Millisecond},
		{"retry: 99999999999999999999", 0},
	} {
		r := sse.NewReader(strings.NewReader(test.line + "\ndata: a\n\n"))
		if _, err := r.Next(); err != nil || r.Retry() != test.want {
			t.Errorf("%s: %v, %v, want %v", test.line, r.Retry(), err, test.want)
		}
	}
}

// endless is a stream without end, which counts what is read, and fails when that is too much.
type endless struct {
	text       string
	read, most int
}

var errTooMuch = errors.New("too much is read")

func (e *endless) Read(p []byte) (int, error) {
	if e.read > e.most {
		return 0, errTooMuch
	}
	n := copy(p, e.text[e.read%len(e.text):])
	e.read += n
	return n, nil
}

func TestLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	for name, test := range map[string]struct {
		limit  int
		stream string
		events int
		err    error
	}{
		"a line as long as it may be": {106, "data: " + long + "\n\n", 1, nil},
		"a line that is too long":     {105, "data: a\n\ndata: " + long + "\n\ndata: b\n\n", 1, sse.ErrTooLong},
		"a comment":                   {99, ":" + long + "\n\n", 0, sse.ErrTooLong},
		"lines":                       {203, strings.Repeat("data: "+long+"\n", 2) + "\n", 1, nil},
		"lines that are too long":     {200, strings.Repeat("data: "+long+"\n", 2) + "\n", 0, sse.ErrTooLong},
		"lines before another event":  {200, strings.Repeat("data: "+long+"\n", 2) + "\ndata: b\n\n", 0, sse.ErrTooLong},
		"lines of nothing":            {10, strings.Repeat("data\n", 12) + "\n", 0, sse.ErrTooLong},
		"no line end":                 {105, "data: " + long, 0, sse.ErrTooLong},
		"many events":                 {105, strings.Repeat("data: a\n\n", 1000), 1000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sse.NewReader(strings.NewReader(test.stream))
			r.Limit = test.limit
			events, err := read(r)
			if len(events) != test.events || !errors.Is(err, test.err) {
				t.Errorf("%d events, %v, want %d, %v", len(events), err, test.events, test.err)
			}
			if _, again := r.Next(); err != nil && !errors.Is(again, test.err) {
				t.Errorf("after that: %v", again)
			}
		})
	}
	for _, limit := range []int{8 << 10, 0} {
		for _, text := range []string{"x", "data: x\n", "data:\r", ":"} {
			stream := &endless{text: strings.Repeat(text, 8<<10), most: 8 * (cmp.Or(limit, sse.MaxEvent) + 1)}
			r := sse.NewReader(stream)
			r.Limit = limit
			if _, err := read(r); !errors.Is(err, sse.ErrTooLong) {
				t.Fatalf("%q without end: %v after %d bytes", text, err, stream.read)
			}
		}
	}
}
