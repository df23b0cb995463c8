package invoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/difygen/difygen/runtime/llm"
)

// Structured asks a model for JSON, and stores it in the value that v points to, as json.Unmarshal
// does. The result has what else the model said, such as usage.
//
// What the model may write, the type of v says (see llm.SchemaOf), or the Schema of the request if
// it has one. A schema is that of an object. Dify passes it on to models that know about schemas, and
// describes it to others, which may not keep to it. It is an error if the model gives no object, if
// a field that the schema requires is missing or null, if one is there twice, in another case, or
// although the schema's additionalProperties do not allow it, if a value is none of its enum, or if
// v cannot hold it. Such an error comes with the result. If v is not a pointer, or is nil, nothing is sent.
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
// encoding/json decodes it, with numbers as they are written.
func plainSchema(schema map[string]any) (map[string]any, error) {
	data, err := json.Marshal(schema)
	if err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	var plain map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		return nil, fmt.Errorf("decoding the schema: %w", err)
	}
	return plain, nil
}

// fit stores structured output in the value that v points to. Errors do not quote it.
func fit(schema map[string]any, output json.RawMessage, v any) error {
	if len(output) == 0 {
		return errors.New("the model has given no structured output")
	}
	if output[0] != '{' {
		return errors.New("the structured output of the model is not an object")
	}
	if err := misfit(newShape(schema), output); err != nil {
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
