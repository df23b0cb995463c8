package llm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/llm"
)

// split splits a text that comes in pieces of that many bytes.
func split(text string, size int) (reasoning, answer string) {
	var s llm.ReasoningSplitter
	var thought, rest strings.Builder
	add := func(a, b string) {
		thought.WriteString(a)
		rest.WriteString(b)
	}
	for len(text) > size {
		add(s.Write(text[:size]))
		text = text[size:]
	}
	add(s.Write(text))
	add(s.End())
	return thought.String(), rest.String()
}

func TestReasoningSplitter(t *testing.T) {
	t.Parallel()
	var s llm.ReasoningSplitter
	type parts struct{ Reasoning, Answer string }
	for _, test := range []struct {
		piece string
		want  parts
	}{
		{"\n", parts{}}, {"<thi", parts{}}, {"nk>\nHm", parts{"Hm", ""}}, {"m.\n", parts{"m.", ""}}, {"Oh", parts{"\nOh", ""}},
		{"\n</think", parts{}}, {">\n\nYes", parts{"", "Yes"}}, {" <b", parts{"", " <b"}}, {"> <", parts{"", "> "}},
	} {
		reasoning, answer := s.Write(test.piece)
		if diff := cmp.Diff(test.want, parts{reasoning, answer}); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", test.piece, diff)
		}
	}
	if reasoning, answer := s.End(); reasoning != "" || answer != "<" {
		t.Errorf("at the end, got %q and %q", reasoning, answer)
	}
}

func FuzzReasoningSplitter(f *testing.F) {
	for _, text := range []string{
		"plain", "\n\nplain\n", "<think>\na\n</think>b", "a<think>b</think>\nc<think>\n\nd\n\n</think>", "<think>open\n", "<think>\n", "<think></think><think>", "</think>a<think", "\n<think>a</think>\r\n",
	} {
		f.Add(text, 1)
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		wantReasoning, wantAnswer := llm.SplitReasoning(text)
		reasoning, answer := split(text, max(size, 1))
		if strings.HasPrefix(answer, "\n") || strings.HasPrefix(answer, "\r") { // before a thought that comes later
			answer, wantAnswer = strings.TrimLeft(answer, "\r\n"), strings.TrimLeft(wantAnswer, "\r\n")
		}
		if reasoning != wantReasoning || answer != wantAnswer {
			t.Errorf("got %q and %q\nwant %q and %q", reasoning, answer, wantReasoning, wantAnswer)
		}
	})
}
