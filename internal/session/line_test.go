package session

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200_000)
	for in, want := range map[string][]string{
		"":                                   nil,
		"a\nb\r\n\n \t\n\r\nc":               {"a", "b", "c"},
		long + "\nb\n":                       {"too long", "b"},
		"a\n" + long:                         {"a", "too long"},
		strings.Repeat("y", 100_000) + "\nb": {strings.Repeat("y", 100_000), "b"},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "halves": iotest.HalfReader(strings.NewReader(in)), "with its end": iotest.DataErrReader(strings.NewReader(in))} {
			if diff := cmp.Diff(want, readLines(r, 150_000)); diff != "" {
				t.Errorf("%s, %.20q (-want +got):\n%s", name, in, diff)
			}
		}
	}
}

// readLines reads all lines, with "too long" for those longer than limit.
func readLines(r io.Reader, limit int) (lines []string) {
	in := newLineReader(r, limit)
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, errTooLong):
			lines = append(lines, "too long")
		case err != nil:
			return lines
		default:
			lines = append(lines, string(line))
		}
	}
}

func TestIDOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"session_id":"a","x":`: "a", `{"x":{"session_id":"no"},"y":[1,2],"session_id":"b`: "", `{"x":1,"session_id":"b"`: "b",
		`["session_id"]`: "", `{"session_id":5}`: "", ``: "", `x`: "", `{"x":"a`: "",
	} {
		if got := IDOf([]byte(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
