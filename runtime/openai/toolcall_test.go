package openai

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestManyPieces checks that the time of a call grows with its size, and not with its square.
func TestManyPieces(t *testing.T) {
	t.Parallel()
	const pieces = 100_000
	for name, piece := range map[string]toolCall{
		"by index":                {Index: new(int), Function: function{Arguments: strings.Repeat("x", 99) + "}"}},
		"with the name each time": {Index: new(int), Function: function{Name: "f", Arguments: strings.Repeat("x", 99) + "}"}},
		"with nothing":            {Function: function{Arguments: strings.Repeat("x", 99) + "}"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c toolCalls
			start := time.Now()
			if err := c.add(toolCall{Index: piece.Index, Function: function{Name: "f", Arguments: `{"a":"`}}); err != nil {
				t.Fatal(err)
			}
			for i := range pieces {
				if err := c.add(piece); err != nil {
					t.Fatal(err)
				}
				if i%1000 == 0 && time.Since(start) > 20*time.Second { // the square takes hours
					t.Fatalf("%d pieces take %s", i, time.Since(start))
				}
			}
			if err := c.add(toolCall{Index: piece.Index, Function: function{Arguments: `"}`}}); err != nil {
				t.Fatal(err)
			}
			calls, err := c.calls()
			if err != nil || len(calls) != 1 || len(calls[0].Arguments) != 100*pieces+len(`{"a":""}`) {
				t.Errorf("%d calls, %v", len(calls), err)
			}
		})
	}
}

// FuzzNesting checks that an object of JSON ends where it does, in whatever pieces it comes.
func FuzzNesting(f *testing.F) {
	for _, object := range []string{`{}`, ` {"a":{"}":"\\"}}`, `{"\"":[{},{"b":"{"}]}`, `{"a":"\u007d"} `, `{`, `{}}`, `[`, `"{}"`} {
		f.Add(object, 1)
	}
	f.Fuzz(func(t *testing.T, object string, at int) {
		at = max(0, min(at, len(object)))
		var n, pieces nesting
		n.read(object)
		pieces.read(object[:at])
		pieces.read(object[at:])
		if n != pieces {
			t.Errorf("whole %+v, in pieces %+v", n, pieces)
		}
		object = strings.TrimSpace(object)
		if !json.Valid([]byte(object)) || object[0] != '{' {
			return
		}
		if n.depth != 0 || n.quoted || !n.ended {
			t.Errorf("%+v at the end of %s", n, object)
		}
		n = nesting{}
		if n.read(object[:len(object)-1]); n.ended {
			t.Errorf("%s has ended before its end", object)
		}
	})
}
