package llm

import "strings"

// What Dify's plugins write where thinking starts and ends.
const (
	startThinking = "<think>\n"
	endThinking   = "\n</think>"
)

// SplitReasoning splits what a model has written into its thoughts and its answer: the reverse of
// Output.Reasoning and Output.Text. Dify has no other place for thoughts, so that earlier messages
// of a model can have theirs; most models must not get them back. What is between <think> and
// </think>, or after a <think> that nothing ends, is a thought; several are joined with a line
// break.
func SplitReasoning(text string) (reasoning, answer string) {
	const start, end = "<think>", "</think>"
	var thoughts []string
	var rest strings.Builder
	for {
		before, after, ok := strings.Cut(text, start)
		rest.WriteString(before)
		if !ok {
			break
		}
		var thought string
		thought, text, _ = strings.Cut(after, end)
		thoughts = append(thoughts, strings.TrimSuffix(strings.TrimPrefix(thought, "\n"), "\n"))
	}
	if len(thoughts) == 0 {
		return "", text
	}
	return strings.Join(thoughts, "\n"), strings.TrimLeft(rest.String(), "\r\n")
}
