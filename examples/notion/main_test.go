package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	notion "github.com/difygen/difygen/examples/notion/provider"
	"github.com/difygen/difygen/internal/difyhost"
	"github.com/difygen/difygen/serve"
)

// TestMain also runs the plugin, for difyhost.EachTransport, with a test server instead
// of Notion.
func TestMain(m *testing.M) {
	difyhost.Main(m, func() {
		serve.Main(os.DirFS("."), notion.NewProvider(&notion.Provider{APIURL: os.Getenv("TEST_NOTION_URL")}))
	})
}

const redirect = "https://dify.example/console/api/oauth/plugin/difygen/notion/notion/datasource/callback"

func service(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/users/me", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer ntn_1" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		fmt.Fprint(w, `{"type":"bot"}`)
	})
	mux.HandleFunc("POST /v1/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		var order struct{ Code string }
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil || order.Code != "the-code" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"ntn_2","workspace_id":"w1","workspace_name":"Team"}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// ask calls the plugin and returns its results and error on one line.
func ask(t *testing.T, host difyhost.Host, typ, action string, fields map[string]any) string {
	t.Helper()
	all := map[string]any{"provider": "notion", "redirect_uri": redirect}
	maps.Copy(all, fields)
	response, err := host.Call(t.Context(), typ, action, all)
	if err != nil {
		t.Fatal(action, err)
	}
	return response.String()
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	difyhost.EachTransport(t, []string{"TEST_NOTION_URL=" + service(t)}, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		for secret, want := range map[string]string{
			"ntn_1": `{"result":true}`, "ntn_9": "DatasourceCredentialValidationError: Notion rejects the integration secret",
			"[__HIDDEN__]": "DatasourceCredentialValidationError: Notion: Internal integration secret (integration_secret) arrived masked from Dify; enter it again",
		} {
			got := ask(t, host, "datasource", "validate_datasource_credentials", map[string]any{"credentials": map[string]any{"integration_secret": secret}})
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		system := map[string]any{"client_id": "id", "client_secret": "client-secret"}
		var location struct {
			URL string `json:"authorization_url"`
		}
		if err := json.Unmarshal([]byte(ask(t, host, "oauth", "get_authorization_url", map[string]any{"system_credentials": system})), &location); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(location.URL)
		if err != nil {
			t.Fatal(err)
		}
		exchange := func(code string) string {
			query := url.Values{"code": {code}, "state": {u.Query().Get("state")}}
			raw := "GET /callback?" + query.Encode() + " HTTP/1.1\r\nHost: dify.example\r\nCookie: session=abc\r\n\r\n"
			return ask(t, host, "oauth", "get_credentials", map[string]any{"system_credentials": system, "raw_http_request": hex.EncodeToString([]byte(raw))})
		}
		if got, want := exchange("the-code"), `{"metadata":{"name":"Team"},"credentials":{"access_token":"ntn_2","workspace_id":"w1"},"expires_at":-1}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := exchange("other-code"); !strings.HasPrefix(got, "DatasourceOAuthError: ") || strings.Contains(got, "other-code") {
			t.Errorf("got %s", got)
		}
		refreshed := ask(t, host, "oauth", "refresh_credentials", map[string]any{
			"system_credentials": system, "credentials": map[string]any{"access_token": "ntn_2", "workspace_id": "w1"},
		})
		if want := `{"credentials":{"access_token":"ntn_2","workspace_id":"w1"},"expires_at":-1}`; refreshed != want {
			t.Errorf("got %s, want %s", refreshed, want)
		}
		if got, want := ask(t, host, "datasource", "get_online_document_pages", nil), "ValueError: plugins in Go do not support datasource/get_online_document_pages yet"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	difyhost.EachTransport(t, []string{"TEST_NOTION_URL=" + server.URL}, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		got := ask(t, host, "datasource", "validate_datasource_credentials", map[string]any{"credentials": map[string]any{"integration_secret": "ntn_1"}})
		if !strings.HasPrefix(got, "DatasourceCredentialValidationError: could not reach the service: ") {
			t.Errorf("got %s", got)
		}
	})
}
