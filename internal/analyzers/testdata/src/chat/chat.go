// Package chat is a provider of models without mistakes.
package chat

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
)

type counter[C, P any] struct{}

func (counter[C, P]) CountTokens(_ context.Context, call *llm.Call[C, P]) (int, error) {
	return llm.EstimateTokens(call.Messages, call.Tools), nil
}

// Provider also has optional methods: all but those of polling and rerank, one of them promoted.
type Provider struct {
	counter[Credentials, LLMParameters]
	HTTPClient *http.Client
}

func (p *Provider) ValidateProviderCredentials(ctx context.Context, creds ProviderCredentials) error {
	return p.get(ctx, creds.Credentials(), "/models", nil)
}

func (p *Provider) ValidateModelCredentials(ctx context.Context, _ runtime.ModelType, model string, creds ModelCredentials) error {
	return p.get(ctx, creds.Credentials(), "/models/"+model, nil)
}

func (p *Provider) LLM(ctx context.Context, call *LLMCall, out *llm.Output) error {
	var answer struct{ Text string }
	if err := p.get(ctx, call.Credentials, "/chat", &answer); err != nil {
		return err
	}
	if call.Parameters.Extra.Float("top_p").IsSet() || call.Parameters.Level.Or("") == LevelHigh {
		answer.Text += "!"
	}
	return out.Text(answer.Text)
}

func (p *Provider) Embed(ctx context.Context, call *EmbedCall) (*embedding.Result, error) {
	var result embedding.Result
	err := p.get(ctx, call.Credentials, "/embed", &result)
	return &result, err
}

func (p *Provider) EmbedMultimodal(ctx context.Context, call *EmbedMultimodalCall) (*embedding.Result, error) {
	var result embedding.Result
	err := p.get(ctx, call.Credentials, "/embed", &result)
	return &result, err
}

func (p *Provider) CountEmbedTokens(_ context.Context, call *embedding.Call[Credentials]) ([]int, error) {
	return make([]int, len(call.Texts)), nil
}

func (p *Provider) Rerank(ctx context.Context, call *RerankCall) (*rerank.Result, error) {
	var result rerank.Result
	err := p.get(ctx, call.Credentials, "/rerank", &result)
	return &result, err
}

func (p *Provider) CustomModel(_ context.Context, call *CustomModelCall) (*runtime.ModelSchema, error) {
	return call.FormSchema(), nil
}

func (p *Provider) get(ctx context.Context, creds Credentials, path string, result any) error {
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, creds.ServerURL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.APIKey.Reveal())
	return runtime.DoJSON(p.HTTPClient, req, result)
}
