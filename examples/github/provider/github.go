package github

import (
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

// Provider connects to GitHub. The zero value uses github.com.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
	// WebURL and APIURL are the URLs of GitHub; empty means github.com.
	WebURL, APIURL string
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
}

// ValidateCredentials asks GitHub who the token belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	api, err := p.apiURL(creds)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/user", http.NoBody)
	if err != nil {
		return errors.New("the server URL is not valid")
	}
	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	var user struct{ Login string }
	status, err := p.do(req, &user)
	switch {
	case err != nil:
		return err
	case status == http.StatusUnauthorized:
		return errors.New("GitHub rejects the personal access token; it may have expired")
	case status == http.StatusForbidden || status == http.StatusTooManyRequests:
		return errors.New("GitHub forbids the request: check the permissions of the token and the rate limit")
	case status >= http.StatusInternalServerError:
		return runtime.Unreachable(fmt.Errorf("GitHub returned status %d", status))
	case status != http.StatusOK:
		return fmt.Errorf("GitHub returned status %d: check the server URL", status)
	case user.Login == "":
		return errors.New("the response is not from GitHub: check the server URL")
	}
	return nil
}

// apiURL returns the base URL of the REST API for the credentials.
func (p *Provider) apiURL(creds Credentials) (string, error) {
	if creds.Deployment != DeploymentServer {
		return or(p.APIURL, "https://api.github.com"), nil
	}
	u, err := url.Parse(creds.ServerURL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return "", errors.New("GitHub Enterprise Server needs a server URL such as https://github.example.com")
	}
	return u.JoinPath("api/v3").String(), nil
}

// do sends a request and decodes a JSON response of limited size. It fails if GitHub
// could not be reached or did not return JSON.
func (p *Provider) do(req *http.Request, result any) (status int, err error) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	client := p.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return 0, runtime.Unreachable(err)
	}
	defer resp.Body.Close()
	err = json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(result)
	if err != nil && resp.StatusCode == http.StatusOK {
		return 0, errors.New("the response is not from GitHub: it is not JSON")
	}
	return resp.StatusCode, nil
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
