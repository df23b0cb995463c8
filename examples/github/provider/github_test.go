package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/runtimetest"
)

const token = "github_pat_secret"

// serve starts a test server for GitHub, and returns a provider that uses it.
func serve(t *testing.T, handler http.HandlerFunc) *github.Provider {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &github.Provider{HTTPClient: server.Client(), APIURL: server.URL, WebURL: server.URL}
}

// validate calls the provider as a request from Dify does.
func validate(t *testing.T, p *github.Provider, values map[string]any) error {
	t.Helper()
	return github.NewProvider(p).ValidateCredentials(t.Context(), values)
}

func TestValidateCredentials(t *testing.T) {
	t.Parallel()
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/user" || r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"Bad credentials"}`)
			return
		}
		fmt.Fprint(w, `{"login":"octocat"}`)
	})
	if err := validate(t, p, map[string]any{"access_token": token}); err != nil {
		t.Error(err)
	}
	err := validate(t, p, map[string]any{"access_token": "wrong-" + token})
	check(t, err, runtime.ErrorToolCredentials, "GitHub rejects the personal access token; it may have expired")
	if errors.Is(err, runtime.ErrUnreachable) {
		t.Error("a refusal is marked as unreachable")
	}
}

// check checks an error's type and message, and that it contains no secret.
func check(t *testing.T, err error, wantType runtime.ErrorType, want string) {
	t.Helper()
	var typed *runtime.Error
	if !errors.As(err, &typed) {
		t.Fatalf("got %v, want %s", err, wantType)
	}
	if typed.Type != wantType || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %s: %v\nwant %s: %s", typed.Type, err, wantType, want)
	}
	for _, secret := range []string{token, "client-secret", "the-code", "gho_", "ghr_"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error contains a secret: %q", err)
		}
	}
}

func TestValidateCredentialsResponses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		status      int
		body        string
		want        string
		unreachable bool
	}{
		{"forbidden", 403, `{"message":"x"}`, "GitHub forbids the request", false},
		{"rate limit", 429, `{}`, "GitHub forbids the request", false},
		{"down", 502, `<html>`, "GitHub returned status 502", true},
		{"not found", 404, `{}`, "GitHub returned status 404: check the server URL", false},
		{"another service", 200, `<html>` + token, "the response is not from GitHub: it is not JSON", false},
		{"JSON of another service", 200, `{}`, "the response is not from GitHub: check the server URL", false},
		{"empty", 200, ``, "the response is not from GitHub: it is not JSON", false},
		{"huge", 200, `{"login":"` + strings.Repeat("x", 2<<20) + `"}`, "the response is not from GitHub: it is not JSON", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			err := validate(t, p, map[string]any{"access_token": token})
			check(t, err, runtime.ErrorToolCredentials, test.want)
			if errors.Is(err, runtime.ErrUnreachable) != test.unreachable {
				t.Errorf("unreachable is not %v: %v", test.unreachable, err)
			}
		})
	}
}

func TestValidateCredentialsUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	err := validate(t, &github.Provider{APIURL: server.URL}, map[string]any{"access_token": token})
	check(t, err, runtime.ErrorToolCredentials, "could not reach the service")
	if !errors.Is(err, runtime.ErrUnreachable) {
		t.Errorf("%v is not unreachable", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a canceled call is made") })
	err = github.NewProvider(p).ValidateCredentials(ctx, map[string]any{"access_token": token})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestValidateCredentialsDeployment(t *testing.T) {
	t.Parallel()
	for values, want := range map[[2]string]string{
		{"server", ""}:                    "GitHub Enterprise Server needs a server URL such as https://github.example.com",
		{"server", "http://x.example"}:    "GitHub Enterprise Server needs a server URL such as https://github.example.com",
		{"server", "https://a:b@x"}:       "GitHub Enterprise Server needs a server URL such as https://github.example.com",
		{"server", "https://%zz"}:         "GitHub Enterprise Server needs a server URL such as https://github.example.com",
		{"mars", ""}:                      "GitHub: Deployment (deployment) must be one of cloud, server",
		{"server", "https://127.0.0.1:1"}: "could not reach the service",
	} {
		err := validate(t, &github.Provider{}, map[string]any{
			"access_token": token, "deployment": values[0], "server_url": values[1],
		})
		check(t, err, runtime.ErrorToolCredentials, want)
	}
	check(t, validate(t, &github.Provider{}, nil), runtime.ErrorToolCredentials, "GitHub: Personal access token (access_token) is required")
}

func TestValidateCredentialsAsAHost(t *testing.T) {
	t.Parallel()
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
		}
		fmt.Fprint(w, `{"login":"octocat"}`)
	})
	runtimetest.ValidateCredentials(t, github.NewProvider(p), runtimetest.CredentialsTest{
		Valid:       map[string]any{"access_token": token, "deployment": "cloud"},
		Required:    []string{"access_token"},
		Wrong:       map[string]any{"access_token": "github_pat_other"},
		Unreachable: github.NewProvider(&github.Provider{APIURL: "http://127.0.0.1:1"}),
	})
}
