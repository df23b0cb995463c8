package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// creds is like the structs that difygen generates.
type creds struct{ Token runtime.Secret }

func decodeCreds(values map[string]any) (creds, error) {
	d := runtime.NewDecoder("P", values)
	c := creds{Token: d.Secret("token", "Token", runtime.FieldRequired)}
	return c, d.Err()
}

func (c creds) Values() map[string]any { return map[string]any{"token": c.Token.Reveal()} }

func (c creds) Validate() error {
	v := runtime.NewValidator("P")
	v.Secret("token", "Token", runtime.FieldRequired, c.Token)
	return v.Err()
}

// flow returns the same result or error from every method.
type flow struct {
	result runtime.OAuthResult[creds]
	err    error
}

func (f flow) OAuthGetAuthorizationURL(_ context.Context, redirectURI string, client creds) (string, error) {
	return "https://as.example/?client=" + client.Token.Reveal() + "&to=" + redirectURI, f.err
}

func (f flow) OAuthGetCredentials(context.Context, string, creds, *http.Request) (runtime.OAuthResult[creds], error) {
	return f.result, f.err
}

func (f flow) OAuthRefreshCredentials(context.Context, string, creds, creds) (runtime.OAuthResult[creds], error) {
	return f.result, f.err
}

func tool(f flow) runtime.Provider {
	validate := func(context.Context, creds) error { return f.err }
	return runtime.NewTool(runtime.ToolConfig{
		Name: "p", ValidateCredentials: runtime.BindCredentials(decodeCreds, validate), OAuth: runtime.BindOAuth(f, decodeCreds, decodeCreds),
	})
}

const redirect = "https://dify.example/callback"

func given(token string) map[string]any { return map[string]any{"token": token} }

func TestGrant(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	token := creds{runtime.NewSecret("t")}
	tests := []struct {
		name   string
		result runtime.OAuthResult[creds]
		want   string // JSON
		err    string
	}{
		{"never expires", runtime.OAuthResult[creds]{Credentials: token}, `{"credentials":{"token":"t"},"expires_at":-1}`, ""},
		{
			"whole seconds", runtime.OAuthResult[creds]{Credentials: token, ExpiresAt: later},
			fmt.Sprintf(`{"credentials":{"token":"t"},"expires_at":%d}`, later.Unix()), "",
		},
		{
			"metadata", runtime.OAuthResult[creds]{Credentials: token, Metadata: runtime.OAuthMetadata{Name: "n", AvatarURL: "a"}},
			`{"credentials":{"token":"t"},"expires_at":-1,"metadata":{"name":"n","avatar_url":"a"}}`, "",
		},
		{
			"expired", runtime.OAuthResult[creds]{Credentials: token, ExpiresAt: time.Now().Add(-time.Second)}, "",
			"the OAuth flow returned credentials that have expired already",
		},
		{
			"in 1970", runtime.OAuthResult[creds]{Credentials: token, ExpiresAt: time.Unix(0, 0)}, "",
			"the OAuth flow returned credentials that have expired already",
		},
		{"incomplete", runtime.OAuthResult[creds]{}, "", "the OAuth flow returned incomplete credentials: P: Token (token) is required"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := tool(flow{result: test.result})
			grant, err := p.OAuth().Credentials(t.Context(), redirect, given("c"), nil)
			checkError(t, err, runtime.ErrorToolOAuth, test.err)
			if err != nil {
				return
			}
			data, err := json.Marshal(grant.Reveal())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(data)); diff != "" {
				t.Errorf("grant (-want +got):\n%s", diff)
			}
			refreshed, err := p.OAuth().Refresh(t.Context(), redirect, given("c"), given("old"))
			if err != nil {
				t.Fatal(err)
			}
			if refreshed.Metadata != nil {
				t.Error("a refresh returns metadata, which Dify drops")
			}
			grant.Metadata = nil
			if diff := cmp.Diff(grant, refreshed); diff != "" {
				t.Errorf("refresh differs from the first grant:\n%s", diff)
			}
		})
	}
}

func checkError(t *testing.T, err error, wantType runtime.ErrorType, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	var typed *runtime.Error
	if !errors.As(err, &typed) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if typed.Type != wantType || err.Error() != want {
		t.Errorf("got  %s: %v\nwant %s: %s", typed.Type, err, wantType, want)
	}
}

func TestErrorTypes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	refused := errors.New("refused")
	p := tool(flow{err: refused})

	checkError(t, p.ValidateCredentials(ctx, given("t")), runtime.ErrorToolCredentials, "refused")
	checkError(t, p.ValidateCredentials(ctx, nil), runtime.ErrorToolCredentials, "P: Token (token) is required")
	_, err := p.OAuth().AuthorizationURL(ctx, redirect, given("c"))
	checkError(t, err, runtime.ErrorToolOAuth, "refused")
	_, err = p.OAuth().Credentials(ctx, redirect, nil, nil)
	checkError(t, err, runtime.ErrorToolOAuth, "P: Token (token) is required")
	_, err = p.OAuth().Refresh(ctx, redirect, given("c"), nil)
	checkError(t, err, runtime.ErrorToolOAuth, "P: Token (token) is required")
	if !errors.Is(p.ValidateCredentials(ctx, given("t")), refused) {
		t.Error("the plugin's error is not wrapped")
	}

	limited := tool(flow{err: &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("slow down")}})
	checkError(t, limited.ValidateCredentials(ctx, given("t")), runtime.ErrorInvokeRateLimit, "slow down")
}

func TestRelativeRedirectURI(t *testing.T) {
	t.Parallel()
	p := tool(flow{})
	for _, uri := range []string{"", "/console/api/oauth/plugin/x/tool/callback", "console", "https://", "%"} {
		_, err := p.OAuth().AuthorizationURL(t.Context(), uri, given("c"))
		checkError(t, err, runtime.ErrorToolOAuth, "redirect_uri is not an absolute URL: CONSOLE_API_URL is not set on the Dify host")
	}
	got, err := p.OAuth().AuthorizationURL(t.Context(), redirect, given("c"))
	if want := "https://as.example/?client=c&to=" + redirect; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestUndeclaredSections(t *testing.T) {
	t.Parallel()
	p := runtime.NewTool(runtime.ToolConfig{Name: "p"})
	if p.Name() != "p" || p.Kind() != runtime.KindTool || p.OAuth() != nil {
		t.Errorf("got %s, %s, %v", p.Name(), p.Kind(), p.OAuth())
	}
	checkError(t, p.ValidateCredentials(t.Context(), nil), runtime.ErrorUnsupported, "provider p does not support API key credentials")
}

// TestErrorWithoutCause checks that an Error of which the author set the type alone is one.
func TestErrorWithoutCause(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("asking: %w", &runtime.Error{Type: runtime.ErrorInvokeRateLimit})
	if got := err.Error(); got != "asking: InvokeRateLimitError" || errors.Unwrap(errors.Unwrap(err)) != nil {
		t.Errorf("got %s", got)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial tcp: refused")
	err := fmt.Errorf("validate: %w", runtime.Unreachable(cause))
	if !errors.Is(err, runtime.ErrUnreachable) || !errors.Is(err, cause) {
		t.Errorf("%v is not both unreachable and its cause", err)
	}
	if errors.Is(cause, runtime.ErrUnreachable) || runtime.Unreachable(nil) != nil {
		t.Error("an error that is not marked is unreachable")
	}
	leaky := &url.Error{Op: "Get", URL: "https://api.example?key=hunter2", Err: cause}
	if got := runtime.Unreachable(fmt.Errorf("ask: %w", leaky)); got.Error() != "could not reach the service: dial tcp: refused" || !errors.Is(got, cause) {
		t.Errorf("got %v", got)
	}
	if want := "validate: could not reach the service: dial tcp: refused"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}
