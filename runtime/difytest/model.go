package difytest

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// model is the model that a call is for.
type model struct {
	typ         runtime.ModelType
	name        string
	credentials map[string]any
	from        runtime.Call
}

// ModelSchema asks for the schema of a model, as Dify does for every one. It returns nil if the plugin
// does not know the model.
func (h *Host) ModelSchema(t runtime.ModelType, name string, creds map[string]any) (*runtime.ModelSchema, error) {
	h.tb.Helper()
	var result struct {
		Schema *runtime.ModelSchema `json:"model_schema"`
	}
	err := h.askOne(model{typ: t, name: name, credentials: creds}, "get_ai_model_schemas", nil, &result)
	return result.Schema, err
}

// ask sends a request to a model and returns its results, also with an error. For one of the problems,
// it is not sent.
func (h *Host) ask(m model, action string, fields map[string]any, problems ...string) ([]json.RawMessage, error) {
	h.tb.Helper()
	p := h.target(runtime.KindModel)
	if err := h.refuse(p, p.noCall(m), cmp.Or(problems...)); err != nil {
		return nil, err
	}
	req, err := host.ModelRequest(action, fields)
	if err != nil {
		return nil, h.refuse(p, "Dify cannot send this call: "+err.Error())
	}
	req.UserID, req.ConversationID, req.MessageID = m.from.UserID, m.from.ConversationID, m.from.MessageID
	req.AppID, req.EndpointID = m.from.AppID, m.from.EndpointID
	req.Fields["provider"], req.Fields["model_type"], req.Fields["model"] = p.name, m.typ, m.name
	creds := wire(m.credentials)
	if creds == nil {
		creds = map[string]any{} // Dify sends an object
	}
	req.Fields["credentials"] = creds
	secrets := p.secrets(m.credentials)
	response := h.do(req, secrets)
	h.checkSecrets("the result of "+action, secrets, allOf(response.Results)...)
	if response.Err != nil {
		return response.Results, wireError(response.Err)
	}
	return response.Results, nil
}

// askOne is ask for an action that has one result, which it decodes into the value that v points to.
func (h *Host) askOne(m model, action string, fields map[string]any, v any, problems ...string) error {
	h.tb.Helper()
	results, err := h.ask(m, action, fields, problems...)
	switch {
	case err != nil:
		return err
	case len(results) == 0:
		return errors.New("the plugin returns neither a result nor an error")
	}
	if err := json.Unmarshal(results[0], v); err != nil {
		return fmt.Errorf("decoding the result of %s: %w", action, err)
	}
	return nil
}

// allOf returns results as they are on the wire, the texts that they have one after the other, and the
// bytes of those in hexadecimal: streams cut secrets in pieces.
func allOf(results []json.RawMessage) [][]byte {
	var all [][]byte
	var text strings.Builder
	var audio []byte
	for _, data := range results {
		all = append(all, data)
		var r struct {
			Delta struct {
				Message struct {
					Content   any
					ToolCalls []struct{ Function struct{ Arguments string } } `json:"tool_calls"`
				}
			}
			Result any
		}
		if json.Unmarshal(data, &r) != nil {
			continue
		}
		if s, ok := r.Delta.Message.Content.(string); ok {
			text.WriteString(s)
		}
		for _, call := range r.Delta.Message.ToolCalls {
			text.WriteString(call.Function.Arguments)
		}
		if s, ok := r.Result.(string); ok {
			piece, _ := hex.DecodeString(s) // or a text, which is in all
			audio = append(audio, piece...)
		}
	}
	return append(all, []byte(text.String()), audio)
}

// noCall says why a call of a model is not sent, or returns "".
func (p *provider) noCall(m model) string {
	declared := slices.Concat(p.credentials, p.modelCredentials)
	return cmp.Or(p.problem, p.noModel(m), undeclared("provider "+p.name, "credential", declared, m.credentials), noSecrets(m.credentials))
}

// noModel says why Dify would not ask for a model, or returns "".
func (p *provider) noModel(m model) string {
	if len(p.modelTypes) > 0 && !slices.Contains(p.modelTypes, m.typ) {
		return fmt.Sprintf("the provider %s declares no models of type %s in supported_model_types; it has %s", p.name, m.typ, words(p.modelTypes))
	}
	if m.name == "" {
		return "the call has no Model"
	}
	if p.custom || p.model(m.typ, m.name) != nil {
		return ""
	}
	var known []string
	for _, schema := range p.models {
		if schema.Type == m.typ {
			known = append(known, schema.Model)
		}
	}
	return fmt.Sprintf("the provider %s declares no model %s of type %s, and users can add none; it has %s", p.name, m.name, m.typ, list(known))
}

// model returns the schema of a model that the YAML declares, or nil.
func (p *provider) model(t runtime.ModelType, name string) *runtime.ModelSchema {
	for i := range slices.Backward(p.models) { // of a repeated name, the last one counts
		if p.models[i].Type == t && p.models[i].Model == name {
			return &p.models[i]
		}
	}
	return nil
}

// schema returns the schema of a model, as Dify has it: it asks for that of one that users have added.
func (h *Host) schema(m model) *runtime.ModelSchema {
	h.tb.Helper()
	p := h.target(runtime.KindModel)
	if s := p.model(m.typ, m.name); s != nil || p.noCall(m) != "" {
		return s
	}
	s, _ := h.ModelSchema(m.typ, m.name, m.credentials) // the call itself has the error
	return s
}

// noModelParameters says which parameters a model does not declare, or returns "".
func noModelParameters(m model, schema *runtime.ModelSchema, params map[string]any) string {
	if schema == nil {
		return ""
	}
	var fields []field
	templates := make(map[string]any)
	for _, rule := range schema.Parameters {
		fields = append(fields, field{Name: rule.Name})
		if rule.Template != "" {
			templates[rule.Template] = nil // under which values come, too
		}
	}
	rest := make(map[string]any)
	for name, v := range params {
		if _, ok := templates[name]; !ok {
			rest[name] = v
		}
	}
	return undeclared("model "+m.name, "parameter", fields, rest)
}

// words returns words as text.
func words[T ~string](values []T) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, string(v))
	}
	return list(texts)
}
