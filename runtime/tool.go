package runtime

import "context"

// KindTool is the kind of a tool provider.
const KindTool Kind = "tool"

// The types of errors of a tool provider.
const (
	ErrorToolCredentials ErrorType = "ToolProviderCredentialValidationError"
	ErrorToolOAuth       ErrorType = "ToolProviderOAuthError"
)

// ToolConfig configures the adapter of a tool provider. Leave out what the provider
// does not declare.
type ToolConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Tools               []ToolBinding
	Fields              *Fields
}

// ToolBinding is the code of a tool.
type ToolBinding struct {
	Name    string // by which Dify addresses the tool
	Invoke  func(ctx context.Context, call ToolCall, out *ToolOutput) error
	Options []OptionsBinding
	// RuntimeParameters, if not nil, returns the parameters that the tool has for the user
	// with these credentials. Its name on the wire is get_tool_runtime_parameters.
	RuntimeParameters func(ctx context.Context, t CredentialType, credentials map[string]any) ([]Parameter, error)
}

// ToolCall is a call of a tool as it is on the wire.
type ToolCall struct {
	Call
	CredentialType CredentialType
	Credentials    map[string]any
	Parameters     map[string]any
}

// BindTool adapts a typed tool to values on the wire: it decodes the credentials and the
// parameters of a call.
func BindTool[Creds, Params any](
	decodeCredentials func(CredentialType, map[string]any) (Creds, error),
	decodeParameters func(map[string]any) (Params, error),
	invoke func(ctx context.Context, call Call, creds Creds, params Params, out *ToolOutput) error,
) func(context.Context, ToolCall, *ToolOutput) error {
	return func(ctx context.Context, call ToolCall, out *ToolOutput) error {
		creds, err := decodeCredentials(call.CredentialType, call.Credentials)
		if err != nil {
			return typed(ErrorToolCredentials, err)
		}
		params, err := decodeParameters(call.Parameters)
		if err != nil {
			return err
		}
		return invoke(ctx, call.Call, creds, params, out)
	}
}

// NewTool returns the adapter of a tool provider.
func NewTool(c ToolConfig) Provider {
	return &toolProvider{newProvider(KindTool, c.Name, c.Fields, c.ValidateCredentials, c.OAuth), c.Tools}
}

type toolProvider struct {
	*provider
	tools []ToolBinding
}

// Routes returns the check of credentials, the OAuth flow and what the tools offer.
func (p *toolProvider) Routes() []Route {
	routes := p.provider.Routes()
	for _, t := range p.tools {
		routes = append(routes, route("tool", "invoke_tool", p.name, ErrorInvoke, p.fields, t.serve).with("tool", t.Name))
		for _, o := range t.Options {
			routes = append(routes, o.route(t.Name, p.name, p.fields))
		}
		if t.RuntimeParameters != nil {
			routes = append(routes, route("tool", "get_tool_runtime_parameters", p.name, ErrorInvoke, p.fields, t.serveParameters).with("tool", t.Name))
		}
	}
	return routes
}

func (t *ToolBinding) serve(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	call := ToolCall{
		Call: req.Call, CredentialType: CredentialType(r.Text("credential_type")),
		Credentials: r.Object("credentials"), Parameters: r.Object("tool_parameters"),
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return nil, t.Invoke(ctx, call, NewToolOutput(func(m ToolMessage) error { return req.Stream(m) }))
}

func (t *ToolBinding) serveParameters(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	credentialType, credentials := CredentialType(r.Text("credential_type")), r.Object("credentials")
	if err := r.Err(); err != nil {
		return nil, err
	}
	list, err := t.RuntimeParameters(ctx, credentialType, credentials)
	parameters := make([]any, len(list))
	for i, p := range list {
		parameters[i] = p.Values()
	}
	return map[string]any{"parameters": parameters}, err
}
