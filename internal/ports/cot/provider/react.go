package cot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/llm"
)

// prompt tells a model how to think, and how to call a tool. It gets the instruction, and the tools in JSON.
const prompt = `%s

You can use these tools, whose parameters are JSON Schemas:

%s

Write what you think, and then either one action, as JSON in one line, or the answer:

Thought: what you know, and what you need
Action: {"action": "the name of a tool", "action_input": {"parameter": "value"}}

Thought: what you know now
FinalAnswer: the answer to the user

After an action, stop. What the tool says comes as "Observation:", and then you go on in the same way.`

// noMore tells a model to answer.
const noMore = "\n\nNo more tools can be used. Write the FinalAnswer."

// ReAct is the agent strategy ReAct: models that do not call functions write what they think, and which tool
// they want (Yao et al., "ReAct").
func (p *Provider) ReAct(ctx context.Context, call *ReActCall, out *ReActOutput) error {
	params := &call.Parameters
	run, err := start(out.Output, call.Dify, params.Model, params.Tools, params.AllowedTools)
	if err != nil {
		return err
	}
	resources, err := sources(params.Context)
	if err != nil {
		return err
	}
	tools, err := json.Marshal(run.Tools.ForModel())
	if err != nil {
		return err
	}
	run.Append(llm.System(fmt.Sprintf(prompt, params.Instruction, tools)))
	run.Append(history(&params.Model)...)
	run.Append(llm.User(params.Query))
	if err := think(ctx, run, int(params.MaximumIterations)); err != nil {
		return err
	}
	return cite(out.Output, resources)
}

// think asks the model until it answers. In that many rounds it can use a tool; after them, it must answer.
func think(ctx context.Context, run *agent.Run, rounds int) error {
	for n := 1; ; n++ {
		said, err := round(ctx, run, n, n > rounds)
		if err != nil || said == "" {
			return err
		}
		if n == rounds {
			said += noMore
		}
		run.Append(llm.User(observed + " " + said))
	}
}

// round asks the model once. It returns what the tool says that the model wants, or "" if it has answered.
func round(ctx context.Context, run *agent.Run, n int, last bool) (said string, err error) {
	step := run.Out.Step(fmt.Sprintf("Round %d", n), "")
	data := make(map[string]any)
	defer func() { err = cmp.Or(err, step.End(data, err)) }()
	r := reply{show: run.Out.Text}
	if _, err := run.Ask(ctx, step, agent.Question{Stop: []string{observed}, Text: r.write}); err != nil {
		return "", err
	}
	if err := r.end(); err != nil {
		return "", err
	}
	run.Messages[len(run.Messages)-1] = llm.Assistant(r.kept()) // without what comes after the action
	data["thought"], data["action"] = r.thought, r.call
	if last || !r.acts() {
		return "", r.answer()
	}
	said, err = act(ctx, run, step, r.action)
	data["observation"] = said
	return said, err
}

// act calls the tool that a model wants. What is wrong with the action, which is nil if it cannot be read, is
// told to the model.
func act(ctx context.Context, run *agent.Run, step *agent.Step, a *action) (said string, err error) {
	if a == nil {
		return unreadable, nil
	}
	return run.CallTool(ctx, step, llm.ToolCall{Name: a.Name, Arguments: a.arguments(run.Tools.Find(a.Name))})
}
