package cot

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// outcome is what a reply comes to.
type outcome struct {
	Shown, Thought, Call string
	Acts                 bool
}

// read reads a reply that comes in pieces of that many bytes.
func read(tb testing.TB, text string, size int) outcome {
	tb.Helper()
	var shown strings.Builder
	r := reply{show: func(text string) error {
		shown.WriteString(text)
		return nil
	}}
	for text != "" {
		n := min(size, len(text))
		if err := r.write(text[:n]); err != nil {
			tb.Fatal(err)
		}
		text = text[n:]
	}
	if err := r.end(); err != nil {
		tb.Fatal(err)
	}
	return outcome{shown.String(), r.thought, r.call, r.acts()}
}

func TestReply(t *testing.T) {
	t.Parallel()
	const call = `{"action":"search","action_input":{"q":"{tea}"}}`
	for name, test := range map[string]struct {
		text string
		want outcome
	}{
		"an action":               {"Thought: I look.\nAction: " + call, outcome{"", "I look.", call, true}},
		"an answer":               {"Thought: I know.\nFinalAnswer: 4{2} Action: none", outcome{"4{2} Action: none", "I know.", "", false}},
		"an answer in two words":  {"Thought: I know.\n**final answer:** 42", outcome{"42", "I know.\n**", "", false}},
		"in one line":             {"Thought: I know. FinalAnswer: 42", outcome{"42", "I know.", "", false}},
		"words":                   {"Recommended action: wait. The Observation was fine", outcome{"", "Recommended action: wait. The Observation was fine", "", false}},
		"inside a word":           {"InAction: no", outcome{"", "InAction: no", "", false}},
		"no labels":               {"Hello {you}!", outcome{"", "Hello {you}!", "", false}},
		"nothing":                 {"", outcome{}},
		"in a fence":              {"Thought: a\nAction:\n```json\n" + call + "\n```", outcome{"", "a", call, true}},
		"a list":                  {"Action: [" + call + "]", outcome{"", "", call, true}},
		"without its label":       {"I look: " + call, outcome{"", "I look:", call, true}},
		"an invented observation": {"Action: " + call + "\nObservation: tea\nFinalAnswer: tea", outcome{"", "", call, true}},
		"its name in an input":    {`Action: {"action":"send","action_input":{"text":"Observation: tea"}}`, outcome{"", "", `{"action":"send","action_input":{"text":"Observation: tea"}}`, true}},
		"only that":               {"Thought: a\nObservation: b\nFinalAnswer: c", outcome{"", "a", "", false}},
		"no action":               {"Thought: a\nAction: None\nFinalAnswer: b", outcome{"b", "a", "", false}},
		"no JSON":                 {"Action: search tea", outcome{"", "", "search tea", true}},
		"JSON that is cut":        {`Action: {"action": "sea`, outcome{"", "", `{"action": "sea`, true}},
		"JSON without a name":     {`Action: {"q": 1}` + "\nObservation: x", outcome{"", "", `{"q": 1}`, true}},
		"two in a list":           {"Action: [" + call + "," + call + "]", outcome{"", "", "[" + call + "," + call + "]", true}},
		"an action that answers":  {`Action: {"action": "Final Answer", "action_input": "42"}`, outcome{"", "", `{"action":"Final Answer","action_input":"42"}`, false}},
		"hidden thoughts":         {"<think>Action: no</think>Thought: a<think>b</think>\nFinalAnswer: c", outcome{"c", "a", "", false}},
		"the start of a mark":     {"Thought: x <thi", outcome{"", "x <thi", "", false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, 3, len(test.text) + 1} {
				if diff := cmp.Diff(test.want, read(t, test.text, size)); diff != "" {
					t.Errorf("in pieces of %d bytes (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// FuzzReply checks that a reply is read alike however it comes.
func FuzzReply(f *testing.F) {
	f.Add("Thought: a\nAction: {\"action\":\"b\"}\nObservation: c", 3)
	f.Add("<think>x</think> FinalAnswer: y", 2)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		if diff := cmp.Diff(read(t, text, len(text)+1), read(t, text, max(1, min(size, len(text))))); diff != "" {
			t.Errorf("in pieces of %d bytes (-whole +pieces):\n%s", size, diff)
		}
	})
}
