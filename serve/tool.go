package serve

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Tool is what a tool of a plugin does. Creds is the generated AnyCredentials, or
// runtime.NoCredentials.
type Tool[Creds any] interface {
	// Invoke answers a call with the messages that it gives out. The parameters are
	// those that the tool's YAML declares, as Dify sends them: numbers are float64.
	// Dify shows its error. The context ends with the request's time or the host.
	Invoke(ctx context.Context, creds Creds, params map[string]any, out *Messages) error
}

// ToolFunc is a Tool that is a function.
type ToolFunc[Creds any] func(ctx context.Context, creds Creds, params map[string]any, out *Messages) error

// Invoke calls f.
func (f ToolFunc[Creds]) Invoke(ctx context.Context, creds Creds, params map[string]any, out *Messages) error {
	return f(ctx, creds, params, out)
}

// NewTool says that a tool does what the YAML declares under a name. Decode is the
// generated DecodeAnyCredentials or, for a provider without credentials,
// runtime.DecodeNoCredentials.
func NewTool[Creds any](
	name string,
	decode func(runtime.CredentialType, map[string]any) (Creds, error),
	tool Tool[Creds],
) Part {
	if any(tool) == nil {
		return &toolPart{name: name}
	}
	return &toolPart{name, func(ctx context.Context, req *request, out *Messages) error {
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

type toolPart struct {
	name string
	// invoke is nil for a tool that is.
	invoke func(ctx context.Context, req *request, out *Messages) error
}

func (t *toolPart) Name() string { return t.name }

// ParameterOption is a choice of a parameter of type dynamic-select.
type ParameterOption struct {
	Value string
	Label string // the value, if empty
	Icon  string // a URL or the name of an asset; may be empty
}

// NewParameterOptions says what a user can choose for the parameters of type
// dynamic-select of a tool or an event, or of the subscriptions of a trigger, by the
// name of the tool, event or trigger provider. Decode is as for NewTool.
func NewParameterOptions[Creds any](
	name string,
	decode func(runtime.CredentialType, map[string]any) (Creds, error),
	fetch func(ctx context.Context, creds Creds, parameter string) ([]ParameterOption, error),
) Part {
	return &optionsPart{name, func(ctx context.Context, req *request) ([]ParameterOption, error) {
		creds, err := decode(runtime.CredentialType(req.CredentialType), req.Credentials)
		if err != nil {
			return nil, err
		}
		return fetch(ctx, creds, req.Parameter)
	}}
}

type optionsPart struct {
	name  string
	fetch func(ctx context.Context, req *request) ([]ParameterOption, error)
}

func (o *optionsPart) Name() string { return o.name }

// NewHandler answers the endpoints of a group that declares no settings. For one with
// settings, difygen generates NewEndpoints.
func NewHandler(handler http.Handler) Part {
	none := func(map[string]any) (struct{}, error) { return struct{}{}, nil }
	return runtime.NewEndpoints("", none, func(struct{}) (http.Handler, error) { return handler, nil }, runtime.Schema{})
}
