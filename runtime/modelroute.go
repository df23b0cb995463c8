package runtime

import (
	"context"
	"encoding/json"
	"slices"
)

// Routes returns the checks of credentials, what Dify can ask of models, and the question for their
// schemas.
func (p *modelProvider) Routes() []Route {
	var routes []Route
	if p.config.ValidateProviderCredentials != nil {
		routes = append(routes, p.route("validate_provider_credentials", ErrorModelCredentials, p.serveProviderCredentials))
	}
	if p.config.ValidateModelCredentials != nil {
		routes = append(routes, p.route("validate_model_credentials", ErrorModelCredentials, p.serveModelCredentials))
	}
	for _, a := range p.config.Actions {
		r := p.route(a.Name, ErrorInvoke, func(ctx context.Context, req *Request) (any, error) { return p.serve(ctx, req, a.Serve) })
		routes = append(routes, r.with("model_type", string(a.Type)))
	}
	if len(p.config.Actions) > 0 || len(p.config.Models) > 0 || p.config.CustomModel != nil {
		routes = append(routes, p.route("get_ai_model_schemas", ErrorInvoke, p.serveSchema))
	}
	return routes
}

func (p *modelProvider) route(action string, t ErrorType, serve func(context.Context, *Request) (any, error)) Route {
	return route("model", action, p.Name(), t, p.config.Fields, func(ctx context.Context, req *Request) (any, error) {
		return serve(context.WithValue(ctx, modelCallKey{}, true), req) // for Do
	})
}

func (p *modelProvider) serveProviderCredentials(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	values := r.Object("credentials")
	if err := r.Err(); err != nil {
		return nil, err
	}
	return savedResult(p.ValidateProviderCredentials(ctx, values))
}

func (p *modelProvider) serveModelCredentials(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	modelType, model, values := ModelType(r.Text("model_type")), r.Text("model"), r.Object("credentials")
	r.Require("model_type", "model")
	if err := r.Err(); err != nil {
		return nil, err
	}
	if !p.answers(modelType) {
		return nil, unsupported(p.Name(), "models of type "+oneLine(string(modelType)))
	}
	return savedResult(p.ValidateModelCredentials(ctx, modelType, model, values))
}

// answers reports whether the provider has models of a type. Code that only checks credentials has none.
func (p *modelProvider) answers(t ModelType) bool {
	return len(p.config.Actions) == 0 || slices.ContainsFunc(p.config.Actions, func(a ModelAction) bool { return a.Type == t })
}

func savedResult(saved map[string]any, err error) (any, error) {
	if saved == nil {
		saved = map[string]any{} // the host requires an object
	}
	return map[string]any{"result": true, "credentials": saved}, err
}

// newModelRequest returns the request for a model, without its schema.
func newModelRequest(req *Request) (*ModelRequest, error) {
	r := req.Read()
	m := &ModelRequest{
		Request:     req,
		ModelCall:   ModelCall{Call: req.Call, ModelType: ModelType(r.Text("model_type")), Model: r.Text("model")},
		Credentials: r.Object("credentials"),
	}
	r.Require("model_type", "model")
	m.ModelCall.BaseModelName, _ = m.Credentials["base_model_name"].(string)
	return m, r.Err()
}

// serve answers an action, for which it gets the model's schema first.
func (p *modelProvider) serve(ctx context.Context, req *Request, action ModelHandler) (any, error) {
	m, err := newModelRequest(req)
	if err != nil {
		return nil, err
	}
	declared, err := p.models.find(m.ModelCall.ModelType, m.ModelCall.Model)
	switch {
	case err != nil:
	case declared != nil:
		m.ModelCall.Schema, err = declared.schema()
	default:
		m.ModelCall.Schema, err = p.customModel(ctx, m)
	}
	if err != nil {
		return nil, InvokeError(err)
	}
	result, err := action(ctx, m)
	return result, InvokeError(err)
}

// serveSchema answers what Dify wants to know about a model. Null says that there is no such model.
func (p *modelProvider) serveSchema(ctx context.Context, req *Request) (any, error) {
	m, err := newModelRequest(req)
	if err != nil {
		return nil, err
	}
	declared, err := p.models.find(m.ModelCall.ModelType, m.ModelCall.Model)
	if declared != nil {
		return map[string]any{"model_schema": json.RawMessage(declared.json)}, nil
	}
	var schema *ModelSchema
	if err == nil {
		schema, err = p.customModel(ctx, m)
	}
	return map[string]any{"model_schema": schema}, InvokeError(err)
}

// customModel asks for the schema of a model that the YAML does not declare.
func (p *modelProvider) customModel(ctx context.Context, m *ModelRequest) (*ModelSchema, error) {
	if p.config.CustomModel == nil {
		return nil, nil
	}
	schema, err := p.config.CustomModel(ctx, m.ModelCall, m.Credentials)
	if err != nil || schema == nil {
		return nil, err
	}
	return schema.complete(m.ModelCall)
}
