package agent_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

const noAddress = "its address is neither one of http or https nor one of Dify's files."

// TestObservation checks what a model reads of what a tool sends, and what the user gets of it.
func TestObservation(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", agent.MaxObservation)
	for name, test := range map[string]struct {
		send func(*difytest.ToolAnswer) error
		want string
		sent []string // what the user gets, beside steps
	}{
		"nothing": {func(*difytest.ToolAnswer) error { return nil }, "The tool has said nothing.", nil},
		"texts":   {func(a *difytest.ToolAnswer) error { return errors.Join(a.Text("a"), a.Text("b\n")) }, "ab", nil},
		"a link": {func(a *difytest.ToolAnswer) error {
			return errors.Join(a.Text("see"), a.Link("https://x.example"), a.Text("so"))
		}, "see\nLink: https://x.example\nso", nil},
		"JSON": {func(a *difytest.ToolAnswer) error {
			return errors.Join(a.JSON(map[string]any{"a": "<ü>"}), a.Text("b"))
		}, "b\n" + `{"a":"<ü>"}`, nil},
		"JSON that is a text, too": {
			func(a *difytest.ToolAnswer) error { return errors.Join(a.JSON([]any{1}), a.Text("it is [1]")) }, "it is [1]", nil,
		},
		"suppressed JSON": {func(a *difytest.ToolAnswer) error { return errors.Join(a.SuppressedJSON([]any{1}), a.Text("b")) }, "b", nil},
		"variables": {
			func(a *difytest.ToolAnswer) error {
				return errors.Join(a.Variable("n", 1), a.Variable("z", nil), a.StreamVariable("s", "a"), a.StreamVariable("s", "b"))
			}, `{"n":1,"s":"ab","z":null}`, nil,
		},
		"a variable that grows after it was set": {
			func(a *difytest.ToolAnswer) error {
				return errors.Join(a.Variable("s", "a"), a.Variable("s", "b"), a.StreamVariable("s", "c"))
			}, `{"s":"bc"}`, nil,
		},
		"a variable and a text": {func(a *difytest.ToolAnswer) error { return errors.Join(a.Variable("n", 1), a.Text("one")) }, "one", nil},
		"an image":              {func(a *difytest.ToolAnswer) error { return a.Image("https://x.example/a.png") }, "The tool has made an image, which the user sees.", []string{"image"}},
		"files": {
			func(a *difytest.ToolAnswer) error {
				a.StoredFile("f1", runtime.FileMeta{Name: "a.png", MIMEType: "image/png"})
				a.StoredFile("f2", runtime.FileMeta{MIMEType: "application/pdf"})
				return a.File([]byte("b"), runtime.FileMeta{Name: "b.txt"})
			},
			"The tool has made a file, which the user sees: a.png\nThe tool has made a file, which the user sees: application/pdf\nThe tool has made a file, which the user sees: b.txt",
			[]string{"image_link", "binary_link", "blob"},
		},
		"a link that cannot be opened": {
			func(a *difytest.ToolAnswer) error { return errors.Join(a.Link("javascript:alert(1)"), a.Link("/page")) },
			strings.Repeat("\nThe tool has made a link, which is left out: "+noAddress, 2)[1:], nil,
		},
		"an image without a URL": {func(a *difytest.ToolAnswer) error { return a.Image("") }, "The tool has made an image, which is left out: " + noAddress, nil},
		"an image elsewhere":     {func(a *difytest.ToolAnswer) error { return a.Image("//x.example/files/a") }, "The tool has made an image, which is left out: " + noAddress, nil},
		"passages": {
			func(a *difytest.ToolAnswer) error {
				return a.RetrieverResources([]runtime.RetrieverResource{{Content: "c"}}, "the context")
			}, "the context", []string{"retriever_resources"},
		},
		"a step": {
			func(a *difytest.ToolAnswer) error {
				_, err := a.Log(runtime.LogMessage{Label: "inner"})
				return errors.Join(err, a.Text("t"))
			}, "t", nil,
		},
		"too much text": {
			func(a *difytest.ToolAnswer) error { return errors.Join(a.Text("a"), a.Text(long), a.Text("b")) },
			"a" + long[:agent.MaxObservation-2] + "\nThe tool has said more, which is left out.", nil,
		},
		"too much JSON": {
			func(a *difytest.ToolAnswer) error { return errors.Join(a.Text("a"), a.JSON([]string{long})) },
			"a\nThe tool has said more, which is left out.", nil,
		},
		"an image that is not passed on": {func(a *difytest.ToolAnswer) error { return a.Image("https://x.example/a.png") }, "The call has failed: no room", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, gpt())
			if strings.HasSuffix(name, "not passed on") {
				w.refused = "image"
			}
			w.dify.Tools(func(_ context.Context, _ *invoke.ToolRequest, out *difytest.ToolAnswer) error { return test.send(out) })
			got, err := w.run.CallTool(w.ctx, nil, llm.ToolCall{Name: "clock"})
			if err != nil || got != test.want {
				t.Errorf("got %.500q, %v\nwant %.500q", got, err, test.want)
			}
			sent := slices.DeleteFunc(w.sent(), func(s string) bool { return s == "log" })
			if diff := cmp.Diff(test.sent, sent, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("what the user gets (-want +got):\n%s", diff)
			}
			if name == "a step" && !slices.Contains(w.steps(), "/Call clock/inner success") {
				t.Errorf("steps: %q", w.steps())
			}
		})
	}
}
