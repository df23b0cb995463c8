package agent

import (
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// Model is a model that a user has chosen for an agent.
type Model struct {
	runtime.ModelSelector

	// Schema is what Dify knows of the model; nil if it does not say.
	Schema *runtime.ModelSchema
	// History are the messages of the conversation before, if the strategy has the feature
	// history-messages.
	History []llm.Message
}

// DecodeModel reads a required model.
func DecodeModel(d *runtime.Decoder, field, label string) Model {
	return Model{ModelSelector: d.Model(field, label)}
}

// DecodeOptionalModel reads a model. An absent one is nil.
func DecodeOptionalModel(d *runtime.Decoder, field, label string) *Model {
	selector := d.OptionalModel(field, label)
	if selector == nil {
		return nil
	}
	return &Model{ModelSelector: *selector}
}

// Tool is a tool that a user has chosen for an agent.
type Tool struct {
	Name string
}

// DecodeTools reads a list of tools. An absent one is nil.
func DecodeTools(d *runtime.Decoder, field, label string, need runtime.Need) []Tool {
	d.Array(field, label, need)
	return nil
}
