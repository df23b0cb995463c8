package optionalmethod

import (
	"context"
	"errors"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
)

type Provider struct {
	base
}

type base struct{}

// RerankMultimodal is promoted.
func (base) RerankMultimodal(_ context.Context, call *RerankCall) (*rerank.Result, error) { // want `nothing calls RerankMultimodal, since its type is not func\(ctx context.Context, call \*RerankMultimodalCall\) \(\*rerank.Result, error\)`
	return &rerank.Result{Model: call.Model}, nil
}

func (p *Provider) CountTokens(call *LLMCall) int { // want `nothing calls CountTokens, since its type is not func\(ctx context.Context, call \*LLMCall\) \(int, error\)`
	return len(call.Messages)
}

// StartPolling has the right type.
func (p *Provider) StartPolling(context.Context, *LLMCall) (*llm.Polling, error) { // want `nothing calls StartPolling without CheckPolling, which is missing`
	return nil, errNone
}

func (p *Provider) EmbedMultimodal(ctx context.Context, call *embedding.MultimodalCall[ModelCredentials]) (*embedding.Result, error) { // want `nothing calls EmbedMultimodal, since its type is not func\(ctx context.Context, call \*EmbedMultimodalCall\)`
	return nil, errNone
}

// CountEmbedToken has nearly the name of a method that is there.
func (p *Provider) CountEmbedToken(_ context.Context, call *EmbedCall) ([]int, error) {
	return make([]int, len(call.Texts)), nil
}

func (p *Provider) checkPoling(call *CheckPollingCall) error { // want `nothing calls checkPoling; did you mean CheckPolling, whose type is func\(ctx context.Context, call \*CheckPollingCall\) \(\*llm.Polling, error\)\?`
	return errNone
}

func (p *Provider) Check(_ context.Context, call CheckPollingCall) (*llm.Polling, error) {
	return nil, errNone
}

func (p *Provider) Poll(_ context.Context, call *CheckPollingCall) (*llm.Polling, error) { // want `nothing calls Poll; did you mean CheckPolling\?`
	return nil, errNone
}

// CheckPollings is a helper.
func (p *Provider) CheckPollings(call *CheckPollingCall) error { return errNone }

var _ = (*Provider).CheckPollings

// CheckPolli is one of poller.
func (p *Provider) CheckPolli(*CheckPollingCall) error { return errNone }

type poller interface {
	CheckPolli(call *CheckPollingCall) error
}

// CheckPollin gets no call.
func (p *Provider) CheckPollin(id string) error { return errNone }

var errNone = errors.New("none")

// What follows is right.

// CountEmbedTokens is a helper of Embed.
func (p *Provider) CountEmbedTokens(text string) int { return len(text) }

func (p *Provider) Embed(_ context.Context, call *EmbedCall) (*embedding.Result, error) {
	return &embedding.Result{Usage: embedding.Usage{Tokens: p.CountEmbedTokens(call.Texts[0])}}, nil
}

func (p *Provider) ValidateProviderCredentials(context.Context, ProviderCredentials) error {
	return errNone
}

func (p *Provider) ValidateModelCredentials(context.Context, runtime.ModelType, string, ModelCredentials) error {
	return errNone
}

func (p *Provider) LLM(_ context.Context, _ *LLMCall, out *llm.Output) error {
	return out.Text("Hello")
}

func (p *Provider) Rerank(context.Context, *RerankCall) (*rerank.Result, error) { return nil, errNone }

func (p *Provider) CustomModel(_ context.Context, call *CustomModelCall) (*runtime.ModelSchema, error) {
	return call.FormSchema(), nil
}

type other struct{}

func (other) CountTokens(text string) int { return len(text) }
