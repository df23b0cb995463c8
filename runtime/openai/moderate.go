package openai

import (
	"context"
	"slices"

	"github.com/difygen/difygen/runtime"
)

type moderationAnswer struct {
	Results []struct {
		Flagged *bool `json:"flagged"`
	} `json:"results"`
}

func (a *moderationAnswer) empty() bool {
	for _, r := range a.Results {
		if r.Flagged == nil {
			return true
		}
	}
	return len(a.Results) == 0
}

// moderate reports whether a text is against the rules.
func (c *client) moderate(ctx context.Context, text string) (bool, error) {
	parts := splitText(text, c.call.Schema.PropertyInt(runtime.PropertyMaxCharactersPerChunk))
	most := c.call.Schema.PropertyInt(runtime.PropertyMaxChunks)
	if most <= 0 {
		most = len(parts)
	}
	for batch := range slices.Chunk(parts, most) {
		body := map[string]any{"model": c.model, "input": any(batch)}
		if len(parts) == 1 { // which all services take
			body["input"] = text
		}
		var answer moderationAnswer
		if err := c.postJSON(ctx, pathModerations, body, &answer); err != nil {
			return false, err
		}
		for _, r := range answer.Results {
			if *r.Flagged {
				return true, nil
			}
		}
	}
	return false, nil
}
