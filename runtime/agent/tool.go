package agent

import (
	"fmt"
	"maps"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

// Tool is a tool that a user has chosen for an agent.
type Tool struct {
	Name         string          // by which Dify addresses it
	Label        string          // that users see, in English; "" if Dify does not say
	Provider     string          // by which Dify addresses it, such as langgenius/github/github
	ProviderType invoke.ToolType // where the tool comes from
	Description  string          // for models
	// Parameters are all that the tool has. A model sets those of form "llm".
	Parameters []Parameter
	// RuntimeParameters are the values that the user has set, by parameter.
	RuntimeParameters map[string]any
	// HasRuntimeParameters is whether the tool's parameters depend on those values. Dify has worked that in.
	HasRuntimeParameters bool
	// CredentialID are the credentials that the user has chosen for the tool; "" for the default ones.
	CredentialID string
	OutputSchema map[string]any // a JSON Schema of the variables that the tool sets; may be nil
}

// Parameter is a parameter of a Tool.
type Parameter struct {
	runtime.Parameter

	// Schema is the JSON Schema of the values, if the tool has one, such as those of MCP servers.
	Schema map[string]any
}

// formLLM is the form of parameters that models set.
const formLLM = "llm"

// ModelParameters returns the parameters that a model sets.
func (t *Tool) ModelParameters() []Parameter {
	var list []Parameter
	for _, p := range t.Parameters {
		if p.Form == formLLM && p.schema() != nil {
			list = append(list, p)
		}
	}
	return list
}

// Request returns a call of the tool with what a model has set, over what the user has. It takes from a
// model what ModelParameters has, and nothing else: neither what users set nor files, which are for people,
// nor what the tool does not declare.
func (t *Tool) Request(arguments map[string]any) *invoke.ToolRequest {
	all := make(map[string]any, len(t.RuntimeParameters)+len(arguments))
	maps.Copy(all, t.RuntimeParameters)
	settable := t.settable()
	for name, v := range arguments {
		if settable[name] {
			all[name] = v
		}
	}
	return &invoke.ToolRequest{Type: t.ProviderType, Provider: t.Provider, Tool: t.Name, Parameters: all, CredentialID: t.CredentialID}
}

// settable has the names of what a model can set. A name that is a parameter of users, too, is theirs.
func (t *Tool) settable() map[string]bool {
	names := make(map[string]bool)
	for _, p := range t.ModelParameters() {
		names[p.Name] = true
	}
	for _, p := range t.Parameters {
		if p.Form != formLLM {
			delete(names, p.Name)
		}
	}
	return names
}

// leftOut returns the names of arguments that Request does not take, in order.
func (t *Tool) leftOut(arguments map[string]any) []string {
	settable := t.settable()
	names := slices.Sorted(maps.Keys(arguments))
	return slices.DeleteFunc(names, func(name string) bool { return settable[name] })
}

// DecodeTools reads a list of tools. An absent one is nil. An empty one is given, too: users can switch off
// each tool that they have chosen.
func DecodeTools(d *runtime.Decoder, field, label string, need runtime.Need) []Tool {
	if d.Any(field, label, need) == nil {
		return nil
	}
	var tools []Tool
	for i, v := range d.Array(field, label, runtime.FieldOptional) {
		place := fmt.Sprintf("%s[%d]", field, i)
		values, ok := v.(map[string]any)
		if !ok {
			d.Fail(place, label, reasonObject)
			continue
		}
		tools = append(tools, readTool(object{values, func(key, reason string) { d.Fail(place+"."+key, label, reason) }}))
	}
	return tools
}

func readTool(o object) Tool {
	identity, description := o.object("identity"), o.object("description")
	tool := Tool{
		Name: identity.required("name"), Provider: identity.required("provider"), Label: identity.english("label"),
		ProviderType: invoke.ToolType(o.text("provider_type")), Description: description.text("llm"),
		RuntimeParameters: o.object("runtime_parameters").values, HasRuntimeParameters: o.boolean("has_runtime_parameters"),
		CredentialID: o.text("credential_id"), OutputSchema: o.object("output_schema").values,
	}
	if tool.ProviderType == "" {
		tool.ProviderType = invoke.ToolBuiltin
	}
	for _, p := range o.objects("parameters") {
		tool.Parameters = append(tool.Parameters, readParameter(p))
	}
	return tool
}

func readParameter(o object) Parameter {
	p := Parameter{Schema: o.object("input_schema").values, Parameter: runtime.Parameter{
		Name: o.required("name"), Label: o.english("label"), Description: o.english("human_description"),
		LLMDescription: o.text("llm_description"), Type: o.text("type"), Form: o.text("form"), Required: o.boolean("required"),
		Multiple: o.boolean("multiple"), Default: o.values["default"], Scope: o.text("scope"),
		Min: o.number("min"), Max: o.number("max"), Template: o.object("template").boolean("enabled"),
		AutoGenerate: o.object("auto_generate").values != nil,
	}}
	if places, ok := o.number("precision").Get(); ok {
		p.Precision = runtime.Some(int(places))
	}
	for _, option := range o.objects("options") {
		p.Options = append(p.Options, runtime.Choice{Value: option.scalar("value"), Label: option.english("label"), Icon: option.text("icon")})
	}
	return p
}
