package notion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	timeout    = 10 * time.Second // per request
	maxBody    = 1 << 20          // bytes of a response
	apiVersion = "2022-06-28"
)

// Provider connects to Notion.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
	// APIURL is the URL of Notion's API; empty means api.notion.com.
	APIURL string
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
}

// ValidateCredentials asks Notion who the secret belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url("/v1/users/me"), http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.IntegrationSecret.Reveal())
	var bot struct{ Type string }
	status, err := p.do(req, &bot)
	switch {
	case err != nil:
		return err
	case status == http.StatusUnauthorized:
		return errors.New("Notion rejects the integration secret") //nolint:staticcheck // a name
	case status != http.StatusOK || bot.Type != "bot":
		return fmt.Errorf("Notion does not identify the secret, with status %d", status) //nolint:staticcheck // a name
	}
	return nil
}

// do sends a request and decodes a JSON response of limited size, including error
// responses. It fails if Notion could not be reached or did not return JSON.
func (p *Provider) do(req *http.Request, result any) (status int, err error) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	client := p.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	req.Header.Set("Notion-Version", apiVersion)
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return 0, runtime.Unreachable(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError {
		return 0, runtime.Unreachable(fmt.Errorf("Notion returned status %d", resp.StatusCode)) //nolint:staticcheck // a name
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(result); err != nil {
		return 0, errors.New("the response is not from Notion: it is not JSON")
	}
	return resp.StatusCode, nil
}

func (p *Provider) url(path string) string {
	if p.APIURL != "" {
		return p.APIURL + path
	}
	return "https://api.notion.com" + path
}
