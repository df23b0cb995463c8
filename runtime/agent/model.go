package agent

import (
	"encoding/json"
	"fmt"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// Model is a model that a user has chosen for an agent. Its CompletionParams are what the user has set for
// it.
type Model struct {
	runtime.ModelSelector

	// Schema is what Dify knows of the model: its features, properties, rules for parameters and prices.
	// It is nil if Dify does not know the model. Dify leaves out features that older plugins do not know,
	// such as structured-output.
	Schema *runtime.ModelSchema
	// History are the messages of the conversation before, if the strategy has the feature
	// history-messages and the user has switched memory on.
	History []llm.Message
}

// Supports reports whether Dify says that the model has a feature. Of a model without a Schema, it does
// not.
func (m *Model) Supports(f runtime.ModelFeature) bool { return m.Schema.HasFeature(f) }

// ContextSize returns how many tokens the model takes, or 0 if Dify does not say.
func (m *Model) ContextSize() int { return m.Schema.PropertyInt(runtime.PropertyContextSize) }

// callsTools reports whether the model can call tools, as far as Dify says what it can.
func (m *Model) callsTools() bool {
	return m.Schema == nil || m.Schema.Features == nil ||
		m.Supports(runtime.FeatureToolCall) || m.Supports(runtime.FeatureMultiToolCall) || m.Supports(runtime.FeatureStreamToolCall)
}

// fit lowers the parameter max_tokens of a call so that it fits into the context with the prompt.
func (m *Model) fit(req *invoke.LLMRequest) {
	const template, least = "max_tokens", 16
	size, params := m.ContextSize(), req.Model.CompletionParams
	if size == 0 {
		return
	}
	for _, rule := range m.Schema.Parameters {
		if rule.Name != template && rule.Template != template {
			continue
		}
		name := rule.Name
		if params[name] == nil {
			name = template
		}
		most, ok := params[name].(float64)
		left := float64(max(size-llm.EstimateTokens(req.Messages, req.Tools), least))
		if ok && most > left {
			params[name] = left
		}
	}
}

// DecodeModel reads a required model.
func DecodeModel(d *runtime.Decoder, field, label string) Model {
	if m := decodeModel(d, field, label, runtime.FieldRequired); m != nil {
		return *m
	}
	return Model{}
}

// DecodeOptionalModel reads a model. An absent one is nil.
func DecodeOptionalModel(d *runtime.Decoder, field, label string) *Model {
	return decodeModel(d, field, label, runtime.FieldOptional)
}

func decodeModel(d *runtime.Decoder, field, label string, need runtime.Need) *Model {
	values := d.Object(field, label, need)
	if values == nil {
		return nil
	}
	o := object{values, func(key, reason string) { d.Fail(field+"."+key, label, reason) }}
	return &Model{ModelSelector: d.Model(field, label), Schema: readSchema(o.object("entity").values), History: readHistory(o)}
}

func readHistory(o object) []llm.Message {
	const key = "history_prompt_messages"
	var history []llm.Message
	for i, v := range o.list(key) {
		var m llm.Message
		if decodeValue(v, &m) != nil || m.Role == "" {
			o.fail(fmt.Sprintf("%s[%d]", key, i), "must be a message")
			continue
		}
		history = append(history, m)
	}
	return history
}

// readSchema returns what Dify says of a model. It is there to inform: what does not fit is left out.
func readSchema(entity map[string]any) *runtime.ModelSchema {
	if entity == nil {
		return nil
	}
	schema := new(runtime.ModelSchema)
	if decodeValue(entity, schema) == nil {
		return schema
	}
	fitting := make(map[string]any, len(entity))
	for key, v := range entity {
		if list, ok := v.([]any); ok {
			v = fittingItems(key, list)
		}
		if fits(key, v) {
			fitting[key] = v
		}
	}
	schema = new(runtime.ModelSchema)
	_ = decodeValue(fitting, schema) // all of it fits
	return schema
}

func fittingItems(key string, list []any) []any {
	kept := make([]any, 0, len(list))
	for _, item := range list {
		if fits(key, []any{item}) {
			kept = append(kept, item)
		}
	}
	return kept
}

// fits reports whether a schema can have such a value.
func fits(key string, v any) bool {
	return decodeValue(map[string]any{key: v}, new(runtime.ModelSchema)) == nil
}

// decodeValue decodes what encoding/json has decoded into any.
func decodeValue(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}
