package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

// startModels starts a test gateway with two models, which requires the given Authorization
// header, and returns its base URL.
func startModels(t *testing.T, authorization string) string {
	t.Helper()
	return start(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/v1/models":
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("Authorization") != authorization:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			fmt.Fprint(w, `{"object":"list","data":[{"id":"small"},{"id":"large"}]}`)
		}
	})
}

func start(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

// with returns values and, in addition, more.
func with(values, more map[string]any) map[string]any {
	values = maps.Clone(values)
	maps.Copy(values, more)
	return values
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	base := startModels(t, "Bearer s3cret-key")
	difytest.TestCredentials(t, difytest.Start(t, newPlugin(&gateway.Provider{})), difytest.CredentialsTest{
		Valid: map[string]any{"base_url": base, "auth_method": "api_key", "api_key": "s3cret-key"},
		Wrong: map[string]any{"base_url": base, "api_key": "another"},

		UnreachableValues: map[string]any{"base_url": "http://127.0.0.1:1", "auth_method": "api_key", "api_key": "s3cret-key"},
	})
}

func TestValidateProvider(t *testing.T) {
	t.Parallel()
	const key, basic = "Bearer s3cret-key", "Basic bWU6czNjcmV0"
	h := difytest.Start(t, newPlugin(&gateway.Provider{}))
	for _, test := range []struct {
		name, accepts string
		values, saved map[string]any
		err           string
	}{
		{
			"API key, by default", key, map[string]any{"api_key": "s3cret-key"},
			map[string]any{"auth_method": "api_key", "api_key": "s3cret-key"}, "",
		},
		{
			"hidden fields are not kept", basic,
			map[string]any{"auth_method": "basic", "username": "me", "password": "s3cret", "api_key": "s3cret-key"},
			map[string]any{"auth_method": "basic", "username": "me", "password": "s3cret"}, "",
		},
		{"nothing", "", map[string]any{"auth_method": "none"}, map[string]any{"auth_method": "none"}, ""},
		{"another method", key, map[string]any{"auth_method": "s3cret"}, nil, "How to authenticate (auth_method) must be one of api_key, basic, none"},
		{
			"two faults", basic, map[string]any{"auth_method": "basic", "base_url": 1.0}, nil,
			"LLM Gateway: Base URL (base_url) must be text; User name (username) is required",
		},
		{
			"too long", basic, map[string]any{"auth_method": "basic", "username": strings.Repeat("é", 65)}, nil,
			"User name (username) must have at most 64 characters",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base := map[string]any{"base_url": startModels(t, test.accepts)}
			saved, err := h.ValidateProvider(with(base, test.values))
			if test.err != "" {
				difytest.WantError(t, err, runtime.ErrorModelCredentials, test.err)
				return
			}
			if diff := cmp.Diff(with(base, test.saved), saved); err != nil || diff != "" {
				t.Errorf("what Dify is to save: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestValidateModel(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gateway.Provider{}))
	base := map[string]any{"base_url": startModels(t, ""), "auth_method": "none"}
	for _, test := range []struct {
		name          string
		modelType     runtime.ModelType
		model         string
		values, saved map[string]any
		err           string
	}{
		{"LLM", runtime.ModelTypeLLM, "small", nil, map[string]any{"context_size": "4096"}, ""},
		{
			"LLM with all", runtime.ModelTypeLLM, "large", map[string]any{"context_size": "128000", "streaming": "true"},
			map[string]any{"context_size": "128000", "streaming": true}, "",
		},
		{
			"an embedding is not asked for more", runtime.ModelTypeTextEmbedding, "small",
			map[string]any{"streaming": true}, map[string]any{}, "",
		},
		{"unknown model", runtime.ModelTypeLLM, "medium", nil, nil, `the gateway has no model "medium", but 2 others`},
		{"not a number", runtime.ModelTypeLLM, "small", map[string]any{"context_size": "4k"}, nil, "the context size must be a number of tokens"},
		{"not positive", runtime.ModelTypeTextEmbedding, "small", map[string]any{"context_size": "-1"}, nil, "the context size must be a number of tokens"},
		{"too long", runtime.ModelTypeLLM, "small", map[string]any{"context_size": "123456789"}, nil, "Context size (context_size) must have at most 8 characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			saved, err := h.ValidateModel(test.modelType, test.model, with(base, test.values))
			if test.err != "" {
				difytest.WantError(t, err, runtime.ErrorModelCredentials, test.err)
				return
			}
			if diff := cmp.Diff(with(base, test.saved), saved); err != nil || diff != "" {
				t.Errorf("what Dify is to save: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gateway.Provider{}))
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"forbidden", 403, "s3cret", "the gateway does not accept these credentials"},
		{"busy", 429, "", "the service returned status 429"},
		{"down", 500, "s3cret", "the service returned status 500"},
		{"not found", 404, "", "the gateway does not list its models; check the base URL: the service returned status 404"},
		{"not JSON", 200, "<html>s3cret", "the gateway does not list its models; check the base URL: the response is not JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base := start(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			difytest.WantError(t, h.Validate(map[string]any{"base_url": base, "api_key": "s3cret-key"}), runtime.ErrorModelCredentials, test.want)
		})
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&gateway.Provider{}))
	const wantURL = "the base URL must be one such as https://gateway.example.com/v1"
	for base, want := range map[string]string{
		"gateway.example.com":       wantURL,
		"ftp://gateway.example.com": wantURL,
		"https://a:s3cret@x":        wantURL,
		"https://%zz":               wantURL,
		"http://127.0.0.1:1":        "could not reach the service",
	} {
		difytest.WantError(t, h.Validate(map[string]any{"base_url": base, "api_key": "s3cret-key"}), runtime.ErrorModelCredentials, want)
	}
}
