package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/difygen/difygen/runtime/llm"
)

// Structured asks a model for JSON, and stores it in the value that v points to, as json.Unmarshal
// does. The result has what else the model said, such as usage.
//
// What the model may write, the type of v says (see llm.SchemaOf), or the Schema of the request if
// it has one. A schema is that of an object. Dify passes it on to models that know about schemas, and
// describes it to others, which may not keep to it. It is an error if the model gives no object, if
// a field that the schema requires is missing or null, if a value is none of its enum, or if v
// cannot hold it. Such an error comes with the result. If v is no pointer, or nil, nothing is sent.
func (l LLM) Structured(ctx context.Context, req *LLMRequest, v any) (*llm.Result, error) {
	if p := reflect.ValueOf(v); p.Kind() != reflect.Pointer || p.IsNil() {
		return nil, fmt.Errorf("structured output needs a pointer to store it in, not %T", v) // which may be nil
	}
	req = given(req)
	schema := req.Schema
	if schema == nil {
		var err error
		if schema, err = llm.SchemaOf(v); err != nil {
			return nil, err
		}
	}
	schema, err := plainSchema(schema)
	if err != nil {
		return nil, err
	}
	result, err := collect(typeStructured, l.stream(ctx, typeStructured, func() (*wireLLM, error) {
		w, err := req.wire()
		if err == nil {
			w.Schema = schema
		}
		return w, err
	}))
	if err != nil {
		return nil, err
	}
	return result, fit(schema, result.StructuredOutput, v)
}

// plainSchema returns a schema, which may hold Go values of any type, such as []string, as
// encoding/json decodes it.
func plainSchema(schema map[string]any) (map[string]any, error) {
	data, err := json.Marshal(schema)
	if err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	var plain map[string]any
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil, fmt.Errorf("decoding the schema: %w", err)
	}
	return plain, nil
}

// fit stores structured output in the value that v points to. Errors do not quote it.
func fit(schema map[string]any, output json.RawMessage, v any) error {
	if len(output) == 0 {
		return errors.New("the model has given no structured output")
	}
	var object map[string]any
	if err := json.Unmarshal(output, &object); err != nil {
		return errors.New("the structured output of the model is not an object")
	}
	if err := misfit(schema, object, ""); err != nil {
		return fmt.Errorf("the structured output of the model does not fit: %w", err)
	}
	err := json.Unmarshal(output, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Errorf("the structured output of the model does not fit: %s has the wrong type: want %s", wrongType.Field, wrongType.Type)
	case err != nil:
		return errors.New("the structured output of the model does not fit")
	}
	return nil
}

// misfit returns an error if value lacks a field that the schema requires, or is none of its enum.
// Both are of what encoding/json makes for any.
func misfit(schema map[string]any, value any, path string) error {
	if enum, ok := schema["enum"].([]any); ok && !slices.ContainsFunc(enum, func(v any) bool { return equal(v, value) }) {
		return fmt.Errorf("%s is none of the values that are allowed", path)
	}
	switch value := value.(type) {
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, v := range value {
			if err := misfit(items, v, path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	case map[string]any:
		return misfitObject(schema, value, path)
	}
	return nil
}

func misfitObject(schema, value map[string]any, path string) error {
	if path != "" {
		path += "."
	}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range required {
		name, _ := name.(string)
		property, _ := properties[name].(map[string]any)
		if v, ok := value[name]; !ok || v == nil && !nullable(property) {
			return fmt.Errorf("%s is missing", path+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if property, ok := properties[name].(map[string]any); ok && value[name] != nil {
			if err := misfit(property, value[name], path+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// nullable reports whether a schema allows null.
func nullable(schema map[string]any) bool {
	switch types := schema["type"].(type) {
	case string:
		return types == "null"
	case []any:
		return slices.Contains(types, any("null"))
	}
	return true
}

// equal compares scalars of JSON.
func equal(a, b any) bool {
	switch a.(type) {
	case []any, map[string]any:
		return false
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}
