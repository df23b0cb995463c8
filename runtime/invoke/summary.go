package invoke

import (
	"context"
	"unicode/utf8"
)

// Summary summarizes texts with the workspace's model for that. It needs the permissions
// model.enabled and model.llm.
type Summary struct{ service service }

// Summary returns the service.
func (s Session) Summary() Summary { return Summary{s.service()} }

// minSummary is the length of the shortest text that is worth a summary, in characters. It is that
// of the Python SDK.
const minSummary = 1024

type wireSummary struct {
	Text        string `json:"text"`
	Instruction string `json:"instruction"`
}

// Summarize returns a summary of a text. The instruction says what it is for, and may be empty.
//
// A text of fewer than 1,024 characters is returned as it is, whatever the instruction says: Dify is
// not asked, so that no permission is needed, and the context does not matter. Dify does the same
// with a text that is short for its model. To have a short text changed, ask with LLM.
func (s Summary) Summarize(ctx context.Context, text, instruction string) (string, error) {
	if utf8.RuneCountInString(text) < minSummary {
		return text, nil
	}
	var reply struct{ Summary *string }
	if err := s.service.one(ctx, typeSummary, wireSummary{text, instruction}, &reply); err != nil {
		return "", err
	}
	return present(typeSummary, "summary", reply.Summary)
}
