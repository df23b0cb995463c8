package difytest

import (
	"net/http"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
)

// RedirectURI is where authorization servers send users back to.
const RedirectURI = "https://dify.example/console/api/oauth/plugin/author/plugin/provider/tool/callback"

// OAuth is the OAuth flow of a provider, step by step. Its results hold secrets.
type OAuth struct {
	h        *Host
	provider *provider
	client   map[string]any
	err      error // why there is no flow, or nil
}

// OAuth returns the flow of a provider, with the values that an administrator has entered for
// the client.
func (h *Host) OAuth(client map[string]any) *OAuth {
	h.tb.Helper()
	p := h.target(runtime.KindTool, runtime.KindDatasource, runtime.KindTrigger)
	err := h.refuse(p, undeclared("provider "+p.name, "value of client_schema", p.client, client), noSecrets(client))
	return &OAuth{h, p, client, err}
}

// AuthorizationURL returns the URL that the user's browser opens. AuthServer.Browse opens it.
func (o *OAuth) AuthorizationURL() (string, error) {
	o.h.tb.Helper()
	var result struct {
		URL string `json:"authorization_url"`
	}
	err := o.step("get_authorization_url", "", nil, &result)
	return result.URL, err
}

// Exchange passes on the request with which the browser comes back, and returns the
// credentials.
func (o *OAuth) Exchange(callback *http.Request) (runtime.OAuthGrant, error) {
	o.h.tb.Helper()
	raw, err := host.EncodeCallback(callback)
	if err != nil {
		o.h.tb.Fatal(err)
	}
	return o.grant("get_credentials", "raw_http_request", raw)
}

// Refresh refreshes credentials.
func (o *OAuth) Refresh(creds map[string]any) (runtime.OAuthGrant, error) {
	o.h.tb.Helper()
	return o.grant("refresh_credentials", "credentials", creds)
}

// grant sends a request for credentials.
func (o *OAuth) grant(action, field string, value any) (runtime.OAuthGrant, error) {
	o.h.tb.Helper()
	var g struct {
		Metadata    *runtime.OAuthMetadata
		Credentials map[string]any
		ExpiresAt   int64 `json:"expires_at"`
	}
	err := o.step(action, field, value, &g)
	return runtime.OAuthGrant{Metadata: g.Metadata, Credentials: runtime.NewValues(g.Credentials), ExpiresAt: g.ExpiresAt}, err
}

// step sends a request, with a field besides those that all steps have.
func (o *OAuth) step(action, field string, value, v any) error {
	o.h.tb.Helper()
	if o.err != nil {
		return o.err
	}
	fields := map[string]any{"provider": o.provider.name, "redirect_uri": RedirectURI, "system_credentials": wire(o.client)}
	if field != "" {
		fields[field] = value
	}
	creds, _ := value.(map[string]any)
	return o.h.decode(host.Request{Type: "oauth", Action: action, Fields: fields}, o.provider.secrets(o.client, creds), v)
}
