package llm

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Tool is a function that a model may ask for.
type Tool struct {
	Name        string
	Description string
	// Parameters is a JSON Schema of the arguments, an object. SchemaOf makes one from a Go type.
	// nil is a function without parameters.
	Parameters map[string]any
}

// Validate reports what Dify would not take.
func (t Tool) Validate() error {
	if t.Name == "" {
		return errors.New("a tool has no Name")
	}
	return nil
}

type wireTool struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Parameters  map[string]any `json:"parameters"`
}

// MarshalJSON encodes the tool as Dify takes it, if Validate finds nothing.
func (t Tool) MarshalJSON() ([]byte, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	w := wireTool(t)
	if w.Parameters == nil {
		w.Parameters = map[string]any{"type": "object", "properties": map[string]any{}}
	}
	return json.Marshal(w)
}

// UnmarshalJSON decodes a tool.
func (t *Tool) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, (*wireTool)(t)) }

// ToolCall is a call of a tool that a model asks for. In a chunk of a stream it may be a piece of
// one (see Collector).
type ToolCall struct {
	ID        string
	Type      string // empty is "function"
	Name      string
	Arguments string // a JSON object, as the model wrote it: it may be wrong
}

// Decode stores the arguments in the value that v points to, as json.Unmarshal does. No arguments
// are an empty object. An error does not quote them; tell the model about it with ToolResult.
func (c ToolCall) Decode(v any) error {
	data := []byte(c.Arguments)
	if len(data) == 0 {
		data = []byte("{}")
	}
	err := json.Unmarshal(data, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Errorf("the argument %q of a call of %q has the wrong type: want %s", wrongType.Field, c.Name, wrongType.Type)
	case errors.As(err, new(*json.SyntaxError)):
		return fmt.Errorf("the arguments of a call of %q are not JSON", c.Name)
	case errors.As(err, new(*json.InvalidUnmarshalError)):
		return err
	}
	return fmt.Errorf("the arguments of a call of %q do not fit", c.Name)
}

// MarshalJSON encodes the call as Dify takes it.
func (c ToolCall) MarshalJSON() ([]byte, error) {
	return appendCall(make([]byte, 0, 96+len(c.ID)+len(c.Name)+len(c.Arguments)*9/8), c), nil
}

// UnmarshalJSON decodes a call as Dify has it, and most services:
//
//	{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bonn\"}"}}
//
// It is an error if there is no function, as in the JSON of other services.
func (c *ToolCall) UnmarshalJSON(data []byte) error {
	var w struct {
		wireCall

		Function json.RawMessage `json:"function"` // instead of that of wireCall
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if opaque(w.Function) == nil {
		return errors.New(`a tool call has no function: want {"id":…,"type":"function","function":{"name":…,"arguments":…}}`)
	}
	if err := json.Unmarshal(w.Function, &w.wireCall.Function); err != nil {
		return err
	}
	*c = w.call()
	return nil
}

// wireCall is a call that comes over the wire.
type wireCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

func (w *wireCall) call() ToolCall {
	return ToolCall{w.ID, w.Type, w.Function.Name, w.Function.Arguments}
}
