package llm

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// The functions of this file read what encoding/json has decoded into any: making JSON of it again
// would copy large images several times.

// fields are those of an object in a request. They keep the first thing that is wrong.
type fields struct {
	values map[string]any
	err    error
}

func (f *fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// text reads a text. One that is absent or null is empty.
func (f *fields) text(name string) string {
	v := f.values[name]
	if v == nil {
		return ""
	}
	text, ok := v.(string)
	if !ok {
		f.fail(fmt.Errorf("its %s must be a text", name))
	}
	return text
}

// list reads a list. One that is absent or null is nil.
func (f *fields) list(name string) []any {
	v := f.values[name]
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		f.fail(fmt.Errorf("its %s must be a list", name))
	}
	return list
}

// object reads an object. One that is absent or null is nil.
func (f *fields) object(name string) map[string]any {
	v := f.values[name]
	if v == nil {
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		f.fail(fmt.Errorf("its %s must be an object", name))
	}
	return object
}

// raw reads JSON. What is absent or null is nil.
func (f *fields) raw(name string) json.RawMessage {
	v := f.values[name]
	if v == nil {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		f.fail(fmt.Errorf("its %s: %w", name, err))
	}
	return raw
}

// readPrompt reads messages as they arrive. The daemon passes on what it could read of a request
// before something that it could not: then the last message lacks its role, or its content
// (PROTOCOL-CALLS, section 0).
func readPrompt(list []any) ([]Message, error) {
	var messages []Message
	for i, v := range list {
		m, err := readMessage(v)
		if err != nil {
			return nil, fmt.Errorf("message %d of the prompt: %w", i+1, err)
		}
		messages = append(messages, m)
	}
	return messages, nil
}

func readMessage(v any) (Message, error) {
	values, ok := v.(map[string]any)
	if !ok {
		return Message{}, errors.New("it must be an object")
	}
	f := &fields{values: values}
	m := Message{
		Role: Role(f.text("role")), Name: f.text("name"), ToolCallID: f.text("tool_call_id"), OpaqueBody: f.raw("opaque_body"),
		ToolCalls: readCalls(f),
	}
	switch v := values["content"].(type) {
	case nil:
		f.fail(errors.New("it has no content: Dify could not read it"))
	case string:
		m.Parts = content(v, nil)
	case []any:
		m.Parts = readParts(f, v)
	default:
		f.fail(errors.New("its content must be a text or a list of parts"))
	}
	if m.Role == "" {
		f.fail(errors.New("it has no role: Dify could not read it"))
	}
	return m, f.err
}

func readParts(f *fields, list []any) []Part {
	var parts []Part
	for i, v := range list {
		p, err := readPart(v)
		if err != nil {
			f.fail(fmt.Errorf("part %d of its content: %w", i+1, err))
			return nil
		}
		parts = append(parts, p)
	}
	return parts
}

func readPart(v any) (Part, error) {
	values, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it must be an object")
	}
	f := &fields{values: values}
	w := wirePart{
		Type: f.text("type"), Data: f.text("data"), URL: f.text("url"), Format: f.text("format"), MIMEType: f.text("mime_type"),
		Filename: f.text("filename"), Detail: Detail(f.text("detail")), OpaqueBody: f.raw("opaque_body"),
	}
	data, err := base64.StdEncoding.DecodeString(f.text("base64_data"))
	if err != nil {
		f.fail(errors.New("its base64_data is not base64"))
	}
	if f.err != nil {
		return nil, f.err
	}
	w.Base64Data = data
	return w.part()
}

func readCalls(f *fields) []ToolCall {
	var calls []ToolCall
	for i, v := range f.list("tool_calls") {
		values, ok := v.(map[string]any)
		if !ok {
			f.fail(fmt.Errorf("tool call %d must be an object", i+1))
			return nil
		}
		call := &fields{values: values}
		function := &fields{values: call.object("function")}
		calls = append(calls, ToolCall{call.text("id"), call.text("type"), function.text("name"), function.text("arguments")})
		if err := cmp.Or(call.err, function.err); err != nil {
			f.fail(fmt.Errorf("tool call %d: %w", i+1, err))
		}
	}
	return calls
}

// readTools reads the tools that a model may ask for.
func readTools(list []any) ([]Tool, error) {
	var tools []Tool
	for i, v := range list {
		values, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("tool %d must be an object", i+1)
		}
		f := &fields{values: values}
		tool := Tool{f.text("name"), f.text("description"), f.object("parameters")}
		f.fail(tool.Validate())
		if f.err != nil {
			return nil, fmt.Errorf("tool %d: %w", i+1, f.err)
		}
		tools = append(tools, tool)
	}
	return tools, nil
}
