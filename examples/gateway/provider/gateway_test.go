package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/runtimetest"
)

// serve starts a test gateway with two models, which requires the given Authorization
// header, and returns its base URL.
func serve(t *testing.T, authorization string) string {
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

func provider(t *testing.T) runtime.ModelProvider {
	t.Helper()
	return gateway.NewProvider(&gateway.Provider{})
}

// check checks an error's type and message, and that it contains no secret.
func check(t *testing.T, err error, want string) {
	t.Helper()
	var typed *runtime.Error
	if !errors.As(err, &typed) || typed.Type != runtime.ErrorModelCredentials {
		t.Fatalf("got %v, want %s", err, runtime.ErrorModelCredentials)
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestValidateProviderCredentials(t *testing.T) {
	t.Parallel()
	const key, basic = "Bearer s3cret-key", "Basic bWU6czNjcmV0"
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
		{"wrong key", key, map[string]any{"api_key": "s3cret"}, nil, "the gateway does not accept these credentials"},
		{"no key", key, nil, nil, "LLM Gateway: API key (api_key) is required"},
		{"masked key", key, map[string]any{"api_key": "[__HIDDEN__]"}, nil, "API key (api_key) arrived masked"},
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
			base := serve(t, test.accepts)
			values := map[string]any{"base_url": base}
			for k, v := range test.values {
				values[k] = v
			}
			saved, err := provider(t).ValidateProviderCredentials(t.Context(), values)
			if test.err != "" {
				check(t, err, test.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.saved["base_url"] = base
			if diff := cmp.Diff(test.saved, saved); diff != "" {
				t.Errorf("what Dify is to save (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateModelCredentials(t *testing.T) {
	t.Parallel()
	base := serve(t, "")
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
			values := map[string]any{"base_url": base, "auth_method": "none"}
			for k, v := range test.values {
				values[k] = v
			}
			saved, err := provider(t).ValidateModelCredentials(t.Context(), test.modelType, test.model, values)
			if test.err != "" {
				check(t, err, test.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.saved["base_url"], test.saved["auth_method"] = base, "none"
			if diff := cmp.Diff(test.saved, saved); diff != "" {
				t.Errorf("what Dify is to save (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		status      int
		body        string
		want        string
		unreachable bool
	}{
		{"forbidden", 403, "s3cret", "the gateway does not accept these credentials", false},
		{"busy", 429, "", "the gateway returned status 429", true},
		{"down", 500, "s3cret", "the gateway returned status 500", true},
		{"not found", 404, "", "the gateway returned status 404: check the base URL", false},
		{"not JSON", 200, "<html>s3cret", "the response is not a list of models: check the base URL", false},
		{"huge", 200, `{"data":[{"id":"` + strings.Repeat("x", 5<<20), "the response is not a list of models: check the base URL", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base := start(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			_, err := provider(t).ValidateProviderCredentials(t.Context(), map[string]any{"base_url": base, "api_key": "s3cret-key"})
			check(t, err, test.want)
			if errors.Is(err, runtime.ErrUnreachable) != test.unreachable {
				t.Errorf("unreachable is not %v: %v", test.unreachable, err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := provider(t).ValidateProviderCredentials(t.Context(), map[string]any{"base_url": server.URL, "api_key": "s3cret-key"})
	check(t, err, "could not reach the service")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = provider(t).ValidateProviderCredentials(ctx, map[string]any{"base_url": serve(t, ""), "auth_method": "none"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	for _, base := range []string{"gateway.example.com", "ftp://gateway.example.com", "https://a:s3cret@x", "https://%zz"} {
		_, err := provider(t).ValidateProviderCredentials(t.Context(), map[string]any{"base_url": base, "api_key": "s3cret-key"})
		check(t, err, "the base URL must be one such as https://gateway.example.com/v1")
	}
}

func TestValidateCredentialsAsAHost(t *testing.T) {
	t.Parallel()
	base := serve(t, "Bearer s3cret-key")
	runtimetest.ValidateCredentials(t, provider(t), runtimetest.CredentialsTest{
		Valid:    map[string]any{"base_url": base, "auth_method": "api_key", "api_key": "s3cret-key"},
		Required: []string{"base_url", "api_key"},
		Wrong:    map[string]any{"base_url": base, "api_key": "another"},
	})
}
