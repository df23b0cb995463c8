package authcode

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
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

func (c fuzzCreds) Validate() error { return nil }

func fuzzFlow(now time.Time) *Flow[fuzzClient, fuzzCreds] {
	return MustNew(func(v map[string]any) (fuzzCreds, error) { return fuzzCreds{v}, nil }, Config[fuzzClient, fuzzCreds]{
		Endpoint: oauth2.Endpoint{AuthURL: "https://x.example/a", TokenURL: "https://x.example/t"},
		Now:      func() time.Time { return now },
	})
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
		f := fuzzFlow(now)
		s, err := f.session(fuzzRedirect, fuzzClient{})
		if err != nil {
			t.Fatal(err)
		}
		st, err := newState(t.Context(), s.binding, now)
		if err != nil {
			t.Fatal(err)
		}
		if ours {
			query = "state=" + st.text + "&" + query
		}
		code, got, err := f.callback(t.Context(), s, &http.Request{URL: &url.URL{RawQuery: query}})
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
		"access_token=%zz", "\xe9=", "\ufeff{", `{"error":"\u0000"}`, `<html>`, `{"expires_in":99999999999999999999}`,
	} {
		f.Add([]byte(seed), 200)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		values, err := parseValues(body)
		if err != nil {
			if strings.Contains(err.Error(), string(body)) && len(body) > 8 {
				t.Errorf("%q is quoted in %q", body, err)
			}
			return
		}
		if e := refusalOf(values, status, []string{"s3cret"}); e != nil && (strings.ContainsAny(e.Error(), "\n\r\x1b") || strings.Contains(e.Error(), "s3cret")) {
			t.Errorf("%q gives %q", body, e)
		}
		r := newResponse(values, now)
		if !reflect.DeepEqual(r.values(), values) {
			t.Errorf("%q becomes %v", body, r.values())
		}
		f := fuzzFlow(now)
		result, err := f.result(fuzzClient{}, &r, map[string]any{"refresh_token": "old", "client_secret": "s3cret"})
		if err != nil {
			return
		}
		if at := result.ExpiresAt; !at.IsZero() && (at.Before(now.Add(minLifetime)) || at.After(now.Add(maxLifetime))) {
			t.Errorf("%q expires at %v", body, at)
		}
		for key, v := range result.Credentials.values {
			if s, ok := v.(string); !ok || s == "" || key == "client_secret" || strings.HasSuffix(key, "s_token") && hasControl(s) {
				t.Errorf("%q gives %s = %#v", body, key, v)
			}
		}
	})
}

// FuzzLifetime reads arbitrary members that say when a token expires.
func FuzzLifetime(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	for _, seed := range []string{
		"3600", `"3600"`, "1e308", "-1", "-1e308", "null", `"NaN"`, `"+Inf"`, `"0x1p60"`, `"2027-01-15T09:00:00Z"`, `"Fri, 15 Jan 2027 09:00:00 GMT"`, "1800003600", "1800003600000",
		"1e999", "true", "[1]", `"soon"`, "253402300799", "253402300799999", "253402300800000", "0.5", "-0", "1_000",
	} {
		f.Add(seed, "expires_in", true)
		f.Add(seed, "expires_at", false)
	}
	f.Fuzz(func(t *testing.T, value, name string, refreshable bool) {
		var v any
		dec := json.NewDecoder(strings.NewReader(value))
		dec.UseNumber()
		if dec.Decode(&v) != nil {
			return
		}
		r := newResponse(map[string]any{name: v}, now)
		said, err := r.saidExpiry()
		if err != nil {
			if !errors.Is(err, errExpiry) || !said.IsZero() {
				t.Errorf("%s: got %v, %v", value, said, err)
			}
			return
		}
		if !said.IsZero() && said.Before(now.Add(-maxExpired-time.Second)) {
			t.Errorf("%s has expired at %v", value, said)
		}
		at := expiryRule{refreshable: refreshable}.apply(said, now)
		if !at.IsZero() && (at.Before(now.Add(minLifetime)) || at.After(now.Add(maxLifetime))) {
			t.Errorf("%s expires at %v", value, at)
		}
		if at.IsZero() && refreshable && said.Before(now.Add(maxLifetime)) {
			t.Errorf("%s never expires, although it says %v", value, said)
		}
	})
}

// FuzzState opens arbitrary states. Only those created here must be accepted.
func FuzzState(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	secret := runtime.NewSecret(rand.Text()) // so that no other process can have created it
	b := binding{secret, "id", "https://x.example/a", "https://x.example/t", fuzzRedirect}
	made := make(map[string]bool)
	for range 3 {
		st, err := newState(f.Context(), b, now)
		if err != nil {
			f.Fatal(err)
		}
		made[st.text] = true
		f.Add(st.text)
		f.Add(st.text[:len(st.text)-1] + "A")
	}
	f.Add(strings.Repeat("A", 75))
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := openState(t.Context(), b, text, now); err == nil && !made[text] {
			t.Errorf("%q opens", text)
		}
		other := b
		other.redirectURI = "https://other.example"
		if st, err := openState(t.Context(), other, text, now); err == nil {
			t.Errorf("%q opens for another redirect URI: %v", text, st)
		}
	})
}

// FuzzQuery removes a parameter from arbitrary queries. A server must not find it, however it
// separates pairs, and the others must stay.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "state=1", "a=1&state=2", "a=1;state=2", "%73tate=1&a=2;b", "&&;state", "state;a=;&=&state=%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		got := without(query, func(name string) bool { return name == "state" })
		for _, separators := range []string{"&", "&;"} {
			for _, pair := range strings.FieldsFunc(got, func(c rune) bool { return strings.ContainsRune(separators, c) }) {
				name, _, _ := strings.Cut(pair, "=")
				if plain, err := url.QueryUnescape(name); err == nil && plain == "state" {
					t.Errorf("%q becomes %q", query, got)
				}
			}
		}
		if again := without(got, func(string) bool { return false }); again != got {
			t.Errorf("%q becomes %q, then %q", query, got, again)
		}
	})
}

// FuzzHost puts arbitrary texts into a URL, as a label and as a host. What is accepted must be
// the host of the URL.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"eu", "evil.example/#", "a.example:8443", "u@h", "a:0", "[::1]", "xn--a", "A.B", "%41", "a\\b", "..", "-", "a:٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if label, err := HostLabel(s); err == nil {
			if u, err := url.Parse("https://" + label + ".service.example/path"); err != nil || u.Host != label+".service.example" || strings.Count(u.Host, ".") != 2 || u.RequestURI() != "/path" {
				t.Errorf("%q gives %v, %v", s, u, err)
			}
			if name, err := HostName(s); err != nil || name != label {
				t.Errorf("%q is a label, but no name: %v", s, err)
			}
		}
		if name, err := HostName(s); err == nil {
			if u, err := url.Parse("https://" + name + "/path"); err != nil || u.Host != name || u.User != nil || u.RequestURI() != "/path" || !strings.EqualFold(name, s) {
				t.Errorf("%q gives %v, %v", s, u, err)
			}
		}
	})
}
