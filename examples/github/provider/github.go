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
	timeout = 10 * time.Second // of one request
	maxBody = 1 << 20          // bytes of an answer
)

// Provider connects GitHub. The zero value talks to github.com.
type Provider struct {
	// HTTPClient makes the requests; nil stands for http.DefaultClient.
	HTTPClient *http.Client
	// WebURL and APIURL are where GitHub is; empty for github.com.
	WebURL, APIURL string
	// Now is the clock; nil stands for time.Now.
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
		return errors.New("GitHub does not know the personal access token, or it has expired")
	case status == http.StatusForbidden || status == http.StatusTooManyRequests:
		return errors.New("GitHub forbids the request: the token's rights or the rate limit do not allow it")
	case status >= http.StatusInternalServerError:
		return runtime.Unreachable(fmt.Errorf("GitHub answers with status %d", status))
	case status != http.StatusOK:
		return fmt.Errorf("GitHub answers with status %d: check the server URL", status)
	case user.Login == "":
		return errors.New("the answer is not GitHub's: check the server URL")
	}
	return nil
}

// apiURL is the base of the REST API that the credentials are for.
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

// do sends a request and decodes a JSON answer of bounded size. It fails if
// GitHub could not be asked or what answers speaks no JSON.
func (p *Provider) do(req *http.Request, answer any) (status int, err error) {
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
	err = json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(answer)
	if err != nil && resp.StatusCode == http.StatusOK {
		return 0, errors.New("the answer is not GitHub's: it is no JSON")
	}
	return resp.StatusCode, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
