package openai

import (
	"context"

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
func (c *client) moderate(ctx context.Context, call runtime.ModelCall, text string) (bool, error) {
	body := map[string]any{"model": c.model, "input": text}
	if parts := splitText(text, call.Schema.Int(runtime.PropertyMaxCharactersPerChunk)); len(parts) > 1 {
		body["input"] = parts
	}
	var answer moderationAnswer
	if err := c.postJSON(ctx, pathModerations, body, &answer); err != nil {
		return false, err
	}
	flagged := false
	for _, r := range answer.Results {
		flagged = flagged || *r.Flagged
	}
	return flagged, nil
}
