package agent_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// TestStepsOfTools checks where the steps of a tool are shown, which can say anything.
func TestStepsOfTools(t *testing.T) {
	t.Parallel()
	const start = runtime.LogStart
	failed := "/Call clock error: " + failing("broken")
	for name, test := range map[string]struct {
		logs []runtime.LogMessage
		err  error
		want []string // of one call
	}{
		"within a step": {[]runtime.LogMessage{{ID: "a", Label: "a", Status: start}, {Label: "b", Parent: "a"}, {ID: "a", Label: "a"}}, nil, []string{
			"/Call clock/a/b success", "/Call clock/a success", "/Call clock success",
		}},
		"of an unknown parent":           {[]runtime.LogMessage{{Label: "a", Parent: "x"}}, nil, []string{"/Call clock/a success", "/Call clock success"}},
		"within itself":                  {[]runtime.LogMessage{{ID: "a", Label: "a", Parent: "a"}}, nil, []string{"/Call clock/a success", "/Call clock success"}},
		"of an odd status":               {[]runtime.LogMessage{{Label: "a", Status: "odd"}}, nil, []string{"/Call clock/a success", "/Call clock success"}},
		"that fails":                     {[]runtime.LogMessage{{Label: "a", Status: runtime.LogError, Error: "e"}}, nil, []string{"/Call clock/a error: e", "/Call clock success"}},
		"left open":                      {[]runtime.LogMessage{{ID: "a", Label: "a", Status: start}, {Label: "b", Status: start}}, nil, []string{"/Call clock/b success", "/Call clock/a success", "/Call clock success"}},
		"left open by a tool that fails": {[]runtime.LogMessage{{ID: "a", Label: "a", Status: start}}, errors.New("broken"), []string{"/Call clock/a error: broken", failed}},
		"that ends twice":                {[]runtime.LogMessage{{ID: "a", Label: "a"}, {ID: "a", Label: "a", Status: runtime.LogError}}, nil, []string{"/Call clock/a success", "/Call clock success"}},
		"that moves": {[]runtime.LogMessage{{ID: "a", Label: "a", Status: start}, {ID: "b", Label: "b", Status: start, Parent: "a"}, {ID: "a", Label: "a", Parent: "b"}}, nil, []string{
			"/Call clock/a success", "/Call clock/a/b success", "/Call clock success",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, gpt())
			w.dify.Tools(func(_ context.Context, _ *invoke.ToolRequest, out *difytest.ToolAnswer) error {
				for _, step := range test.logs {
					if _, err := out.Log(step); err != nil {
						return err
					}
				}
				return test.err
			})
			for range 2 { // the second call must not replace what the first one shows
				if _, err := w.run.CallTool(w.ctx, nil, llm.ToolCall{Name: "clock"}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(append(test.want, test.want...), w.steps()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			ended := make(map[any]bool)
			for _, m := range w.messages {
				if ended[m.Message["id"]] {
					t.Errorf("the step %s goes on after its end", m.Message["label"])
				}
				ended[m.Message["id"]] = m.Message["status"] != "start"
			}
		})
	}
}

// TestManyStepsOfTools checks that a tool cannot show steps without end.
func TestManyStepsOfTools(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt())
	w.dify.Tools(func(_ context.Context, _ *invoke.ToolRequest, out *difytest.ToolAnswer) error {
		for i := range 200 {
			if _, err := out.Log(runtime.LogMessage{ID: strconv.Itoa(i), Label: strings.Repeat("x", 70<<10), Parent: strconv.Itoa(i - 1)}); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := w.run.CallTool(w.ctx, nil, llm.ToolCall{Name: "clock"}); err != nil {
		t.Fatal(err)
	}
	if n := len(w.messages); n != agent.MaxToolSteps+2 {
		t.Errorf("%d messages", n)
	}
	for _, m := range w.messages {
		if label, _ := m.Message["label"].(string); len(label) > 65<<10 {
			t.Errorf("a label of %d bytes", len(label))
		}
	}
}
