// Package models has calls of models whose errors and prompts have secrets.
package models

import (
	"errors"
	"fmt"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/chat"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

func refuse(call *chat.LLMCall) error {
	switch len(call.Messages) {
	case 0:
		return errors.New("no messages with the key " + call.Credentials.APIKey.Reveal()) // want `the text of a secret, from Secret.Reveal, gets into errors.New`
	case 1:
		return fmt.Errorf("refused: %v", call.Credentials.Values()) // want `from Values, gets into fmt.Errorf`
	}
	return &runtime.Error{Type: runtime.ErrorInvokeBadRequest, Err: fmt.Errorf("the model %s refuses %v", call.Model, call.Parameters.Values())}
}

func prompt(creds chat.ProviderCredentials) llm.Message {
	return llm.System("You are " + creds.Credentials().APIKey.Reveal()) // want `gets into llm.System`
}
