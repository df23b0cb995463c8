package difytest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// TestPrompts checks that the prompts which real models refuse are errors of the test.
func TestPrompts(t *testing.T) {
	t.Parallel()
	call := func(id string) llm.ToolCall { return llm.ToolCall{ID: id, Name: "weather", Arguments: "{}"} }
	result := func(id string) llm.Message { return llm.ToolResult(call(id), "rain") }
	both := llm.Assistant("", call("1"), call("2"))
	const refused = "a real model refuses this prompt: "
	for name, test := range map[string]struct {
		prompt []llm.Message
		want   []string
	}{
		"answered":       {[]llm.Message{llm.User("hi"), both, result("2"), result("1"), llm.Assistant("So?"), llm.User("hm")}, nil},
		"the same again": {[]llm.Message{both, result("1"), result("2"), both, result("1"), result("2")}, nil},
		"one is not": {
			[]llm.Message{llm.User("hi"), both, result("1"), llm.User("hm")},
			[]string{refused + `message 4, of role user, comes before an answer to the call "2" of a tool: append llm.ToolResult for every call`},
		},
		"the end": {
			[]llm.Message{llm.User("hi"), both, result("2")},
			[]string{refused + `it ends before an answer to the call "1" of a tool: append llm.ToolResult for every call`},
		},
		"no call": {
			[]llm.Message{llm.User("hi"), result("1")},
			[]string{refused + `message 2 answers the call "1" of a tool, which the assistant's message before has not made`},
		},
		"twice": {
			[]llm.Message{both, result("1"), result("1"), result("2")},
			[]string{refused + `message 3 answers the call "1" of a tool, which the assistant's message before has not made`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				dify := difytest.NewDify(tb)
				dify.LLM(difytest.Replies(llm.Result{Message: llm.Assistant("ok")}))
				ctx := dify.Context(t.Context())
				_, err := llm.Collect(invoke.ForGeneratedCode(ctx).LLM().Stream(ctx, &invoke.LLMRequest{
					Model: runtime.ModelSelector{Provider: "p", Model: "m"}, Messages: test.prompt,
				}))
				if err != nil {
					t.Error(err)
				}
			})
			if diff := cmp.Diff(test.want, errs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
