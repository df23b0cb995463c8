package runtime

import (
	"cmp"
	"context"
)

// Choice is a value that users can choose for a parameter of type dynamic-select.
type Choice struct {
	Value string
	Label string // Value if empty
	Icon  string // a URL or the name of an asset; optional
}

// OptionsBinding is the code that finds the choices of a parameter of type dynamic-select.
type OptionsBinding struct {
	Parameter string // its name
	Fetch     func(ctx context.Context, t CredentialType, credentials map[string]any) ([]Choice, error)
}

// BindOptions adapts a typed method that finds choices to values on the wire.
func BindOptions[Creds any](
	decode func(CredentialType, map[string]any) (Creds, error),
	fetch func(context.Context, Creds) ([]Choice, error),
) func(context.Context, CredentialType, map[string]any) ([]Choice, error) {
	return func(ctx context.Context, t CredentialType, values map[string]any) ([]Choice, error) {
		creds, err := decode(t, values)
		if err != nil {
			return nil, err
		}
		return fetch(ctx, creds)
	}
}

// route returns the route for the parameter of an item, or of a subscription if item is
// "provider".
func (o OptionsBinding) route(item, provider string, fields *Fields) Route {
	r := route("dynamic_parameter", "fetch_parameter_options", provider, ErrorInvoke, fields, o.serve)
	return r.with("provider_action", item).with("parameter", o.Parameter)
}

func (o OptionsBinding) serve(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	credentialType, credentials := CredentialType(r.Text("credential_type")), r.Object("credentials")
	if err := r.Err(); err != nil {
		return nil, err
	}
	list, err := o.Fetch(ctx, credentialType, credentials)
	return map[string]any{"options": optionValues(list)}, err
}

// optionValues returns choices as the options that the host expects.
func optionValues(choices []Choice) []any {
	options := make([]any, len(choices))
	for i, c := range choices {
		options[i] = map[string]any{"value": c.Value, "label": english(cmp.Or(c.Label, c.Value)), "icon": optional(c.Icon)}
	}
	return options
}
