package notion

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/difygen/difygen/examples/internal/state"
	"github.com/difygen/difygen/runtime"
)

// OAuthGetAuthorizationURL sends the browser to Notion, where the user picks pages.
func (p *Provider) OAuthGetAuthorizationURL(_ context.Context, redirectURI string, client OAuthClient) (string, error) {
	s, err := state.New(client.ClientSecret, redirectURI, p.now())
	if err != nil {
		return "", err
	}
	query := url.Values{
		"response_type": {"code"},
		"owner":         {"user"},
		"client_id":     {client.ClientID},
		"redirect_uri":  {redirectURI},
		"state":         {s.Text}, // Notion has no PKCE
	}
	return p.url("/v1/oauth/authorize?" + query.Encode()), nil
}

// OAuthGetCredentials exchanges the code that Notion sent the browser back with.
// The workspace's name and icon tell users their connections apart.
func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	query := callback.URL.Query()
	if query.Has("error") {
		return fail(fmt.Errorf("Notion refuses: %s", short(query.Get("error")))) //nolint:staticcheck // a name
	}
	if _, err := state.Check(client.ClientSecret, redirectURI, query.Get("state"), p.now()); err != nil {
		return fail(err)
	}
	code := query["code"]
	if len(code) != 1 || code[0] == "" {
		return fail(errors.New("Notion sent the browser back without one authorization code")) //nolint:staticcheck // a name
	}
	return p.token(ctx, client, map[string]string{
		"grant_type": "authorization_code", "code": code[0], "redirect_uri": redirectURI,
	})
}

// OAuthRefreshCredentials returns creds: Notion's tokens do not expire.
func (p *Provider) OAuthRefreshCredentials(_ context.Context, _ string, _ OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{Credentials: creds}, nil
}

// token asks the token endpoint, which wants JSON and basic authentication.
func (p *Provider) token(ctx context.Context, client OAuthClient, order map[string]string) (runtime.OAuthResult[OAuthCredentials], error) {
	body, err := json.Marshal(order)
	if err != nil {
		return fail(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url("/v1/oauth/token"), bytes.NewReader(body))
	if err != nil {
		return fail(err)
	}
	req.SetBasicAuth(client.ClientID, client.ClientSecret.Reveal())
	req.Header.Set("Content-Type", "application/json")
	var answer struct {
		AccessToken   string `json:"access_token"`
		WorkspaceID   string `json:"workspace_id"`
		WorkspaceName string `json:"workspace_name"`
		WorkspaceIcon string `json:"workspace_icon"`
		Error         string `json:"error"`
	}
	status, err := p.do(req, &answer)
	switch {
	case err != nil:
		return fail(err)
	case answer.Error != "":
		return fail(fmt.Errorf("Notion refuses: %s", short(answer.Error))) //nolint:staticcheck // a name
	case status != http.StatusOK || answer.AccessToken == "":
		return fail(fmt.Errorf("Notion gives no token, with status %d", status)) //nolint:staticcheck // a name
	}
	metadata := runtime.OAuthMetadata{Name: answer.WorkspaceName}
	if strings.HasPrefix(answer.WorkspaceIcon, "https://") { // it may be an emoji
		metadata.AvatarURL = answer.WorkspaceIcon
	}
	return runtime.OAuthResult[OAuthCredentials]{
		Credentials: OAuthCredentials{AccessToken: runtime.NewSecret(answer.AccessToken), WorkspaceID: answer.WorkspaceID},
		Metadata:    metadata,
	}, nil
}

func fail(err error) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{}, err
}

// short is an error code of the service on one line.
func short(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	return strings.ToValidUTF8(code[:min(len(code), 100)], "")
}
