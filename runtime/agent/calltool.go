package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// MaxCalls is how many tools a model can call at once. It is told that more were not called.
const MaxCalls = 128

// CallTools calls the tools that a model asks for, at most MaxCalls, one after the other, and appends what
// they say to the conversation. Every call gets an answer, as models demand, even if an error of CallTool
// ends the run.
func (r *Run) CallTools(ctx context.Context, in *Step, calls []llm.ToolCall) error {
	var failure error
	for i, call := range calls {
		text := "The call was canceled."
		switch {
		case failure != nil:
		case i >= MaxCalls:
			text = fmt.Sprintf("The tool was not called: call at most %d at once.", MaxCalls)
		default:
			var said string
			if said, failure = r.CallTool(ctx, in, call); failure == nil {
				text = said
			}
		}
		r.Append(llm.ToolResult(call, text))
	}
	return failure
}

// CallTool calls a tool that a model asks for, and shows that as a step within in, which may be nil. It
// returns what the model should read: the texts of the tool, its links and JSON, and which files it has
// made, at most MaxObservation bytes and a note. The files go to Out, unless their URL is neither one of
// http or https nor a path of Dify's files. Steps of the tool are within that of the call.
//
// What is wrong with the call is told to the model, too, which can do better: a name that is none of the
// tools, arguments that are not a JSON object or that Tool.Request leaves out, and what Dify or the tool
// says. An error is that of the context, of a request that has ended, or of sending the step.
func (r *Run) CallTool(ctx context.Context, in *Step, call llm.ToolCall) (text string, err error) {
	if err := r.check(); err != nil {
		return "", err
	}
	tool, provider := r.Tools.Find(call.Name), ""
	if tool != nil {
		provider = tool.Provider
	}
	step := r.step(in, "Call "+shorten(call.Name), provider)
	o := &observation{out: r.Out, steps: &toolSteps{out: r.Out, call: step}}
	failure := r.callTool(ctx, tool, call, o)
	text = o.end(reason(failure))
	ended := errors.Join(o.steps.end(reason(failure)), step.End(map[string]any{"arguments": shorten(call.Arguments), "output": shorten(text)}, failure))
	switch {
	case failure != nil && ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(failure, invoke.ErrEnded), errors.Is(failure, invoke.ErrOutside):
		return "", failure
	case ended != nil:
		return "", ended
	}
	return text, nil
}

// callTool calls a tool, which is nil if there is none of that name.
func (r *Run) callTool(ctx context.Context, tool *Tool, call llm.ToolCall, o *observation) error {
	if tool == nil {
		return fmt.Errorf("there is no tool %q; the tools are: %s", shorten(call.Name), r.Tools.names())
	}
	var arguments map[string]any
	if err := call.Decode(&arguments); err != nil {
		return fmt.Errorf("%w: they must be a JSON object", err)
	}
	if names := tool.leftOut(arguments); len(names) > 0 {
		o.notes = append(o.notes, "These arguments were left out, since a model cannot set them: "+strings.Join(names, ", ")+".")
	}
	for message, err := range r.Tools.service.Stream(ctx, tool.Request(arguments)) {
		if err == nil {
			err = o.add(message)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
