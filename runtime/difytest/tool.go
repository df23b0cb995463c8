package difytest

import (
	"cmp"
	"encoding/json"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// Call is a call of a tool.
type Call struct {
	Tool        string
	Credentials map[string]any
	// CredentialType is that of the credentials. If it is empty, Host.As decides.
	CredentialType runtime.CredentialType
	// Parameters reach the plugin as they are here, in JSON. A runtime.File, a list of them
	// and a selector become what Dify sends. Dify fills in the defaults of those that users
	// enter, but not of those that models choose.
	Parameters map[string]any
	// From says who calls the tool, and from where.
	From runtime.Call
}

// Tool calls a tool.
func (h *Host) Tool(name string, creds, params map[string]any) *ToolResult {
	h.tb.Helper()
	return h.Invoke(Call{Tool: name, Credentials: creds, Parameters: params})
}

// Invoke calls a tool. It is the long form of Tool.
func (h *Host) Invoke(call Call) *ToolResult {
	h.tb.Helper()
	if call.CredentialType != "" {
		h = h.As(call.CredentialType)
	}
	p := h.target(runtime.KindTool)
	err := h.refuse(p, p.noItem(call.Tool), p.noParameters(call.Tool, call.Parameters),
		h.noCredentials(p, call.Credentials), noSecrets(call.Credentials, call.Parameters))
	if err != nil {
		return &ToolResult{Err: err}
	}
	fields := h.credentialFields(p, call.Credentials)
	fields["tool"], fields["tool_parameters"] = call.Tool, wire(call.Parameters)
	req := host.Request{Type: "tool", Action: "invoke_tool", Fields: fields}
	req.UserID, req.ConversationID, req.MessageID = call.From.UserID, call.From.ConversationID, call.From.MessageID
	req.AppID, req.EndpointID = call.From.AppID, call.From.EndpointID
	secrets := p.secrets(call.Credentials, call.Parameters)
	response := h.do(req, secrets)
	result := newToolResult(response.Results)
	if response.Err != nil {
		result.Err = wireError(response.Err)
	}
	h.checkVariables("tool "+call.Tool, p.outputs[call.Tool], result.Variables)
	h.checkSecrets("the result of "+call.Tool, secrets, result.texts()...)
	return result
}

// Options returns the choices of an item's parameter of type dynamic-select. The item is a
// tool, a data source or an event, or "provider" for the parameters of a trigger's subscriptions.
func (h *Host) Options(item, parameter string, creds map[string]any) ([]runtime.Choice, error) {
	h.tb.Helper()
	p := h.target(runtime.KindTool, runtime.KindTrigger, runtime.KindDatasource)
	problem := cmp.Or(undeclared("provider "+p.name, "parameter of a subscription", p.subscriptionParameters, map[string]any{parameter: nil}),
		noOptions("subscriptions of "+p.name, p.subscriptionParameters, parameter))
	if item != "provider" {
		problem = cmp.Or(p.noItem(item), p.noParameters(item, map[string]any{parameter: nil}),
			noOptions(itemNames[p.kind]+" "+item, p.parameters[item], parameter))
	}
	if err := h.refuse(p, problem, h.noCredentials(p, creds), noSecrets(creds)); err != nil {
		return nil, err
	}
	fields := h.credentialFields(p, creds)
	if p.kind == runtime.KindTrigger && item != "provider" {
		fields["credential_type"] = cmp.Or(h.credentialType, p.typeOfAny(creds))
	}
	fields["provider_action"], fields["parameter"] = item, parameter
	var result struct{ Options []host.Option }
	if err := h.look(p, "dynamic_parameter", "fetch_parameter_options", fields, &result); err != nil {
		return nil, err
	}
	choices := make([]runtime.Choice, len(result.Options))
	for i, o := range result.Options {
		choices[i] = runtime.Choice{Value: o.Value, Label: o.Label["en_US"], Icon: o.Icon}
	}
	return choices, nil
}

// RuntimeParameters returns the parameters that a tool has for the user with these
// credentials, as Dify gets them.
func (h *Host) RuntimeParameters(tool string, creds map[string]any) ([]map[string]any, error) {
	h.tb.Helper()
	p := h.target(runtime.KindTool)
	if err := h.refuse(p, p.noItem(tool), h.noCredentials(p, creds), noSecrets(creds)); err != nil {
		return nil, err
	}
	fields := h.credentialFields(p, creds)
	fields["tool"] = tool
	var result struct{ Parameters []map[string]any }
	err := h.look(p, "tool", "get_tool_runtime_parameters", fields, &result)
	return result.Parameters, err
}

// look sends a request about credentials and checks its result for secrets.
func (h *Host) look(p *provider, typ, action string, fields map[string]any, v any) error {
	h.tb.Helper()
	var raw json.RawMessage
	creds, _ := fields["credentials"].(map[string]any)
	secrets := p.secrets(creds)
	if err := h.decode(host.Request{Type: typ, Action: action, Fields: fields}, secrets, &raw); err != nil {
		return err
	}
	h.checkSecrets("the result of "+action, secrets, raw)
	return json.Unmarshal(raw, v)
}

// credentialFields returns the fields of a request with credentials.
func (h *Host) credentialFields(p *provider, creds map[string]any) map[string]any {
	return map[string]any{
		"provider": p.name, "credentials": wire(creds), "credential_type": cmp.Or(h.credentialType, p.credentialType()),
	}
}
