package llm

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/difygen/difygen/runtime"
)

// The parameters in which Dify asks for structured output, and the option of the second that does.
const (
	parameterJSONSchema     = "json_schema"
	parameterResponseFormat = "response_format"
	formatJSONSchema        = "json_schema"
)

var errJSONSchema = errors.New("the JSON schema of the output is not a JSON object")

// requestedSchema returns the JSON Schema of the output that a request asks for, or nil. Dify sends
// it among the parameters, as a text (PROTOCOL-CALLS, section 1.1). What users type there stays
// when they choose another response format: then it does not count.
func requestedSchema(schema *runtime.ModelSchema, parameters map[string]any, field any) (*JSONSchema, error) {
	v := parameters[parameterJSONSchema]
	if format, _ := parameters[parameterResponseFormat].(string); format != "" && format != formatJSONSchema && offersJSONSchema(schema) {
		v = nil
	}
	if v == nil || v == "" {
		v = field
	}
	var data []byte
	switch v := v.(type) {
	case nil:
		return nil, nil //nolint:nilnil // any output will do
	case string:
		data = []byte(v)
	default:
		data, _ = json.Marshal(v) // it comes from JSON
	}
	return parseJSONSchema(data)
}

// offersJSONSchema reports whether users can choose the response format "json_schema" of a model.
func offersJSONSchema(schema *runtime.ModelSchema) bool {
	if schema == nil {
		return false
	}
	for _, p := range schema.Parameters {
		if p.Name != parameterResponseFormat {
			continue
		}
		for _, option := range p.Options {
			if option == formatJSONSchema {
				return true
			}
		}
	}
	return false
}

// parseJSONSchema reads a JSON Schema, or an object that has one with a name.
func parseJSONSchema(data []byte) (*JSONSchema, error) {
	if data = bytes.TrimSpace(data); len(data) == 0 {
		return nil, nil //nolint:nilnil // a text that users have not filled in
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		return nil, errJSONSchema
	}
	inner := members["schema"]
	if len(inner) == 0 || inner[0] != '{' {
		return &JSONSchema{Schema: compact(data)}, nil
	}
	s := &JSONSchema{Schema: compact(inner)}
	_ = json.Unmarshal(members["name"], &s.Name) // or it has none
	_ = json.Unmarshal(members["strict"], &s.Strict)
	return s, nil
}

// compact returns JSON, which is valid, on one line.
func compact(data []byte) json.RawMessage {
	var b bytes.Buffer
	_ = json.Compact(&b, data)
	return b.Bytes()
}
