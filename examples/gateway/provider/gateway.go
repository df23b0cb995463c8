// Package gateway connects Dify to models behind a gateway that speaks OpenAI's API.
package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/openai"
)

// Provider connects to a gateway. Its base has the methods that call models.
type Provider struct {
	openai.Base[Credentials, LLMParameters]
}

// New returns a provider.
func New() *Provider {
	return &Provider{openai.Base[Credentials, LLMParameters]{Config: config}}
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Models               = (*Provider)(nil)
)

// config says how to reach the gateway.
func config(creds Credentials) openai.Config {
	return openai.Config{
		BaseURL: creds.BaseURL, APIKey: creds.APIKey, NoStream: creds.NoStreaming,
		Authorize: func(req *http.Request) {
			if creds.AuthMethod == AuthMethodBasic {
				req.SetBasicAuth(creds.Username, creds.Password.Reveal())
			}
		},
	}
}

// ValidateProviderCredentials asks the gateway for its models.
func (p *Provider) ValidateProviderCredentials(ctx context.Context, creds ProviderCredentials) error {
	return p.CheckProvider(ctx, creds.Credentials())
}

// ValidateModelCredentials makes a small call of the model.
func (p *Provider) ValidateModelCredentials(ctx context.Context, modelType runtime.ModelType, model string, creds ModelCredentials) error {
	if size, err := strconv.Atoi(creds.ContextSize); creds.ContextSize != "" && (err != nil || size <= 0) {
		return errors.New("the context size must be a number of tokens, such as 4096")
	}
	return p.CheckModel(ctx, creds.Credentials(), modelType, model)
}
