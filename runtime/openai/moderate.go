package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/difygen/difygen/runtime"
)

type moderationAnswer struct {
	Results []struct {
		Flagged *bool `json:"flagged"`
	} `json:"results"`
	Error json.RawMessage `json:"error"`
}

// empty reports whether an answer that flags nothing does not say so of all that it is about.
func (a *moderationAnswer) empty() bool {
	if a.flagged() {
		return false
	}
	for _, r := range a.Results {
		if r.Flagged == nil {
			return true
		}
	}
	return len(a.Results) == 0 || isFailure(a.Error)
}

// flagged reports whether something is against the rules.
func (a *moderationAnswer) flagged() bool {
	for _, r := range a.Results {
		if r.Flagged != nil && *r.Flagged {
			return true
		}
	}
	return false
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
		if answer.flagged() {
			return true, nil
		}
		if len(answer.Results) != len(batch) {
			return false, fmt.Errorf("the service has answered %d results for %d texts", len(answer.Results), len(batch))
		}
	}
	return false, nil
}
