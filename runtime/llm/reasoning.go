package llm

import "strings"

// What is around thoughts, and what Dify's plugins write where thinking starts and ends.
const (
	openThought   = "<think>"
	closeThought  = "</think>"
	startThinking = openThought + "\n"
	endThinking   = "\n" + closeThought
)

// SplitReasoning splits what a model has written into its thoughts and its answer: the reverse of
// Output.Reasoning and Output.Text. Dify has no other place for thoughts, so that earlier messages
// of a model can have theirs; most models must not get them back. What is between <think> and
// </think>, or after a <think> that nothing ends, is a thought; several are joined with a line
// break.
func SplitReasoning(text string) (reasoning, answer string) {
	var thoughts []string
	var rest strings.Builder
	for {
		before, after, ok := strings.Cut(text, openThought)
		rest.WriteString(before)
		if !ok {
			break
		}
		var thought string
		thought, text, _ = strings.Cut(after, closeThought)
		thoughts = append(thoughts, strings.TrimSuffix(strings.TrimPrefix(thought, "\n"), "\n"))
	}
	if len(thoughts) == 0 {
		return "", text
	}
	return strings.Join(thoughts, "\n"), strings.TrimLeft(rest.String(), "\r\n")
}
