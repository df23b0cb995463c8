package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	timeout = 10 * time.Second // per request
	maxBody = 1 << 20          // bytes of a response
)

// Provider connects to GitLab.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
}

// ValidateCredentials asks GitLab who the token belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	var user struct{ Username string }
	status, err := p.do(ctx, creds, http.MethodGet, "user", nil, &user)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK || user.Username == "":
		return fmt.Errorf("GitLab returned status %d and no user: check the server URL", status)
	}
	return nil
}

// do sends a request to the REST API and decodes a JSON response of limited size. It
// fails if GitLab could not be reached or rejects the token.
func (p *Provider) do(ctx context.Context, creds Credentials, method, path string, body, result any) (status int, err error) {
	base, err := url.Parse(creds.ServerURL)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.User != nil {
		return 0, errors.New("the server URL must be one such as https://gitlab.com")
	}
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		content = bytes.NewReader(encoded)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, base.JoinPath("api/v4").String()+"/"+path, content)
	if err != nil {
		return 0, err
	}
	// Not Private-Token, which net/http would send to another host after a redirect.
	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	req.Header.Set("Content-Type", "application/json")
	client := p.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, runtime.Unreachable(err)
	}
	defer resp.Body.Close()
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		return 0, errors.New("GitLab rejects the access token; it may have expired")
	case code == http.StatusForbidden:
		return 0, errors.New("the access token's scope or role does not allow this")
	case code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		return 0, runtime.Unreachable(fmt.Errorf("GitLab returned status %d", code))
	case code >= http.StatusMultipleChoices || code == http.StatusNoContent || result == nil:
		return code, nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(result); err != nil {
		return 0, errors.New("the response is not from GitLab: check the server URL")
	}
	return resp.StatusCode, nil
}
