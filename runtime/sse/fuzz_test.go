package sse_test

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/sse"
)

var lineEnds = regexp.MustCompile("\r\n|\r|\n")

// plain reads events in the words of the standard, from all of the stream at once. It reports
// whether the stream ends with an event that is not whole, which is then the last one.
func plain(stream string) (events []event, cut bool) {
	lines := lineEnds.Split(strings.TrimPrefix(stream, "\uFEFF"), -1)
	var data, kind, id string
	dispatch := func() {
		if data == "" {
			kind = ""
			return
		}
		if kind == "" {
			kind = "message"
		}
		events = append(events, event{kind, strings.TrimSuffix(data, "\n"), id})
		data, kind = "", ""
	}
	for i, line := range lines {
		if line == "" {
			if i < len(lines)-1 { // the last one has no line end
				dispatch()
			}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "data":
			data += value + "\n"
		case "event":
			kind = value
		case "id":
			if !strings.Contains(value, "\x00") {
				id = value
			}
		}
	}
	cut = data != ""
	dispatch()
	return events, cut
}

// pieces reads a text in pieces, of sizes that repeat.
type pieces struct {
	text  string
	sizes []byte
	next  int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := min(len(b), len(p.text))
	if len(p.sizes) > 0 {
		n = min(n, int(p.sizes[p.next%len(p.sizes)]))
		p.next++
	}
	copy(b, p.text[:n])
	p.text = p.text[n:]
	return n, nil
}

func FuzzReader(f *testing.F) {
	for _, stream := range []string{
		"data: a\n\n", "\uFEFFdata: a\r\rid: 1\r\n\revent: x\ndata\ndata:b\n\n", ": c\nretry: 1\ndata: [DONE]", "id: 1\x00\ndata: a\n\n",
		strings.Repeat("data: "+strings.Repeat("x", 3000)+"\r\n", 4) + "\r\n",
	} {
		f.Add(stream, []byte{1, 2, 0, 7})
	}
	f.Fuzz(func(t *testing.T, stream string, sizes []byte) {
		if len(sizes) > 50 {
			sizes = sizes[:50] // so that fewer reads than 100 in a row return nothing
		}
		if strings.Trim(string(sizes), "\x00") == "" {
			sizes = nil
		}
		want, cut := plain(stream)
		got, err := read(sse.NewReader(&pieces{stream, sizes, 0}))
		if diff := cmp.Diff(want, got); diff != "" || errors.Is(err, sse.ErrIncomplete) != cut || err != nil && !cut {
			t.Errorf("%v, cut %v (-want +got):\n%s", err, cut, diff)
		}
	})
}
