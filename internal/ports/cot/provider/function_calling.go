package cot

import (
	"context"

	"github.com/difygen/difygen/runtime/llm"
)

// FunctionCalling is the agent strategy Function calling: models that call functions call tools until they
// can answer.
func (p *Provider) FunctionCalling(ctx context.Context, call *FunctionCallingCall, out *FunctionCallingOutput) error {
	params := &call.Parameters
	run, err := start(out.Output, call.Dify, params.Model, params.Tools, params.AllowedTools)
	if err != nil {
		return err
	}
	resources, err := sources(params.Context)
	if err != nil {
		return err
	}
	images, err := images(ctx, &params.Model, params.Files)
	if err != nil {
		return err
	}
	run.Append(llm.System(params.Instruction))
	run.Append(history(&params.Model)...)
	run.Append(llm.User(params.Query, images...))
	if _, err := run.Loop(ctx, nil, int(params.MaximumIterations)); err != nil {
		return err
	}
	return cite(out.Output, resources)
}
