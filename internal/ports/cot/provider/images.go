package cot

import (
	"context"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/llm"
)

// unseen is what a model that sees no images reads in place of one.
func unseen() llm.Part { return &llm.Text{Text: "\n[image]"} }

// images returns the images among files as a model takes them. Dify sends null for a file that is not there.
func images(ctx context.Context, model *agent.Model, value any) ([]llm.Part, error) {
	if list, ok := value.([]any); ok {
		value = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == nil })
	}
	d := runtime.NewParameterDecoder("Function calling", map[string]any{"files": value})
	var parts []llm.Part
	for _, file := range d.Files("files", "Files", runtime.FieldOptional) {
		if file.Type != "image" {
			continue
		}
		image, err := imageOf(ctx, model, file)
		if err != nil {
			return nil, err
		}
		parts = append(parts, image)
	}
	return parts, d.Err()
}

func imageOf(ctx context.Context, model *agent.Model, file runtime.File) (llm.Part, error) {
	if !model.Supports(runtime.FeatureVision) {
		return unseen(), nil
	}
	return agent.ReadFile(ctx, file)
}

// history returns the conversation before, as the model can read it.
func history(model *agent.Model) []llm.Message {
	if model.Supports(runtime.FeatureVision) {
		return model.History
	}
	messages := slices.Clone(model.History)
	for i := range messages {
		parts := slices.Clone(messages[i].Parts)
		for j := range parts {
			if _, ok := parts[j].(*llm.Image); ok {
				parts[j] = unseen()
			}
		}
		messages[i].Parts = parts
	}
	return messages
}
