package agent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/llm"
)

// react is a strategy for models that cannot call tools: they write which one they want, and read what it
// says (Yao et al., "ReAct"). It is made of the parts of a Run.
func react(ctx context.Context, run *agent.Run, question string, rounds int) error {
	var about strings.Builder
	for _, tool := range run.Tools.ForModel() {
		fmt.Fprintf(&about, "%s: %s\n", tool.Name, tool.Description)
	}
	run.Messages = []llm.Message{llm.System("Tools:\n" + about.String() + "Write Action: NAME JSON, or Answer: TEXT"), llm.User(question)}
	for n := range rounds {
		step := run.Out.Step(fmt.Sprintf("Thought %d", n+1), "")
		result, err := run.Ask(ctx, step, agent.Question{Stop: []string{"Observation:"}})
		if err != nil {
			return errors.Join(err, step.End(nil, err))
		}
		_, answer, done := strings.Cut(result.Text(), "Answer: ")
		if done {
			if err := step.End(map[string]any{"output": answer}, nil); err != nil {
				return err
			}
			return run.Out.Text(answer)
		}
		_, action, _ := strings.Cut(result.Text(), "Action: ")
		name, arguments, _ := strings.Cut(action, " ")
		said, err := run.CallTool(ctx, step, llm.ToolCall{Name: name, Arguments: arguments})
		if err != nil {
			return errors.Join(err, step.End(nil, err))
		}
		run.Append(llm.User("Observation: " + said))
		if err := step.End(map[string]any{"observation": said}, nil); err != nil {
			return err
		}
	}
	return fmt.Errorf("no answer in %d rounds", rounds)
}

func TestAnotherStrategy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(),
		difytest.Chunks("I must search.\n", "Action: search ", `{"q":"noon"}`),
		difytest.Chunks("Action: rm {}"),
		difytest.Chunks("I know.\nAnswer: at 12"))
	if err := w.run.Out.End(react(w.ctx, w.run, "when?", 5)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("at 12", w.text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	want := []string{
		"system Tools:\nsearch: Searches.\nclock: \nWrite Action: NAME JSON, or Answer: TEXT", "user when?",
		"assistant I must search.\nAction: search {\"q\":\"noon\"}", "user Observation: found noon",
		"assistant Action: rm {}", `user Observation: The call has failed: there is no tool "rm"; the tools are: clock, search`,
		"assistant I know.\nAnswer: at 12",
	}
	if diff := cmp.Diff(want, w.conversation()); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	want = []string{
		"/Thought 1/gpt success", "/Thought 1/Call search success", "/Thought 1 success",
		"/Thought 2/gpt success", `/Thought 2/Call rm error: there is no tool "rm"; the tools are: clock, search`, "/Thought 2 success",
		"/Thought 3/gpt success", "/Thought 3 success",
	}
	if diff := cmp.Diff(want, w.steps()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	for _, r := range w.model.asked {
		if len(r.Tools) > 0 || cmp.Diff([]string{"Observation:"}, r.Stop) != "" {
			t.Errorf("the model is asked with %d tools and stops at %q", len(r.Tools), r.Stop)
		}
	}
}
