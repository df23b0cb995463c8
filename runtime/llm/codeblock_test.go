package llm_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// answers are what models write, and what is left of it.
var answers = map[llm.CodeFormat][]struct{ name, text, want string }{
	llm.CodeJSON: {
		{"a block", "```json\n{\"a\": 1}\n```", `{"a": 1}`},
		{"in upper case", "```JSON\n{\"a\": 1}\n```\n", `{"a": 1}`},
		{"without a language", "```\n[1]\n```", `[1]`},
		{"on one line", "```json {\"a\": 1}```", `{"a": 1}`},
		{"a fence after the text", "```json\n{\"a\": 1}``` \n Is it right?", `{"a": 1}`},
		{"with text around", "\nHere it is:\n```json\n{\"a\": 1}\n```\nIs it right?", `{"a": 1}`},
		{"with another block", "```json\n1\n```\n```json\n2\n```", `1`},
		{"thinking", "\n<think>\nhm\n</think>\n```json\n{}\n```", "<think>\nhm\n</think>{}"},
		{"thinking of a block", "<think>```json\n[1]\n```, </no>?</think>Here:```json\n{}\n```", "<think>```json\n[1]\n```, </no>?</think>{}"},
		{"thinking without a block", "<think>hm</think>\n\nNo. <think>", "<think>hm</think>No. <think>"},
		{"thinking twice", "<think>a</think><think>b</think>```json\n1\n```", "<think>a</think>1"},
		{"thinking only", "<think>\nhm</thin", "<think>\nhm</thin"},
		{"no block", "\n{\"a\": \"```\"}\n", "{\"a\": \"```\"}\n"},
		{"no block, a list", "[\"```\"]", "[\"```\"]"},
		{"a refusal", "I cannot.\nSorry.", "I cannot.\nSorry."},
		{"a fence in a text", "```json\n{\"a\": \"x```y ``` z\"}\n```", "{\"a\": \"x```y ``` z\"}"},
		{"a fence at the end of a text", "```json\n{\"a\": \"x```\"}\n```", "{\"a\": \"x```\"}"},
		{"backticks", "```json\n{\"a\": \"`x`` ` y\"}\n```", "{\"a\": \"`x`` ` y\"}"},
		{"indented", "```json\n  {\n    \"a\": 1\n  }\n  ```", "{\n    \"a\": 1\n  }"},
		{"a longer fence", "````json\n{\"a\": 1,\n```\n\"b\":2}\n`````", "{\"a\": 1,\n```\n\"b\":2}"},
		{"carriage returns", "```json\r\n{\r\n}\r\n```\r\n", "{\r\n}"},
		{"cut off", "```json\n{\"a\": 1", `{"a": 1`},
		{"cut off in the fence", "```json\n{\"a\": 1}\n``", `{"a": 1}`},
		{"empty", "```json\n```", ""},
		{"a language only", "```json", ""},
		{"nothing", "", ""},
		{"space", " \n", ""},
		{"much space", "```json\n[" + strings.Repeat(" ", 5000) + "]\n```", "[" + strings.Repeat(" ", 5000) + "]"},
		{"much prose", strings.Repeat("x", 2<<20) + "```json\n1\n```", strings.Repeat("x", 2<<20) + "```json\n1\n```"},
	},
	llm.CodeXML: {
		{"a block", "```xml\n<a>1</a>\n```", "<a>1</a>"},
		{"no block", "<a>```</a>", "<a>```</a>"},
		{"thinking", "<think>\nhm\n</think>\n```xml\n<a/>\n```", "<think>\nhm\n</think><a/>"},
		{"thinking, no block", "<think>hm</think> <a/>", "<think>hm</think><a/>"},
		{"something else", "{}", "{}"},
	},
}

// TestCodeBlock writes answers whole, by the byte, and in pieces of three.
func TestCodeBlock(t *testing.T) {
	t.Parallel()
	for format, tests := range answers {
		for _, test := range tests {
			for _, size := range []int{1 << 30, 1, 3} {
				if size < 10 && len(test.text) > 1<<16 {
					size *= 1 << 16
				}
				if got := stripped(t, format, test.text, size); got != test.want {
					t.Errorf("%s, %s, in pieces of %d: got %.80q, want %.80q", format, test.name, size, got, test.want)
				}
			}
		}
	}
}

// stripped returns what an output sends of a text in pieces of a size.
func stripped(tb testing.TB, format llm.CodeFormat, text string, size int) string {
	tb.Helper()
	s := &sent{tb: tb}
	out := llm.NewOutput(runtime.ModelCall{Model: "m"}, true, s.send)
	llm.AskForCodeBlock(&call{}, out, format)
	for text != "" {
		n := min(size, len(text))
		if err := out.Text(text[:n]); err != nil {
			tb.Fatal(err)
		}
		text = text[n:]
	}
	if err := out.End(nil); err != nil {
		tb.Fatal(err)
	}
	return s.result.Result().Text()
}

// TestCodeBlockStreams checks that a block is sent as it comes, after the thinking.
func TestCodeBlockStreams(t *testing.T) {
	t.Parallel()
	var got []string
	out := llm.NewOutput(runtime.ModelCall{Model: "m"}, true, func(c *llm.Chunk) error {
		got = append(got, c.Text())
		return nil
	})
	llm.AskForCodeBlock(&call{}, out, llm.CodeJSON)
	err := errors.Join(out.Reasoning("hm"), out.Text("``"), out.Text("`js"), out.Text("on"), out.Text("\n{"), out.Text("\"a\":\n"), out.Text(strings.Repeat(" ", 5000)), out.Text("1}\n``"), out.Text("`"), out.Text("\nno"))
	if err := out.End(err); err != nil {
		t.Fatal(err)
	}
	want := []string{"<think>\nhm", "\n</think>{", `"a":`, "\n" + strings.Repeat(" ", 5000), "1}", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCodeBlockPrompt checks what the model is asked, and that the call stays as it is.
func TestCodeBlockPrompt(t *testing.T) {
	t.Parallel()
	out := func() *llm.Output {
		return llm.NewOutput(modelCall(), true, func(*llm.Chunk) error { return nil })
	}
	given := &call{Messages: []llm.Message{llm.System("Be kind."), llm.User("hi")}, JSONSchema: &llm.JSONSchema{Schema: json.RawMessage(`{"type":"object"}`)}}
	asked := llm.AskForCodeBlock(given, out(), llm.CodeJSON)
	if text := asked.Messages[0].Text(); !strings.HasPrefix(text, "Be kind.\n\n") || !strings.Contains(text, "```json") || !strings.HasSuffix(text, "\n"+`{"type":"object"}`) {
		t.Errorf("the model is asked %q", text)
	}
	if given.System() != "Be kind." || len(asked.Messages) != 2 {
		t.Errorf("the messages are %v and %v", given.Messages, asked.Messages)
	}
	shared := append(make([]llm.Part, 0, 2), &llm.Text{Text: "Be kind."})
	llm.AskForCodeBlock(&call{Messages: []llm.Message{{Role: llm.RoleSystem, Parts: shared}}}, out(), llm.CodeJSON)
	if shared[:2][1] != nil {
		t.Error("the parts of the message have changed")
	}
	asked = llm.AskForCodeBlock(&call{Messages: []llm.Message{llm.User("hi")}}, out(), llm.CodeXML)
	if text := asked.System(); len(asked.Messages) != 2 || !strings.Contains(text, "```xml") || !strings.Contains(text, "one element, answer") {
		t.Errorf("the model is asked %v", asked.Messages)
	}
	if llm.AskForCodeBlock(given, out(), "text") != given {
		t.Error("another format changes the call")
	}
}

// FuzzCodeBlock checks that it does not matter how a text is cut, and that a block is found.
func FuzzCodeBlock(f *testing.F) {
	for _, test := range answers[llm.CodeJSON] {
		if len(test.text) < 1000 {
			f.Add(test.text, uint8(2))
		}
	}
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		text = string([]rune(text))
		whole := stripped(t, llm.CodeJSON, text, 1<<30)
		if got := stripped(t, llm.CodeJSON, text, int(size)+1); got != whole {
			t.Errorf("in pieces: %q, whole: %q", got, whole)
		}
		if data, err := json.Marshal(text); err == nil {
			if got := stripped(t, llm.CodeJSON, "```json\n"+string(data)+"\n```", int(size)+1); got != string(data) {
				t.Errorf("got %q, want %q", got, data)
			}
		}
	})
}
