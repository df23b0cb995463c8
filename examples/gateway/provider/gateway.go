// Package gateway connects Dify to models behind a gateway that speaks OpenAI's API.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
)

// Provider connects to a gateway.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Models               = (*Provider)(nil)
)

// errNoCalls is the error of every call of a model.
var errNoCalls = errors.New("this example calls no models yet")

// LLM calls a language model.
func (p *Provider) LLM(context.Context, *LLMCall, *llm.Output) error { return errNoCalls }

// Embed returns a vector for each text, in their order.
func (p *Provider) Embed(context.Context, *EmbedCall) (*embedding.Result, error) {
	return nil, errNoCalls
}

// CustomModel returns what the form says of a model.
func (p *Provider) CustomModel(_ context.Context, call *CustomModelCall) (*runtime.ModelSchema, error) {
	return call.FormSchema(), nil
}

// ValidateProviderCredentials asks the gateway for its models.
func (p *Provider) ValidateProviderCredentials(ctx context.Context, creds ProviderCredentials) error {
	_, err := p.models(ctx, access{creds.BaseURL, creds.AuthMethod, creds.APIKey, creds.Username, creds.Password})
	return err
}

// ValidateModelCredentials asks the gateway whether it has the model.
func (p *Provider) ValidateModelCredentials(ctx context.Context, modelType runtime.ModelType, model string, creds ModelCredentials) error {
	if modelType == runtime.ModelTypeLLM || creds.ContextSize != "" {
		if size, err := strconv.Atoi(creds.ContextSize); err != nil || size <= 0 {
			return errors.New("the context size must be a number of tokens, such as 4096")
		}
	}
	models, err := p.models(ctx, access{creds.BaseURL, creds.AuthMethod, creds.APIKey, creds.Username, creds.Password})
	if err == nil && !models[model] {
		return fmt.Errorf("the gateway has no model %q, but %d others", model, len(models))
	}
	return err
}

// access holds what both kinds of credentials have in common.
type access struct {
	baseURL  string
	method   AuthMethod
	apiKey   runtime.Secret
	username string
	password runtime.Secret
}

// models lists the models that a gateway offers.
func (p *Provider) models(ctx context.Context, a access) (map[string]bool, error) {
	errURL := errors.New("the base URL must be one such as https://gateway.example.com/v1")
	base, err := url.Parse(a.baseURL)
	if err != nil || base.User != nil {
		return nil, errURL
	}
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, base.JoinPath("models").String(), nil)
	if err != nil {
		return nil, errURL
	}
	switch a.method {
	case AuthMethodAPIKey:
		req.Header.Set("Authorization", "Bearer "+a.apiKey.Reveal())
	case AuthMethodBasic:
		req.SetBasicAuth(a.username, a.password.Reveal())
	case AuthMethodNone:
	}
	var list struct{ Data []struct{ ID string } }
	err = runtime.DoJSON(p.HTTPClient, req, &list)
	switch code := runtime.StatusCode(err); {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return nil, errors.New("the gateway does not accept these credentials")
	case err != nil && !errors.Is(err, runtime.ErrUnreachable):
		return nil, fmt.Errorf("the gateway does not list its models; check the base URL: %w", err)
	case err != nil:
		return nil, err
	}
	models := make(map[string]bool, len(list.Data))
	for _, m := range list.Data {
		models[m.ID] = true
	}
	return models, nil
}
