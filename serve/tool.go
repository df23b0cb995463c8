package serve

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Tool is the code of a tool. Creds is the generated AnyCredentials, or
// runtime.NoCredentials.
type Tool[Creds any] interface {
	// Invoke handles a call and sends its messages to out. The parameters are those
	// that the tool's YAML declares, as Dify sends them: numbers are float64. Dify
	// shows the error. The context is canceled when the request times out or the host
	// is gone.
	Invoke(ctx context.Context, creds Creds, params map[string]any, out *Messages) error
}

// ToolFunc is a function that implements Tool.
type ToolFunc[Creds any] func(ctx context.Context, creds Creds, params map[string]any, out *Messages) error

// Invoke calls f.
func (f ToolFunc[Creds]) Invoke(ctx context.Context, creds Creds, params map[string]any, out *Messages) error {
	return f(ctx, creds, params, out)
}

// NewTool binds tool to the tool that the YAML declares under name. Decode is the
// generated DecodeAnyCredentials or, for a provider without credentials,
// runtime.DecodeNoCredentials.
func NewTool[Creds any](
	name string,
	decode func(runtime.CredentialType, map[string]any) (Creds, error),
	tool Tool[Creds],
) Binding {
	if any(tool) == nil {
		return &toolBinding{name: name}
	}
	return &toolBinding{name, func(ctx context.Context, req *request, out *Messages) error {
		creds, err := decode(runtime.CredentialType(req.CredentialType), req.Credentials)
		if err != nil {
			return &runtime.Error{Type: runtime.ErrorToolCredentials, Err: err}
		}
		params := req.ToolParameters
		if params == nil {
			params = make(map[string]any)
		}
		return tool.Invoke(ctx, creds, params, out)
	}}
}

type toolBinding struct {
	name string
	// invoke is nil if the tool is nil.
	invoke func(ctx context.Context, req *request, out *Messages) error
}

func (t *toolBinding) Name() string { return t.name }

// ParameterOption is a choice of a parameter of type dynamic-select.
type ParameterOption struct {
	Value string
	Label string // Value if empty
	Icon  string // a URL or the name of an asset; optional
}

// NewParameterOptions binds fetch to the parameters of type dynamic-select of the tool,
// event or trigger provider with the given name. It returns what users can choose; for a
// trigger provider, the parameters are those of its subscriptions. Decode is as for
// NewTool.
func NewParameterOptions[Creds any](
	name string,
	decode func(runtime.CredentialType, map[string]any) (Creds, error),
	fetch func(ctx context.Context, creds Creds, parameter string) ([]ParameterOption, error),
) Binding {
	return &optionsBinding{name, func(ctx context.Context, req *request) ([]ParameterOption, error) {
		creds, err := decode(runtime.CredentialType(req.CredentialType), req.Credentials)
		if err != nil {
			return nil, err
		}
		return fetch(ctx, creds, req.Parameter)
	}}
}

type optionsBinding struct {
	name  string
	fetch func(ctx context.Context, req *request) ([]ParameterOption, error)
}

func (o *optionsBinding) Name() string { return o.name }

// NewHandler binds handler to an endpoint provider that declares no settings. For one
// with settings, use the generated NewEndpoints.
func NewHandler(handler http.Handler) Binding {
	none := func(map[string]any) (struct{}, error) { return struct{}{}, nil }
	return runtime.NewEndpoints(runtime.EndpointsConfig[struct{}]{
		DecodeSettings: none, Handler: func(struct{}) (http.Handler, error) { return handler, nil }, Fingerprint: runtime.Fingerprint{},
	})
}
