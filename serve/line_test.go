package serve_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/serve"
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
			if diff := cmp.Diff(want, serve.Lines(r, 150_000)); diff != "" {
				t.Errorf("%s, %.20q (-want +got):\n%s", name, in, diff)
			}
		}
	}
}

func TestSessionOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"session_id":"a","x":`: "a", `{"x":{"session_id":"no"},"y":[1,2],"session_id":"b`: "", `{"x":1,"session_id":"b"`: "b",
		`["session_id"]`: "", `{"session_id":5}`: "", ``: "", `x`: "", `{"x":"a`: "",
	} {
		if got := serve.SessionOf([]byte(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

// FuzzAccept passes arbitrary lines to a plugin. It must write lines of JSON, with
// exactly one end for every session.
func FuzzAccept(f *testing.F) {
	for _, line := range []string{
		`{"session_id":"s","event":"request","data":{"type":"tool","action":"validate_tool_credentials","provider":"box","credentials":{"key":"k"}}}`,
		`{"session_id":"s","event":"request","data":{"type":"oauth","action":"get_credentials","provider":"box","redirect_uri":"https://x/","system_credentials":{"client_secret":"c"},"raw_http_request":"474554202f20485454502f312e310d0a0d0a"}}`,
		`{"session_id":"s","event":"request","data":{"type":"endpoint","action":"invoke_endpoint","settings":{"token":"t"},"raw_http_request":"00"}}`,
		`{"session_id":"s","event":"request","data":{"type":"tool","action":"invoke_tool","provider":"box","tool":"echo","credentials":{"key":"k","mode":"panic"}}}`,
		`{"session_id":"s","event":"request","data":null}`, `{"session_id":"s"`, `{}`, `[]`, `{"event":"backwards_response"}`,
	} {
		f.Add([]byte(line))
	}
	b := newBox()
	close(b.leave)
	bindings := append(b.bindings(), serve.WithRequestTimeout(time.Second)) // some modes wait for it
	fsys := boxFiles()
	f.Fuzz(func(t *testing.T, line []byte) {
		out, err := serve.Accept(t.Context(), fsys, bindings, line)
		if err != nil {
			t.Fatal(err)
		}
		ends := make(map[string]int)
		for l := range strings.Lines(out) {
			var m struct {
				Event     string
				SessionID *string `json:"session_id"`
				Data      struct{ Type string }
			}
			if err := json.Unmarshal([]byte(l), &m); err != nil {
				t.Fatalf("%q: %v", l, err)
			}
			if m.SessionID == nil {
				continue
			}
			if n := ends[*m.SessionID]; n > 0 {
				t.Errorf("more after the end of %q: %s", *m.SessionID, out)
			}
			if m.Data.Type == "end" {
				ends[*m.SessionID]++
			} else {
				ends[*m.SessionID] += 0
			}
		}
		for id, n := range ends {
			if n != 1 {
				t.Errorf("%d ends of %q: %s", n, id, out)
			}
		}
	})
}
