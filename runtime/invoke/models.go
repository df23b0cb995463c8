package invoke

import (
	"cmp"
	"errors"

	"github.com/difygen/difygen/runtime"
)

// wireModel is how a call names a model: the provider by its full ID.
type wireModel struct {
	Provider string `json:"provider"`
	Model    string `json:"model"`
}

// modelOf returns the model that a request is for.
func modelOf(m runtime.ModelSelector) (wireModel, error) {
	if m.IsZero() {
		return wireModel{}, errors.New("a call of a model has no Provider or no Model: pass on a parameter of type model-selector, " +
			"or name one, such as langgenius/openai/openai and gpt-4o")
	}
	return wireModel{m.Provider, m.Model}, nil
}

// modeOf returns chat or completion.
func modeOf(m runtime.ModelSelector) (string, error) {
	mode := cmp.Or(m.Mode, "chat")
	if mode != "chat" && mode != "completion" {
		return "", errors.New("the Mode of a model is neither chat nor completion")
	}
	return mode, nil
}
