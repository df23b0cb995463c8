package runtime

import "cmp"

// ToolSelector is a tool that a user chose, with its settings and parameters.
type ToolSelector struct {
	ProviderID        string
	ToolType          string // builtin, api, workflow or mcp; empty means builtin
	ToolName          string
	ToolDescription   string
	ToolConfiguration map[string]any // what the user has set, by parameter
	ToolParameters    map[string]any // what the host says of those that a model sets
	CredentialID      string         // of the credentials that the user chose for the tool, if any
}

// Values returns the object that the host sends.
func (s ToolSelector) Values() map[string]any {
	values := map[string]any{
		"provider_id": s.ProviderID, "tool_name": s.ToolName, "tool_description": s.ToolDescription,
	}
	if s.ToolType != "" {
		values["type"] = s.ToolType
	}
	if s.ToolConfiguration != nil {
		values["tool_configuration"] = s.ToolConfiguration
	}
	if s.ToolParameters != nil {
		values["tool_parameters"] = s.ToolParameters
	}
	if s.CredentialID != "" {
		values["credential_id"] = s.CredentialID
	}
	return values
}

// ToolSelectorValues returns the list of objects that the host sends.
func ToolSelectorValues(tools []ToolSelector) []any {
	values := make([]any, len(tools))
	for i, t := range tools {
		values[i] = t.Values()
	}
	return values
}

// Tools reads a list of tool selectors, without those that the user has switched off. An absent one
// is nil.
func (d *Decoder) Tools(field, label string, need Need) []ToolSelector {
	v, ok := d.parameter(field, label, need)
	if !ok {
		return nil
	}
	list, ok := d.unpack(v, "[").([]any)
	if !ok {
		d.failValue(field, label, v, reasonList)
		return nil
	}
	var tools []ToolSelector
	for _, item := range list {
		values, ok := item.(map[string]any)
		if !ok {
			d.fail(field, label, reasonList)
			return nil
		}
		o := object{values: values}
		tool := o.tool()
		if o.bad || tool.ToolName == "" {
			d.fail(field, label, "must be a list of tools: objects with provider_id and tool_name")
			return nil
		}
		if values["enabled"] != false {
			tools = append(tools, tool)
		}
	}
	if len(tools) == 0 && need == FieldRequired {
		d.fail(field, label, reasonRequired)
	}
	return tools
}

// tool reads a tool, whose fields have two names: those of Dify's API and the Python SDK, such as
// provider_id, and those with which Dify's pages store the choice, such as provider_name.
func (o *object) tool() ToolSelector {
	extra := object{values: o.object("extra")}
	s := ToolSelector{
		ProviderID: cmp.Or(o.text("provider_id"), o.text("provider_name")), ToolType: o.text("type"), ToolName: o.text("tool_name"),
		ToolDescription:   cmp.Or(extra.text("description"), o.text("tool_description")),
		ToolConfiguration: o.object("tool_configuration"), ToolParameters: o.object("tool_parameters"),
		CredentialID: o.text("credential_id"),
	}
	settings, parameters := o.object("settings"), o.object("parameters")
	o.bad = o.bad || extra.bad
	if s.ToolParameters == nil {
		s.ToolParameters = parameters
	}
	if s.ToolConfiguration == nil && (len(settings) > 0 || len(parameters) > 0) {
		s.ToolConfiguration = configuration(settings, parameters)
	}
	return s
}

// configuration returns what a user has set in Dify's pages: the settings of a tool, and those of its
// parameters that are not left to a model.
func configuration(settings, parameters map[string]any) map[string]any {
	set := make(map[string]any, len(settings))
	for name, v := range parameters {
		values, _ := v.(map[string]any)
		o := object{values: values}
		if auto := o.number("auto"); auto != nil && *auto == 0 && values["value"] != nil {
			set[name] = plainInput(values["value"])
		}
	}
	for name, v := range settings {
		if form, ok := v.(map[string]any); ok {
			v = form["value"]
		}
		if v != nil {
			set[name] = plainInput(v)
		}
	}
	return set
}

// plainInput returns the value of an input, which may be an object with its type and the value.
func plainInput(v any) any {
	if input, ok := v.(map[string]any); ok && input["type"] != nil {
		if value, ok := input["value"]; ok {
			return value
		}
	}
	return v
}
