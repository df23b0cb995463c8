// Package studio connects Dify to Studio.
package studio

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// Provider connects Studio. This file is yours: difygen wrote it once and will not touch it
// again.
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

// ValidateProviderCredentials asks the service whether creds work, by the cheapest call that
// needs them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.APIKey.Reveal())
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *Provider) ValidateProviderCredentials(ctx context.Context, creds ProviderCredentials) error {
	return runtime.ErrNotImplemented
}

// ValidateModelCredentials asks the service whether creds work, by a call such as the one
// above.
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

// StartPolling starts a call of a language model that takes long. Dify then asks for the
// result from time to time.
func (p *Provider) StartPolling(ctx context.Context, call *LLMCall) (*llm.Polling, error) {
	return nil, runtime.ErrNotImplemented
}

// CheckPolling reports on a call that StartPolling started.
func (p *Provider) CheckPolling(ctx context.Context, call *CheckPollingCall) (*llm.Polling, error) {
	return nil, runtime.ErrNotImplemented
}

// Embed returns a vector for each text, in their order. A result is, for example:
//
//	embedding.Result{Embeddings: [][]float64{{0.6, 0.8}}, Usage: embedding.Usage{Tokens: 12}}
func (p *Provider) Embed(ctx context.Context, call *EmbedCall) (*embedding.Result, error) {
	return nil, runtime.ErrNotImplemented
}

// EmbedMultimodal returns a vector for each text or image, in their order.
func (p *Provider) EmbedMultimodal(ctx context.Context, call *EmbedMultimodalCall) (*embedding.Result, error) {
	return nil, runtime.ErrNotImplemented
}

// Rerank returns the documents that answer the query, the best first. A result is, for
// example:
//
//	rerank.Result{Matches: []rerank.Match{{Index: 0, Text: call.Documents[0], Score: 0.9}}}
func (p *Provider) Rerank(ctx context.Context, call *RerankCall) (*rerank.Result, error) {
	return nil, runtime.ErrNotImplemented
}

// Speak speaks a text. It writes the audio as it comes, such as from the body of a response:
//
//	_, err := io.Copy(out, resp.Body)
//	return err
func (p *Provider) Speak(ctx context.Context, call *SpeakCall, out *speech.Output) error {
	return runtime.ErrNotImplemented
}

// Voices returns the voices that a model has. They are those that the YAML declares.
func (p *Provider) Voices(ctx context.Context, call *VoicesCall) ([]speech.Voice, error) {
	return call.DeclaredVoices(), nil
}

// Transcribe returns what is said in a recording.
func (p *Provider) Transcribe(ctx context.Context, call *TranscribeCall) (string, error) {
	return "", runtime.ErrNotImplemented
}

// Moderate reports whether a text is against the rules.
func (p *Provider) Moderate(ctx context.Context, call *ModerateCall) (bool, error) {
	return false, runtime.ErrNotImplemented
}

// CustomModel returns the schema of a model that the YAML does not declare, or nil if there is
// no such model. It reads the usual fields of the form: context_size, mode and others.
func (p *Provider) CustomModel(ctx context.Context, call *CustomModelCall) (*runtime.ModelSchema, error) {
	return call.FormSchema(), nil
}
