package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/difygen/difygen/examples/internal/state"
	"github.com/difygen/difygen/runtime"
)

const scope = "repo"

// OAuthGetAuthorizationURL sends the browser to GitHub's consent page.
func (p *Provider) OAuthGetAuthorizationURL(_ context.Context, redirectURI string, client OAuthClient) (string, error) {
	s, err := state.New(client.ClientSecret, redirectURI, p.now())
	if err != nil {
		return "", err
	}
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {client.ClientID},
		"redirect_uri":          {redirectURI},
		"scope":                 {scope},
		"state":                 {s.Text},
		"code_challenge":        {s.Challenge()},
		"code_challenge_method": {"S256"},
	}
	return or(p.WebURL, "https://github.com") + "/login/oauth/authorize?" + query.Encode(), nil
}

// OAuthGetCredentials exchanges the code that GitHub sent the browser back with.
func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	query := callback.URL.Query()
	if query.Has("error") {
		return fail(refusal(query.Get("error"), query.Get("error_description")))
	}
	s, err := state.Check(client.ClientSecret, redirectURI, query.Get("state"), p.now())
	if err != nil {
		return fail(err)
	}
	code := query["code"]
	if len(code) != 1 || code[0] == "" {
		return fail(errors.New("GitHub sent the browser back without one authorization code"))
	}
	return p.token(ctx, client, OAuthCredentials{}, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          code,
		"redirect_uri":  {redirectURI},
		"code_verifier": {s.Verifier},
	})
}

// OAuthRefreshCredentials gets a new access token, if GitHub gave out a refresh
// token: it does so for apps whose tokens expire. Other tokens hold for ever.
func (p *Provider) OAuthRefreshCredentials(ctx context.Context, _ string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	if creds.RefreshToken.IsZero() {
		return runtime.OAuthResult[OAuthCredentials]{Credentials: creds}, nil
	}
	return p.token(ctx, client, creds, url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {creds.RefreshToken.Reveal()},
	})
}

// token asks the token endpoint. What it does not send anew stays as in old.
func (p *Provider) token(ctx context.Context, client OAuthClient, old OAuthCredentials, form url.Values) (runtime.OAuthResult[OAuthCredentials], error) {
	form.Set("client_id", client.ClientID)
	form.Set("client_secret", client.ClientSecret.Reveal())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		or(p.WebURL, "https://github.com")+"/login/oauth/access_token", strings.NewReader(form.Encode()))
	if err != nil {
		return fail(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	var answer struct {
		AccessToken      string `json:"access_token"`
		RefreshToken     string `json:"refresh_token"`
		ExpiresIn        int64  `json:"expires_in"`
		Error            string `json:"error"`
		ErrorDescription string `json:"error_description"`
	}
	status, err := p.do(req, &answer)
	switch {
	case err != nil:
		return fail(err)
	case answer.Error != "": // GitHub says so with status 200
		return fail(refusal(answer.Error, answer.ErrorDescription))
	case status != http.StatusOK || answer.AccessToken == "":
		return fail(fmt.Errorf("GitHub gives no token, with status %d", status))
	}
	result := runtime.OAuthResult[OAuthCredentials]{Credentials: old}
	result.Credentials.AccessToken = runtime.NewSecret(answer.AccessToken)
	if answer.RefreshToken != "" {
		result.Credentials.RefreshToken = runtime.NewSecret(answer.RefreshToken)
	}
	if answer.ExpiresIn > 0 {
		result.ExpiresAt = p.now().Add(time.Duration(answer.ExpiresIn) * time.Second)
	}
	return result, nil
}

func fail(err error) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{}, err
}

// refusal is what GitHub says about why it refuses, short and on one line.
func refusal(code, description string) error {
	words := strings.Join(strings.Fields(code+": "+description), " ")
	if len(words) > 200 {
		words = words[:200]
	}
	return fmt.Errorf("GitHub refuses: %s", strings.ToValidUTF8(strings.TrimSuffix(words, ":"), ""))
}
