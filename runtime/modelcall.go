package runtime

import (
	"context"
	"fmt"
)

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
	decode CredentialsDecoder[C],
	customModel func(context.Context, *CustomModelCall[C]) (*ModelSchema, error),
) func(context.Context, ModelCall, map[string]any) (*ModelSchema, error) {
	return func(ctx context.Context, call ModelCall, values map[string]any) (*ModelSchema, error) {
		creds, err := decode.decode(call.ModelType, values)
		if err != nil {
			return nil, err
		}
		return customModel(ctx, &CustomModelCall[C]{call, creds})
	}
}

// CredentialsDecoder decodes the credentials for models of a type, as a generated DecodeCredentials does.
type CredentialsDecoder[C any] func(modelType ModelType, values map[string]any) (C, error)

// Decode returns the credentials of a request. An error that has no type gets ErrorInvokeAuthorization,
// so that Dify tries other credentials, if a user has several. The price of that is that users read
// that the credentials are wrong, and not which field is missing. That, only the log says.
func (d CredentialsDecoder[C]) Decode(req *ModelRequest) (C, error) {
	return d.decode(req.ModelCall.ModelType, req.Credentials)
}

func (d CredentialsDecoder[C]) decode(modelType ModelType, values map[string]any) (C, error) {
	creds, err := d(modelType, values)
	if err != nil && values == nil { // the daemon of Dify could not decode what it forwards
		err = fmt.Errorf("the request has no credentials, which happens if Dify cannot read the rest of it: %w", err)
		return creds, typed(ErrorInvalidRequest, err)
	}
	return creds, typed(ErrorInvokeAuthorization, err)
}

// ModelAction is what Dify can ask of models of a type, and the code that answers it. Packages such
// as llm make them.
type ModelAction struct {
	Type  ModelType
	Name  string // such as "invoke_llm"
	Serve ModelHandler
}

// ModelHandler answers a request to a model. If the result is nil, it has sent its results with the
// Stream of the request. Errors without a type get that of InvokeError.
type ModelHandler func(ctx context.Context, req *ModelRequest) (result any, err error)

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
