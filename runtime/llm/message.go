// Package llm has what language models take and give: messages, tools, chunks and results. Calls
// back into Dify (package runtime/invoke) take and give them, and so do providers of models: their
// method LLM gets a Call, and writes to an Output.
//
// Dify's daemon checks what a plugin sends, and drops or refuses what is wrong without saying where.
// Validate and MarshalJSON of these types check the same before anything is sent. Decoding is
// lenient: null is absent, and unknown fields are ignored.
package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Role says who speaks in a message.
type Role string

// The roles of messages.
const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant" // the model
	RoleTool      Role = "tool"      // the result of a tool call
	// RoleDeveloper comes from Dify only. Dify takes it from no plugin.
	RoleDeveloper Role = "developer"
)

// Message is a message to a model, or from one.
type Message struct {
	Role Role
	// Parts are the content. None are the empty text.
	Parts []Part
	// Name is who speaks, or the tool of a result. Most models ignore it.
	Name string
	// ToolCalls are what an assistant wants to have called.
	ToolCalls []ToolCall
	// ToolCallID is the ID of the call whose result a message of role tool is.
	ToolCallID string
	// OpaqueBody is JSON that a model gives to get it back with the next request, such as its
	// signed reasoning. Nobody else reads it.
	OpaqueBody json.RawMessage
}

// System returns a message with instructions for the model.
func System(text string) Message { return Message{Role: RoleSystem, Parts: content(text, nil)} }

// User returns a message of the user: a text, which may be empty, and what follows it.
func User(text string, parts ...Part) Message {
	return Message{Role: RoleUser, Parts: content(text, parts)}
}

// Assistant returns a message of the model: a text, which may be empty, and the calls it makes.
func Assistant(text string, calls ...ToolCall) Message {
	return Message{Role: RoleAssistant, Parts: content(text, nil), ToolCalls: calls}
}

// ToolResult returns the message that answers a call of the model.
func ToolResult(call ToolCall, text string) Message {
	return Message{Role: RoleTool, Parts: content(text, nil), Name: call.Name, ToolCallID: call.ID}
}

func content(text string, parts []Part) []Part {
	if text == "" {
		return parts
	}
	return append([]Part{&Text{Text: text}}, parts...)
}

// Text returns the texts of the content, joined.
func (m Message) Text() string {
	var b strings.Builder
	for _, p := range m.Parts {
		if t, ok := p.(*Text); ok && t != nil {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

// Validate reports what Dify would not take from a plugin. What Dify sends need not be so: its
// developer messages, for example, are not.
func (m Message) Validate() error {
	switch m.Role {
	case RoleSystem, RoleUser, RoleAssistant, RoleTool:
	case "":
		return errors.New("a message has no role")
	case RoleDeveloper:
		return errors.New("a message has the role developer, which Dify takes from no plugin: use system")
	default:
		return errors.New("a message has a role other than system, user, assistant and tool")
	}
	if len(m.ToolCalls) > 0 && m.Role != RoleAssistant {
		return fmt.Errorf("a message of role %s has tool calls: only those of the assistant have", m.Role)
	}
	if m.Role == RoleTool && m.ToolCallID == "" {
		return errors.New("a message of role tool has no ToolCallID: make it with llm.ToolResult")
	}
	for i, p := range m.Parts {
		if err := validatePart(p); err != nil {
			return fmt.Errorf("part %d of a message of role %s: %w", i+1, m.Role, err)
		}
	}
	if !validOpaque(m.OpaqueBody) {
		return fmt.Errorf("OpaqueBody of a message of role %s is not JSON", m.Role)
	}
	return nil
}

func validOpaque(body json.RawMessage) bool { return len(body) == 0 || json.Valid(body) }

// MarshalJSON encodes the message as Dify takes it, if Validate finds nothing. The content is a
// string if it is no more than a text, and else a list. It is never null.
func (m Message) MarshalJSON() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return appendMessage(make([]byte, 0, sizeOf(&m)), &m, m.Role), nil
}

// UnmarshalJSON decodes a message. A part of a type that this package does not know is an error.
func (m *Message) UnmarshalJSON(data []byte) error {
	var w wireMessage
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	return w.message(m)
}

// wireMessage is a message that comes over the wire.
type wireMessage struct {
	Role       Role            `json:"role"`
	Content    wireContent     `json:"content"`
	Name       string          `json:"name"`
	ToolCalls  []wireCall      `json:"tool_calls"`
	ToolCallID string          `json:"tool_call_id"`
	OpaqueBody json.RawMessage `json:"opaque_body"`
}

// message stores the message in m.
func (w *wireMessage) message(m *Message) error {
	if w.Content.err != nil {
		return w.Content.err
	}
	*m = Message{Role: w.Role, Parts: w.Content.parts, Name: w.Name, ToolCallID: w.ToolCallID, OpaqueBody: opaque(w.OpaqueBody)}
	if len(w.ToolCalls) > 0 {
		m.ToolCalls = make([]ToolCall, len(w.ToolCalls))
	}
	for i, call := range w.ToolCalls {
		m.ToolCalls[i] = call.call()
	}
	return nil
}

// opaque returns a body, or nil for null.
func opaque(body json.RawMessage) json.RawMessage {
	if bytes.Equal(body, []byte("null")) {
		return nil
	}
	return body
}

// wireContent is the content of a message, or what is wrong with it.
type wireContent struct {
	parts []Part
	err   error
}

func (w *wireContent) UnmarshalJSON(data []byte) error {
	w.parts, w.err = unmarshalContent(data)
	return nil
}

func unmarshalContent(data []byte) ([]Part, error) {
	switch {
	case bytes.Equal(data, []byte("null")):
		return nil, nil
	case data[0] == '"':
		text, err := unmarshalText(data)
		return content(text, nil), err
	case data[0] != '[':
		return nil, errors.New("content must be a text or a list of parts")
	}
	var list []wirePart
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("a part of the content: %w", err)
	}
	var parts []Part
	for i := range list {
		p, err := list[i].part()
		if err != nil {
			return nil, fmt.Errorf("part %d of the content: %w", i+1, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// unmarshalText decodes a string. Most pieces that a model writes are as they are in JSON.
func unmarshalText(data []byte) (text string, err error) {
	if inner := data[1 : len(data)-1]; !bytes.ContainsRune(inner, '\\') && utf8.Valid(inner) {
		return string(inner), nil
	}
	err = json.Unmarshal(data, &text)
	return text, err
}
