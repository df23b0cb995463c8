package runtime

import "context"

// ModelCall is what all calls of models have.
type ModelCall struct {
	Call
	ModelType ModelType
	Model     string // by which Dify addresses it
	// BaseModelName is the model that a user has chosen as the base of a customizable one. It is
	// mostly "".
	BaseModelName string
	// Schema is what Dify is told about the model. It is nil if neither the YAML nor CustomModel
	// knows the model. Calls share it: do not change it.
	Schema *ModelSchema
}

// CustomModelCall asks for the schema of a model that users have added. Its Schema is nil.
type CustomModelCall[C any] struct {
	ModelCall
	Credentials C
}

// BindCustomModel adapts a typed method that returns schemas to values on the wire.
func BindCustomModel[C any](
	decode func(ModelType, map[string]any) (C, error),
	customModel func(context.Context, *CustomModelCall[C]) (*ModelSchema, error),
) func(context.Context, ModelCall, map[string]any) (*ModelSchema, error) {
	return func(ctx context.Context, call ModelCall, values map[string]any) (*ModelSchema, error) {
		creds, err := decode(call.ModelType, values)
		if err != nil {
			return nil, err
		}
		return customModel(ctx, &CustomModelCall[C]{call, creds})
	}
}

// ModelAction is what Dify can ask of models of a type, and the code that answers it. Packages such
// as llm make them.
type ModelAction struct {
	Type  ModelType
	Name  string // such as "invoke_llm"
	Serve func(ctx context.Context, req *ModelRequest) (result any, err error)
}

// ModelRequest is a request to a model as it is on the wire.
type ModelRequest struct {
	*Request

	ModelCall   ModelCall
	Credentials map[string]any
}

// Parameters returns the values of model_parameters that the rules of the model's schema allow, as they
// check and complete them. A request that does not have the field at all, such as one that counts tokens,
// has no parameters, and needs none.
func (r *ModelRequest) Parameters() (map[string]any, error) {
	const field = "model_parameters"
	if _, ok := r.Data[field]; !ok {
		return make(map[string]any), nil
	}
	reader := r.Read()
	values := reader.Object(field)
	if err := reader.Err(); err != nil {
		return nil, err
	}
	return r.ModelCall.Schema.checkParameters(values)
}
