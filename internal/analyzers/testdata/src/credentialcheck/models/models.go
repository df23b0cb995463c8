// Package models has checks of the credentials of models.
package models

import (
	"context"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/chat"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

type provider struct{ *chat.Provider }

func (p *provider) ValidateModelCredentials(context.Context, runtime.ModelType, string, chat.ModelCredentials) error { // want `ValidateModelCredentials cannot fail, so Dify stores any credentials`
	return nil
}

// What follows is right.

func (p *provider) ValidateProviderCredentials(ctx context.Context, creds chat.ProviderCredentials) error {
	_, err := llm.Ask(ctx, p, &chat.LLMCall{
		ModelCall: runtime.ModelCall{Model: chat.ModelSmall}, Credentials: creds.Credentials(), Messages: []llm.Message{llm.User("ping")},
	})
	return err
}
