package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/difyhost"
)

func TestMain(m *testing.M) { difyhost.Main(m, main) }

func TestPlugin(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret-key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"data":[{"id":"small"}]}`)
	}))
	t.Cleanup(service.Close)
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	creds := func(url, key string) map[string]any {
		return map[string]any{"base_url": url, "auth_method": "api_key", "api_key": key, "base_model_name": nil}
	}
	difyhost.EachTransport(t, nil, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		for name, c := range map[string]struct {
			action string
			fields map[string]any
			want   string // a prefix
		}{
			"provider": {"validate_provider_credentials", map[string]any{"provider": "gateway", "credentials": creds(service.URL, "s3cret-key")},
				`{"result":true,"credentials":{"api_key":"s3cret-key","auth_method":"api_key","base_url":"` + service.URL + `"}}`},
			"wrong key":   {"validate_provider_credentials", map[string]any{"provider": "gateway", "credentials": creds(service.URL, "s3cret-other")}, `CredentialsValidateFailedError: `},
			"unreachable": {"validate_provider_credentials", map[string]any{"provider": "gateway", "credentials": creds(down.URL, "s3cret-key")}, `CredentialsValidateFailedError: could not reach the service: `},
			"model": {"validate_model_credentials", map[string]any{"provider": "gateway", "model_type": "llm", "model": "small", "credentials": creds(service.URL, "s3cret-key")},
				`{"result":true,"credentials":{"api_key":"s3cret-key","auth_method":"api_key","base_url":"` + service.URL + `","context_size":"4096"}}`},
			"no such model":    {"validate_model_credentials", map[string]any{"provider": "gateway", "model_type": "llm", "model": "huge", "credentials": creds(service.URL, "s3cret-key")}, `CredentialsValidateFailedError: the gateway has no model "huge", but 1 others`},
			"unknown provider": {"validate_provider_credentials", map[string]any{"provider": "gatewy"}, `ValueError: model provider gatewy not found; this plugin has gateway (model)`},
			"invoke":           {"invoke_llm", map[string]any{"provider": "gateway"}, `ValueError: plugins in Go do not support model/invoke_llm yet`},
			"nothing":          {"validate_provider_credentials", map[string]any{"provider": "gateway", "credentials": nil}, `CredentialsValidateFailedError: LLM Gateway: Base URL (base_url) is required`},
		} {
			response, err := host.Call(t.Context(), "model", c.action, c.fields)
			if err != nil {
				t.Fatal(err)
			}
			if got := response.String(); !strings.HasPrefix(got, c.want) || strings.Contains(got, "s3cret") != strings.Contains(c.want, "s3cret") {
				t.Errorf("%s: got %s\nwant %s", name, got, c.want)
			}
		}
	})
}
