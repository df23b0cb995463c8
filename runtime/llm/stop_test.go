package llm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

func TestStopAt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, want string
		stop       []string
	}{
		{"a b c", "a b c", nil},
		{"a b c", "a b c", []string{""}},
		{"a b c", "a ", []string{"b"}},
		{"a b c", "", []string{"c", "a"}},
		{"a\n\nb", "a", []string{"\n\n"}},
		{"a\n", "a\n", []string{"\n\n"}},
		{"ab aab aaab", "ab aab ", []string{"aaa"}},
		{"aaab", "a", []string{"aab"}},
		{"Observation", "", []string{"Observation:", "Observation"}},
		{"Observation", "Observation", []string{"Observation:"}},
		{"€uro", "€", []string{"uro"}},
		{"abcd", "a", []string{"abcd", "bc"}},
		{"abcd", "", []string{"bc", "abc"}},
	} {
		for _, size := range []int{100, 1, 2} {
			s := &sent{tb: t}
			out := llm.NewOutput(runtime.ModelCall{Model: "m"}, true, s.send)
			out.StopAt(test.stop...)
			for rest := test.text; rest != ""; {
				n := min(size, len(rest))
				if err := out.Text(rest[:n]); err != nil {
					t.Error(err)
				}
				rest = rest[n:]
			}
			stopped := out.Stopped()
			if err := out.End(nil); err != nil {
				t.Error(err)
			}
			if got := s.result.Result().Text(); got != test.want || stopped != (got != test.text) {
				t.Errorf("%q until %q, in pieces of %d: got %q, stopped %t, want %q", test.text, test.stop, size, got, stopped, test.want)
			}
		}
	}
	var none *llm.Output
	if none.StopAt("x"); none.Stopped() {
		t.Error("an output without a request has stopped")
	}
}

// TestStopAtStreams checks that no more is held back than what may be a word, and that thoughts go
// through.
func TestStopAtStreams(t *testing.T) {
	t.Parallel()
	var got []string
	out := llm.NewOutput(runtime.ModelCall{Model: "m"}, true, func(c *llm.Chunk) error {
		got = append(got, c.Text())
		return nil
	})
	out.StopAt("STOP")
	llm.AskForCodeBlock(&call{}, out, llm.CodeJSON)
	for _, err := range []error{out.Reasoning("STOP"), out.Text("[1,S"), out.Text("T"), out.Text("2,ST"), out.Text("OP3]"), out.End(nil)} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{"<think>\nSTOP", "\n</think>[1,", "ST2,", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzStopAt compares with what is before the word that is whole first.
func FuzzStopAt(f *testing.F) {
	f.Add("aaab", "aab", "x", uint8(1))
	f.Fuzz(func(t *testing.T, text, first, second string, size uint8) {
		text, first, second = string([]rune(text)), string([]rune(first)), string([]rune(second))
		want := text
		for end := range len(text) + 1 {
			a, b := text[:end], text[:end]
			if first != "" {
				a = strings.TrimSuffix(a, first)
			}
			if second != "" {
				b = strings.TrimSuffix(b, second)
			}
			if want = a[:min(len(a), len(b))]; len(want) < end {
				break
			}
		}
		s := &sent{tb: t}
		out := llm.NewOutput(runtime.ModelCall{Model: "m"}, true, s.send)
		out.StopAt(first, second)
		for text != "" {
			n := min(int(size)+1, len(text))
			if err := out.Text(text[:n]); err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		if err := out.End(nil); err != nil {
			t.Fatal(err)
		}
		if got := s.result.Result().Text(); got != string([]rune(want)) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
