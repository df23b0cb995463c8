package difytest

import (
	"fmt"
	"slices"

	"github.com/difygen/difygen/runtime/llm"
)

// misplacedCall says which call of a tool is not answered right behind the message that has made it, or which answer
// has no call, or returns "".
func misplacedCall(prompt []llm.Message) string {
	var open []string // the IDs of calls
	for i, m := range prompt {
		if m.Role == llm.RoleTool {
			at := slices.Index(open, m.ToolCallID)
			if at < 0 {
				return fmt.Sprintf("message %d answers the call %q of a tool, which the assistant's message before has not made", i+1, m.ToolCallID)
			}
			open = slices.Delete(open, at, at+1)
			continue
		}
		if len(open) > 0 {
			return fmt.Sprintf("message %d, of role %s, comes before an answer to the call %q of a tool: append llm.ToolResult for every call", i+1, m.Role, open[0])
		}
		for _, call := range m.ToolCalls {
			open = append(open, call.ID)
		}
	}
	if len(open) > 0 {
		return fmt.Sprintf("it ends before an answer to the call %q of a tool: append llm.ToolResult for every call", open[0])
	}
	return ""
}
