// Package addedmodels connects Dify to Added models.
package addedmodels

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// Provider connects Added models. This file is yours: difygen wrote it once and will not touch
// it again.
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here. An optional one, such as
// CountTokens, is only called if its types are right. Add a line here if you write it:
//
//	_ llm.TokenCounter[Credentials, LLMParameters] = (*Provider)(nil)
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Models               = (*Provider)(nil)
)

// ValidateModelCredentials asks the service whether creds work, by the cheapest call that
// needs them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *Provider) ValidateModelCredentials(ctx context.Context, modelType runtime.ModelType, model string, creds ModelCredentials) error {
	return runtime.ErrNotImplemented
}

// LLM calls a language model. It sends what the model writes as it comes, and at the end why
// it has stopped. What it sends is, for example:
//
//	if err := out.Text("Let me see."); err != nil {
//		return err
//	}
//	return out.Finish(llm.FinishStop, llm.Usage{PromptTokens: 30, CompletionTokens: 12})
func (p *Provider) LLM(ctx context.Context, call *LLMCall, out *llm.Output) error {
	return runtime.ErrNotImplemented
}

// Transcribe returns what is said in a recording.
func (p *Provider) Transcribe(ctx context.Context, call *TranscribeCall) (string, error) {
	return "", runtime.ErrNotImplemented
}

// CustomModel returns the schema of a model that the YAML does not declare, or nil if there is
// no such model. It reads the usual fields of the form: context_size, mode and others.
func (p *Provider) CustomModel(ctx context.Context, call *CustomModelCall) (*runtime.ModelSchema, error) {
	return call.FormSchema(), nil
}
