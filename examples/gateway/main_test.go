package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	difytest.TestCredentials(t, difytest.Start(t, newPlugin(gateway.New())), difytest.CredentialsTest{
		Valid: map[string]any{"base_url": g.url, "auth_method": "api_key", "api_key": gatewayKey},
		Wrong: map[string]any{"base_url": g.url, "api_key": "another"},

		UnreachableValues: map[string]any{"base_url": "http://127.0.0.1:1", "auth_method": "api_key", "api_key": gatewayKey},
	})
}

func TestValidateProvider(t *testing.T) {
	t.Parallel()
	const key, basic = "Bearer " + gatewayKey, "Basic bWU6czNjcmV0"
	h := difytest.Start(t, newPlugin(gateway.New()))
	for _, test := range []struct {
		name, accepts string
		values, saved map[string]any
		err           string
	}{
		{
			"API key, by default", key, map[string]any{"api_key": gatewayKey},
			map[string]any{"auth_method": "api_key", "api_key": gatewayKey}, "",
		},
		{
			"hidden fields are not kept", basic,
			map[string]any{"auth_method": "basic", "username": "me", "password": "s3cret", "api_key": gatewayKey},
			map[string]any{"auth_method": "basic", "username": "me", "password": "s3cret"}, "",
		},
		{"nothing", "", map[string]any{"auth_method": "none"}, map[string]any{"auth_method": "none"}, ""},
		{"no streams", "", map[string]any{"auth_method": "none", "no_streaming": "true"}, map[string]any{"auth_method": "none", "no_streaming": true}, ""},
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
			base := map[string]any{"base_url": startGateway(t, test.accepts).url}
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
	h := difytest.Start(t, newPlugin(gateway.New()))
	base := map[string]any{"base_url": startGateway(t, "").url, "auth_method": "none"}
	noTools := map[string]any{"function_calling_type": "no_call", "vision_support": "no_support"}
	for _, test := range []struct {
		name          string
		modelType     runtime.ModelType
		model         string
		values, saved map[string]any
		err           string
	}{
		{"LLM", runtime.ModelTypeLLM, "small", nil, with(noTools, map[string]any{"context_size": "4096"}), ""},
		{
			"LLM with all", runtime.ModelTypeLLM, "large",
			map[string]any{"context_size": "128000", "no_streaming": "true", "function_calling_type": "tool_call", "vision_support": "support"},
			map[string]any{"context_size": "128000", "no_streaming": true, "function_calling_type": "tool_call", "vision_support": "support"}, "",
		},
		{
			"an embedding is not asked for more", runtime.ModelTypeTextEmbedding, "small",
			map[string]any{"no_streaming": true}, map[string]any{}, "",
		},
		{"rerank", runtime.ModelTypeRerank, "large", nil, map[string]any{}, ""},
		{"voices", runtime.ModelTypeTTS, "large", map[string]any{"voices": "nova, echo"}, map[string]any{"voices": "nova, echo"}, ""},
		{"transcription", runtime.ModelTypeSpeech2Text, "large", nil, map[string]any{}, ""},
		{"moderation", runtime.ModelTypeModeration, "large", nil, map[string]any{}, ""},
		{"unknown model", runtime.ModelTypeLLM, "medium", nil, nil, "the service has no model medium, but 2 others"},
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

// TestResponses has what a user reads who enters credentials for a gateway that fails.
func TestResponses(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(gateway.New()))
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"forbidden", 403, gatewayKey, "the service does not accept these credentials: the service returned status 403"},
		{"busy", 429, "", "the service returned status 429"},
		{"down", 500, gatewayKey, "the service returned status 500"},
		{"not found", 404, "", "the service does not list its models: check the base URL: the service returned status 404"},
		{"a web page", 200, "<html>" + gatewayKey, "the service has answered with a web page: check the base URL"},
		{"not JSON", 200, gatewayKey, "the service has not answered in JSON: check the base URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base := start(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			difytest.WantError(t, h.Validate(map[string]any{"base_url": base, "api_key": gatewayKey}), runtime.ErrorModelCredentials, test.want)
		})
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(gateway.New()))
	const wantURL = "the base URL must be one such as https://api.example.com/v1"
	for base, want := range map[string]string{
		"gateway.example.com":       wantURL,
		"ftp://gateway.example.com": wantURL,
		"https://a:s3cret@x":        wantURL,
		"https://%zz":               wantURL,
		"http://127.0.0.1:1":        "could not reach the service",
	} {
		difytest.WantError(t, h.Validate(map[string]any{"base_url": base, "api_key": gatewayKey}), runtime.ErrorModelCredentials, want)
	}
	g := startGateway(t, "Bearer "+gatewayKey)
	for _, end := range []string{"", "/", "/v1", "/v1/", "/v1/chat/completions"} {
		if err := h.Validate(map[string]any{"base_url": strings.TrimSuffix(g.url, "/v1") + end, "api_key": gatewayKey}); err != nil {
			t.Errorf("a base URL with %q: %v", end, err)
		}
	}
}
