// Package fixedmodels connects Dify to Acme.
package fixedmodels

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
)

// AcmeProvider connects Acme. This file is yours: difygen wrote it once and will not touch it
// again.
type AcmeProvider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If AcmeProvider lacks a method, the compiler reports it here. An optional one, such as
// CountTokens, is only called if its types are right. Add a line here if you write it:
//
//	_ llm.TokenCounter[AcmeCredentials, AcmeLLMParameters] = (*AcmeProvider)(nil)
var (
	_ AcmeCredentialsValidator = (*AcmeProvider)(nil)
	_ AcmeModels               = (*AcmeProvider)(nil)
)

// ValidateProviderCredentials asks the service whether creds work, by the cheapest call that
// needs them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.APIKey.Reveal())
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *AcmeProvider) ValidateProviderCredentials(ctx context.Context, creds AcmeProviderCredentials) error {
	return runtime.ErrNotImplemented
}

// LLM calls a language model. It sends what the model writes as it comes, and at the end why
// it has stopped. What it sends is, for example:
//
//	if err := out.Text("Let me see."); err != nil {
//		return err
//	}
//	return out.Finish(llm.FinishStop, llm.Usage{PromptTokens: 30, CompletionTokens: 12})
func (p *AcmeProvider) LLM(ctx context.Context, call *AcmeLLMCall, out *llm.Output) error {
	return runtime.ErrNotImplemented
}

// Rerank returns the documents that answer the query, the best first. A result is, for
// example:
//
//	rerank.Result{Matches: []rerank.Match{{Index: 0, Text: call.Documents[0], Score: 0.9}}}
func (p *AcmeProvider) Rerank(ctx context.Context, call *AcmeRerankCall) (*rerank.Result, error) {
	return nil, runtime.ErrNotImplemented
}

// RerankMultimodal returns the documents that answer the query, the best first.
func (p *AcmeProvider) RerankMultimodal(ctx context.Context, call *AcmeRerankMultimodalCall) (*rerank.Result, error) {
	return nil, runtime.ErrNotImplemented
}
