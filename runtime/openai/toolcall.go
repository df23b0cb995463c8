package openai

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime/llm"
)

// toolCalls are the calls that a model makes, which come in pieces. Services number them, or give
// them IDs, or do both, or neither.
type toolCalls struct {
	list []*pendingCall
	size int
}

type pendingCall struct {
	index     *int // nil if the service does not count
	id, name  string
	arguments strings.Builder
	nesting   nesting // of the arguments
}

// maxCalls is how many tools a model may call at once.
const maxCalls = 1000

var (
	errTooManyCalls = fmt.Errorf("the model calls more than %d tools at once", maxCalls)
	errCallsTooLong = fmt.Errorf("the tool calls of the model have more than %d MiB", llm.MaxResultBytes>>20)
	errNamelessCall = errors.New("the model calls a tool without a name")
)

// add adds a piece of a call.
func (c *toolCalls) add(piece toolCall) error {
	call := c.continued(piece)
	c.size += len(piece.ID) + len(piece.Function.Name) + len(piece.Function.Arguments)
	if call == nil {
		if piece.ID == "" && piece.Function == (function{}) {
			return nil
		}
		if len(c.list) == maxCalls {
			return errTooManyCalls
		}
		call = &pendingCall{index: piece.Index}
		c.list = append(c.list, call)
	}
	if c.size > llm.MaxResultBytes {
		return errCallsTooLong
	}
	if call.id == "" {
		call.id = piece.ID
	}
	if piece.Function.Name != "" {
		call.name = piece.Function.Name
	}
	call.arguments.WriteString(piece.Function.Arguments)
	call.nesting.read(piece.Function.Arguments)
	return nil
}

// continued returns the call that a piece continues, or nil if it begins one.
//
//   - A piece with an index continues the last call with that index, unless it begins another one:
//     some services give every call the index 0. It does if it has a name, and another ID, or no ID
//     while the arguments so far are complete. One with another ID and no name continues: some
//     services give each piece its own.
//   - A piece with an ID alone continues the call with that ID; without a name, otherwise the last.
//   - A piece with neither continues the last call, unless it has a name.
func (c *toolCalls) continued(piece toolCall) *pendingCall {
	named := piece.Function.Name != ""
	for i := len(c.list) - 1; i >= 0; i-- {
		call := c.list[i]
		switch {
		case piece.Index != nil && call.index != nil && *call.index == *piece.Index:
			other := piece.ID != "" && call.id != "" && piece.ID != call.id ||
				piece.ID == "" && call.name != "" && call.nesting.ended
			if named && other {
				return nil
			}
			return call
		case piece.Index == nil && piece.ID != "" && piece.ID == call.id:
			return call
		}
	}
	if piece.Index == nil && !named && len(c.list) > 0 {
		return c.list[len(c.list)-1]
	}
	return nil
}

// nesting is where text is in an object of JSON, as far as the end of the object depends on it. Text is
// read as it comes: to look at all of it for each piece would take time that grows with its square.
type nesting struct {
	depth           int // of objects
	quoted, escaped bool
	ended           bool // the object is whole
}

// read reads what follows in the text.
func (n *nesting) read(text string) {
	for i := range len(text) {
		switch c := text[i]; {
		case n.escaped:
			n.escaped = false
		case n.quoted:
			n.escaped, n.quoted = c == '\\', c != '"'
		case c == '"':
			n.quoted = true
		case c == '{':
			n.depth++
		case c == '}' && n.depth > 0:
			n.depth--
			n.ended = n.depth == 0
		}
	}
}

// calls returns the whole calls. Each has an ID of its own, and arguments.
func (c *toolCalls) calls() ([]llm.ToolCall, error) {
	var calls []llm.ToolCall
	ids := make(map[string]bool)
	for _, pending := range c.list {
		call := llm.ToolCall{ID: pending.id, Type: "function", Name: pending.name, Arguments: pending.arguments.String()}
		if call.Name == "" {
			return nil, errNamelessCall
		}
		if call.ID == "" || ids[call.ID] {
			call.ID = "call_" + rand.Text()
		}
		if strings.TrimSpace(call.Arguments) == "" {
			call.Arguments = "{}"
		}
		ids[call.ID] = true
		calls = append(calls, call)
	}
	return calls, nil
}
