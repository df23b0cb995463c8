// Package models has a provider of models that is not written yet.
package models

import (
	"context"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/chat"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
)

type provider struct{ *chat.Provider }

func (p *provider) LLM(context.Context, *chat.LLMCall, *llm.Output) error {
	return runtime.ErrNotImplemented // want `LLM is not implemented yet: calls of it fail`
}

func (p *provider) Embed(context.Context, *chat.EmbedCall) (*embedding.Result, error) {
	return nil, runtime.ErrNotImplemented // want `Embed is not implemented yet`
}
