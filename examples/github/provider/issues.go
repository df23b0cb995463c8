package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// Issue is an issue of a repository.
type Issue struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	URL    string `json:"html_url"`
}

// Issues returns the newest open issues of a repository, given as OWNER/NAME. It accepts
// either kind of credentials.
func (p *Provider) Issues(ctx context.Context, creds AnyCredentials, repository string) ([]Issue, error) {
	var token runtime.Secret
	api := or(p.APIURL, "https://api.github.com")
	switch c := creds.(type) {
	case Credentials:
		var err error
		if api, err = p.apiURL(c); err != nil {
			return nil, err
		}
		token = c.AccessToken
	case OAuthCredentials:
		token = c.AccessToken
	}
	owner, name, _ := strings.Cut(repository, "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		api+"/repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name)+"/issues?state=open&per_page=30", http.NoBody)
	if err != nil {
		return nil, errors.New("the server URL is not valid")
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("Accept", "application/vnd.github+json")
	var issues []Issue
	status, err := p.do(req, &issues)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, errors.New("GitHub has no such repository, or the token has no access to it")
	case status != http.StatusOK:
		return nil, fmt.Errorf("GitHub returned status %d", status)
	}
	return issues, nil
}
