package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime/llm"
)

// Loop asks the model until it answers without calling a tool, and returns that answer. What the model
// writes goes to Out.Text as it comes, its thoughts between <think> and </think> too, and files that it
// makes go to Out.Part, but for those whose URL that does not take. In at most that many rounds, but one at least, the model can call tools. After them
// it is asked once more, without tools, so that it must answer. Each round is a step within in, which may be
// nil.
//
// What is wrong with a call of a tool is told to the model, as CallTools does. The error is that of the
// model, of the context or of sending. It is one of the model that it answers with neither a text, beside its
// thoughts, nor a file.
func (r *Run) Loop(ctx context.Context, in *Step, rounds int) (*llm.Result, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		last := n > max(rounds, 1)
		result, err := r.round(ctx, in, n, !last)
		switch {
		case err != nil:
			return nil, err
		case last || len(result.Message.ToolCalls) == 0:
			return result, nil
		}
	}
}

// round asks the model once, and calls the tools that it asks for.
func (r *Run) round(ctx context.Context, in *Step, n int, tools bool) (*llm.Result, error) {
	step := r.step(in, fmt.Sprintf("Round %d", n), "")
	result, err := r.Ask(ctx, step, Question{Tools: tools, Text: r.Out.Text})
	data := make(map[string]any)
	if err == nil {
		data["output"] = shorten(result.Text())
		var files int
		files, err = r.showParts(result, data)
		err = errors.Join(err, r.answerCalls(ctx, step, result, tools))
		if err == nil && files == 0 {
			err = r.checkAnswer(result, tools)
		}
	}
	if ended := step.End(data, err); err == nil {
		err = ended
	}
	return result, err
}

// showParts sends what a model has made beside text, which has been sent, and returns how much that is. What
// cannot be shown for its address is left out, which the step says.
func (r *Run) showParts(result *llm.Result, data map[string]any) (files int, err error) {
	for _, p := range result.Message.Parts {
		if _, is := p.(*llm.Text); is {
			continue
		}
		err := r.Out.Part(p)
		switch {
		case errors.Is(err, errAddress):
			data["left_out"] = "A file that the model has made is left out: " + err.Error() + "."
		case err != nil:
			return files, fmt.Errorf("passing on what the model %s has made: %w", r.Model.Model, err)
		default:
			files++
		}
	}
	return files, nil
}

// checkAnswer reports a model that has said nothing to the user, without a file, nor wants to call tools.
func (r *Run) checkAnswer(result *llm.Result, tools bool) error {
	_, text := llm.SplitReasoning(result.Text())
	calls := len(result.Message.ToolCalls) > 0
	switch {
	case strings.TrimSpace(text) != "", calls && tools:
		return nil
	case calls:
		return fmt.Errorf("the model %s has not answered, but called tools to the end", r.Model.Model)
	}
	return fmt.Errorf("the model %s has answered with neither a text nor a file", r.Model.Model)
}

// answerCalls answers the tool calls of a model, which it may make without being offered tools.
func (r *Run) answerCalls(ctx context.Context, step *Step, result *llm.Result, tools bool) error {
	calls := result.Message.ToolCalls
	if !tools {
		for _, call := range calls {
			r.Append(llm.ToolResult(call, "No more tools can be called."))
		}
		return nil
	}
	err := r.CallTools(ctx, step, calls)
	if err == nil && len(calls) > 0 && result.Text() != "" {
		err = r.Out.Text("\n") // what the model writes next is another paragraph
	}
	return err
}
