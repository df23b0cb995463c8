package invoke

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime"
)

// wireModel is how a call names a model: the provider by its full ID.
type wireModel struct {
	Provider string `json:"provider"`
	Model    string `json:"model"`
}

// given returns a request, or an empty one for nil, whose error says what is missing.
func given[T any](req *T) *T {
	if req == nil {
		return new(T)
	}
	return req
}

// modelOf returns the model that a request is for.
func modelOf(m runtime.ModelSelector) (wireModel, error) {
	if m.IsZero() {
		return wireModel{}, errors.New("a call of a model needs Provider and Model: pass on a parameter of type model-selector, " +
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

// present returns a text of a reply, or an error if it is missing.
func present(typ, field string, text *string) (string, error) {
	if text == nil {
		return "", fmt.Errorf("%s is missing in the reply of Dify to a call of type %s", field, typ)
	}
	return *text, nil
}
