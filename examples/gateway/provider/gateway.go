package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	timeout = 10 * time.Second // per request
	maxBody = 4 << 20          // bytes of a response
)

// Provider connects to a gateway.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
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
	if err != nil {
		return err
	}
	if !models[model] {
		return fmt.Errorf("the gateway has no model %q, but %d others", model, len(models))
	}
	return nil
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
	base, err := url.Parse(a.baseURL)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.User != nil {
		return nil, errors.New("the base URL must be one such as https://gateway.example.com/v1")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("models").String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	switch a.method {
	case AuthMethodAPIKey:
		req.Header.Set("Authorization", "Bearer "+a.apiKey.Reveal())
	case AuthMethodBasic:
		req.SetBasicAuth(a.username, a.password.Reveal())
	case AuthMethodNone:
	}
	client := p.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, runtime.Unreachable(err)
	}
	defer resp.Body.Close()
	return readModels(resp)
}

func readModels(resp *http.Response) (map[string]bool, error) {
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return nil, errors.New("the gateway does not accept these credentials")
	case code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		return nil, runtime.Unreachable(fmt.Errorf("the gateway returned status %d", code))
	case code != http.StatusOK:
		return nil, fmt.Errorf("the gateway returned status %d: check the base URL", code)
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&list); err != nil {
		return nil, errors.New("the response is not a list of models: check the base URL")
	}
	models := make(map[string]bool, len(list.Data))
	for _, m := range list.Data {
		models[m.ID] = true
	}
	return models, nil
}
