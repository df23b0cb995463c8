package llm

import (
	"slices"
	"strings"
)

// CodeFormat is what a model must write in a code block.
type CodeFormat string

// The formats of AskForCodeBlock, which are options of Dify's parameter response_format.
const (
	CodeJSON CodeFormat = "JSON"
	CodeXML  CodeFormat = "XML"
)

// AskForCodeBlock is for models that cannot be told to write JSON or XML and nothing else. It returns a
// copy of the call whose first message asks the model for one code block, and makes the output
// strip its fence, and what is around it, as it comes. Thoughts are sent, also those that a model writes
// as text, between <think> and </think>. So is text before a block that something else follows, such
// as a tool call, and then the rest as it is. For another format than CodeJSON and CodeXML, it returns
// the call and does nothing else:
//
//	call = llm.AskForCodeBlock(call, out, llm.CodeFormat(call.Parameters.ResponseFormat.Or("")))
//
// It does not change the parameters: do not send response_format to a service that does not know it.
func AskForCodeBlock[C, P any](call *Call[C, P], out *Output, format CodeFormat) *Call[C, P] {
	if format != CodeJSON && format != CodeXML {
		return call
	}
	_ = out.do(func() error {
		if out.fence == nil {
			out.fence = new(fence)
		}
		out.fence.format = format // and not what it holds back
		return nil
	})
	asked := *call
	asked.Messages = askForBlock(call.Messages, format, call.JSONSchema)
	return &asked
}

// askForBlock returns messages that ask for a code block.
func askForBlock(messages []Message, format CodeFormat, schema *JSONSchema) []Message {
	lower := strings.ToLower(string(format))
	text := "Write your whole answer as one Markdown code block, which starts with the line ```" + lower + " and ends with the line ```. " +
		"Write nothing before and nothing after it. In the block is one valid " + string(format) + " document"
	switch {
	case format == CodeXML:
		text += ", with the structure that the instructions ask for. If they ask for none, it is one element, answer."
	case schema == nil:
		text += ", with the structure that the instructions ask for. If they ask for none, it is an object with one member, answer."
	default:
		text += " that fits this JSON Schema:\n" + string(schema.Schema)
	}
	if len(messages) == 0 || !messages[0].instructs() {
		return append([]Message{System(text)}, messages...)
	}
	messages = slices.Clone(messages)
	messages[0].Parts = append(slices.Clip(messages[0].Parts), &Text{Text: "\n\n" + text})
	return messages
}

// starts reports whether a text, without the space before it, starts as a document of the format
// does.
func (f CodeFormat) starts(text string) bool {
	if f == CodeXML {
		return strings.HasPrefix(text, "<") && !strings.HasPrefix(text, openThought) && !strings.HasPrefix(openThought, text)
	}
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}
