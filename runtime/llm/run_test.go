package llm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// TestRun checks that what is held back of a text comes before what is not of the text, however both
// are sent, and that nothing of either is lost.
func TestRun(t *testing.T) {
	t.Parallel()
	between := map[string]struct {
		send func(*llm.Output) error
		want string // between the texts; "" if the text goes on
	}{
		"an image":    {func(out *llm.Output) error { return out.Part(&llm.Image{URL: "u", MIMEType: "image/png"}) }, "[image]"},
		"a text part": {func(out *llm.Output) error { return out.Part(&llm.Text{Text: "T", OpaqueBody: []byte("1")}) }, "T"},
		"a thought":   {func(out *llm.Output) error { return out.Reasoning("hm") }, "<think>\nhm\n</think>"},
		"a tool call": {func(out *llm.Output) error { return out.ToolCall(llm.ToolCall{ID: "1", Name: "f"}) }, "[f]"},
		"no thought":  {func(out *llm.Output) error { return out.Reasoning("") }, ""},
		"no text":     {func(out *llm.Output) error { return out.Part(&llm.Text{}) }, ""},
		"what has no place in the text": {func(out *llm.Output) error {
			out.SystemFingerprint("fp")
			return errors.Join(out.OpaqueBody([]byte("{}")), out.Finish(llm.FinishLength, llm.Usage{}))
		}, ""},
	}
	for name, test := range map[string]struct {
		prepare     func(*llm.Output)
		first, then string
		want        [2]string // what is before and after
		whole       string    // of what goes on
	}{
		"a stop word": {
			func(out *llm.Output) { out.StopAt("END") }, "abcE", "ND and more",
			[2]string{"abcE", "ND and more"}, "abc",
		},
		"a stop word that comes later": {
			func(out *llm.Output) { out.StopAt("END") }, "abcE", "ND and END",
			[2]string{"abcE", "ND and "}, "abc",
		},
		"a character": {
			func(*llm.Output) {}, "a\xe2", "b",
			[2]string{"a\ufffd", "b"}, "a\ufffdb",
		},
		"prose": {
			func(out *llm.Output) { llm.AskForCodeBlock(&call{}, out, llm.CodeJSON) }, "Sure. ``", " ``` `x```",
			[2]string{"Sure. ``", " ``` `x```"}, "`x",
		},
		"a thought as text": {
			func(out *llm.Output) { llm.AskForCodeBlock(&call{}, out, llm.CodeJSON) }, "<think>a</thi", "nk>```json\n1\n```",
			[2]string{"<think>a</thi", "nk>```json\n1\n```"}, "<think>a</think>1",
		},
		"a code block": {
			func(out *llm.Output) { llm.AskForCodeBlock(&call{}, out, llm.CodeJSON) }, "```json\n[1", ", 2]\n```\nSure.",
			[2]string{"[1", ", 2]"}, "[1, 2]",
		},
		"the end of a code block": {
			func(out *llm.Output) { llm.AskForCodeBlock(&call{}, out, llm.CodeJSON) }, "```json\n[1]\n``", "`\nSure.",
			[2]string{"[1]", ""}, "[1]",
		},
		"a character, a stop word and prose": {
			func(out *llm.Output) {
				out.StopAt("ENDE€")
				llm.AskForCodeBlock(&call{}, out, llm.CodeXML)
			}, "Sure. ENDE\xe2", "x",
			[2]string{"Sure. ENDE\ufffd", "x"}, "Sure. ENDE\ufffdx",
		},
	} {
		for kind, b := range between {
			want := test.want[0] + b.want + test.want[1]
			if b.want == "" {
				want = test.whole
			}
			for _, stream := range []bool{true, false} {
				var got strings.Builder
				out := llm.NewOutput(runtime.ModelCall{Model: "m"}, stream, func(c *llm.Chunk) error {
					got.WriteString(inOrder(c))
					return nil
				})
				test.prepare(out)
				if err := out.End(errors.Join(out.Text(test.first), b.send(out), out.Text(test.then))); err != nil {
					t.Error(err)
				}
				want := want
				if b.want == "[f]" && !stream { // tool calls are apart from the text
					want = strings.ReplaceAll(want, b.want, "") + b.want
				}
				if diff := cmp.Diff(want, got.String()); diff != "" {
					t.Errorf("%s, then %s, stream %t (-want +got):\n%s", name, kind, stream, diff)
				}
			}
		}
	}
}

// TestRunPreparedTwice checks that a later call of StopAt or AskForCodeBlock loses nothing.
func TestRunPreparedTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*llm.Output, string)
		want    string
	}{
		"StopAt":          {func(out *llm.Output, word string) { out.StopAt(word) }, "abcJSO"},
		"AskForCodeBlock": {func(out *llm.Output, f string) { llm.AskForCodeBlock(&call{}, out, llm.CodeFormat(f)) }, "abcJSOXMLnd"},
	} {
		result, err := llm.Ask(t.Context(), writer(func(_ *call, out *llm.Output) error {
			test.prepare(out, "JSON")
			err := out.Text("abcJSO")
			test.prepare(out, "XML")
			return errors.Join(err, out.Text("XML"), out.Text("nd"))
		}), &call{})
		if err != nil || result.Text() != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, result.Text(), err, test.want)
		}
	}
}

// inOrder returns what a chunk has.
func inOrder(c *llm.Chunk) string {
	var b strings.Builder
	for _, p := range c.Message.Parts {
		if text, ok := p.(*llm.Text); ok {
			b.WriteString(strings.ToValidUTF8(text.Text, "\ufffd"))
		} else {
			b.WriteString("[image]")
		}
	}
	for _, call := range c.Message.ToolCalls {
		b.WriteString("[" + call.Name + "]")
	}
	return b.String()
}
