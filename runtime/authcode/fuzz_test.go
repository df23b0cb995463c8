package authcode

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
)

type fuzzClient struct{}

func (fuzzClient) Values() map[string]any {
	return map[string]any{"client_id": "id", "client_secret": "s3cret"}
}

type fuzzCreds struct{ values map[string]any }

func (c fuzzCreds) Values() map[string]any { return c.values }

func fuzzConfig(now time.Time) *Config[fuzzClient, fuzzCreds] {
	return &Config[fuzzClient, fuzzCreds]{
		Endpoint: oauth2.Endpoint{AuthURL: "https://x.example/a", TokenURL: "https://x.example/t"},
		Decode:   func(v map[string]any) (fuzzCreds, error) { return fuzzCreds{v}, nil },
		Now:      func() time.Time { return now },
	}
}

const fuzzRedirect = "https://dify.example/callback"

// FuzzCallback checks callbacks with arbitrary queries. They must be rejected unless they
// have the right state, and errors must not quote them, except for error codes.
func FuzzCallback(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	for _, seed := range []string{
		"", "?", "code=a&state=b", "error=access_denied&error_description=%0a%1b&code=a", "code=a&code=b", "code=%zz", "error", "state=" + strings.Repeat("A", 75) + "&code=x", "iss=x&code=1;state=2",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, query string, ours bool) {
		c := fuzzConfig(now)
		s, err := c.session(fuzzRedirect, fuzzClient{})
		if err != nil {
			t.Fatal(err)
		}
		st, err := newState(s.secret, fuzzRedirect, now)
		if err != nil {
			t.Fatal(err)
		}
		if ours {
			query = "state=" + st.text + "&" + query
		}
		code, got, err := c.callback(s, fuzzRedirect, &http.Request{URL: &url.URL{RawQuery: query}})
		switch {
		case err == nil && (!ours || got != st || code == ""):
			t.Errorf("%q is accepted", query)
		case err != nil && (strings.ContainsAny(err.Error(), "\n\r\x1b") || strings.Contains(err.Error(), st.verifier) || strings.Contains(err.Error(), "s3cret") || len(err.Error()) > 3000):
			t.Errorf("%q gives %q", query, err)
		}
	})
}

// FuzzResponse parses arbitrary token responses.
func FuzzResponse(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	for _, seed := range []string{
		"", "{}", "a=b", `{"access_token":"x","expires_in":"1e999"}`, `{"error":{"code":1}}`, `{"access_token":1.5,"expires_in":-0}`,
		"access_token=%zz", "\ufeff{", `{"error":"\u0000"}`, `<html>`, `{"expires_in":99999999999999999999}`,
	} {
		f.Add([]byte(seed), 200)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		a, err := parseResponse(body, now)
		if err != nil {
			if strings.Contains(err.Error(), string(body)) && len(body) > 8 {
				t.Errorf("%q is quoted in %q", body, err)
			}
			return
		}
		if !a.ExpiresAt.IsZero() && (a.ExpiresAt.Before(now.Add(minLifetime)) || a.ExpiresAt.After(now.Add(maxLifetime))) {
			t.Errorf("%q expires at %v", body, a.ExpiresAt)
		}
		if e := a.refusal(status, []string{"s3cret"}); e != nil && (strings.ContainsAny(e.Error(), "\n\r\x1b") || strings.Contains(e.Error(), "s3cret")) {
			t.Errorf("%q gives %q", body, e)
		}
		c := fuzzConfig(now)
		result, err := c.result(t.Context(), fuzzClient{}, a, map[string]any{"refresh_token": "old", "client_secret": "s3cret"})
		if err != nil {
			return
		}
		for key, v := range result.Credentials.values {
			if s, ok := v.(string); !ok || s == "" || key == "client_secret" {
				t.Errorf("%q gives %s = %#v", body, key, v)
			}
		}
	})
}

// FuzzState opens arbitrary states. Only those created here must be accepted.
func FuzzState(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	secret := runtime.NewSecret(rand.Text()) // so that no other process can have created it
	made := make(map[string]bool)
	for range 3 {
		st, err := newState(secret, fuzzRedirect, now)
		if err != nil {
			f.Fatal(err)
		}
		made[st.text] = true
		f.Add(st.text)
		f.Add(st.text[:len(st.text)-1] + "A")
	}
	f.Add(strings.Repeat("A", 75))
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := openState(secret, fuzzRedirect, text, now); err == nil && !made[text] {
			t.Errorf("%q opens", text)
		}
		if st, err := openState(secret, "https://other.example", text, now); err == nil {
			t.Errorf("%q opens for another redirect URI: %v", text, st)
		}
	})
}
