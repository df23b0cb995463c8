package authcode_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestCallback(t *testing.T) {
	t.Parallel()
	set := func(key string, values ...string) func(url.Values) {
		return func(q url.Values) { q[key] = values }
	}
	for _, test := range []struct {
		name   string
		change func(url.Values)
		want   string
	}{
		{"denied, with a code", set("error", "access_denied"), "the authorization server returned access_denied"},
		{"denied, explained", func(q url.Values) {
			q.Set("error", "access_denied")
			q.Set("error_description", "no\n"+strings.Repeat("x", 500)+"s3cret")
			q.Set("error_uri", "https://service.example/why")
		}, "the authorization server returned access_denied: no " + strings.Repeat("x", 197) + "… (see https://service.example/why)"},
		{"denied, with the code in it", func(q url.Values) {
			q.Set("error", "server_error")
			q.Set("error_description", "code s3cret-code")
		}, "server_error: code [redacted]"},
		{"denied without our state", func(q url.Values) {
			q.Set("error", "access_denied")
			q.Set("error_description", "call this number")
			q.Set("state", "x")
		}, "the authorization server returned access_denied"},
		{"denied with an unknown code and without our state", func(q url.Values) {
			q.Set("error", "call this number")
			q.Del("state")
		}, "the authorization server returned an error without a code"},
		{"denied with the secret in it", func(q url.Values) {
			q.Set("error", "server_error")
			q.Set("error_description", "secret s3cret-client")
		}, "server_error: secret [redacted]"},
		{"denied without a code", set("error", ""), "returned an error without a code"},
		{"denied twice", set("error", "access_denied", "call this number"), "the authorization server returned access_denied"},
		{"denied with a long code", set("error", strings.Repeat("y", 500)), "the authorization server returned " + strings.Repeat("y", 60) + "…"},
		{"denied with control characters", set("error", "no\x1b[31m\u202e\x00way"), "the authorization server returned no"},
		{"denied with a verifier of its own", func(q url.Values) {
			q.Set("error", "access_denied")
			q.Set("error_description", "state "+q.Get("state"))
		}, "access_denied: state [redacted]"},
		{"denied with a state for something else", func(q url.Values) {
			q.Set("error", "call this number")
			q.Set("state", strings.Repeat("A", 75))
		}, "the authorization server returned an error without a code"},
		{"no code", set("code"), "no authorization code"},
		{"empty code", set("code", ""), "no authorization code"},
		{"empty code and another", set("code", "", "s3cret-code"), "no authorization code"},
		{"two codes", set("code", "s3cret-code", "s3cret"), "several authorization codes"},
		{"the same code twice", set("code", "s3cret-code", "s3cret-code"), "several authorization codes"},
		{"code under another name", func(q url.Values) { q["Code"] = q["code"]; q.Del("code") }, "no authorization code"},
		{"code of an array", func(q url.Values) { q["code[]"] = q["code"]; q.Del("code") }, "no authorization code"},
		{"no state", func(q url.Values) { q.Del("state") }, "no state"},
		{"empty state", set("state", ""), "the state in the callback is not valid"},
		{"two states", func(q url.Values) { q.Add("state", q.Get("state")) }, "the state in the callback is not valid"},
		{"forged state", set("state", strings.Repeat("A", 75)), "the state in the callback is not valid"},
		{"state with more", func(q url.Values) { q.Set("state", q.Get("state")+"=") }, "the state in the callback is not valid"},
		{"state with a line", func(q url.Values) { q.Set("state", q.Get("state")[:40]+"\n"+q.Get("state")[40:]) }, "the state in the callback is not valid"},
		{"state that is cut", func(q url.Values) { q.Set("state", q.Get("state")[:74]) }, "the state in the callback is not valid"},
		{"state with other last bits", func(q url.Values) {
			text := q.Get("state")
			q.Set("state", text[:74]+string(text[74]+1))
		}, "the state in the callback is not valid"},
		{"state with another nonce", func(q url.Values) { q.Set("state", "AAAA"+q.Get("state")[4:]) }, "the state in the callback is not valid"},
		{"huge state", set("state", strings.Repeat("A", 1<<20)), "the state in the callback is not valid"},
		{"not base64", set("state", "***"), "the state in the callback is not valid"},
		{"no issuer", set("iss"), "from a different authorization server"},
		{"another issuer", set("iss", "https://evil.example"), "from a different authorization server"},
		{"an issuer like it", set("iss", "https://service.example/"), "from a different authorization server"},
		{"two issuers", set("iss", "https://service.example", "https://evil.example"), "from a different authorization server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := startServer(t, func(http.ResponseWriter, *http.Request) { t.Error("the code is sent") })
			c.Issuer = "https://service.example"
			_, back := authorize(t, c)
			back.Set("iss", c.Issuer)
			test.change(back)
			_, err := exchange(t, c, back)
			check(t, err, test.want)
			if strings.Contains(err.Error(), "call this number") {
				t.Errorf("the error quotes text that anyone can send: %v", err)
			}
		})
	}
	c := startServer(t, func(http.ResponseWriter, *http.Request) { t.Error("the code is sent") })
	_, err := flow(t, c).OAuthGetCredentials(t.Context(), redirect, app, nil)
	check(t, err, "there is no callback request")
	_, err = flow(t, c).OAuthGetCredentials(t.Context(), redirect, app, &http.Request{URL: &url.URL{RawQuery: "code=%zzs3cret"}})
	check(t, err, "cannot parse the query of the callback")
	_, err = flow(t, c).OAuthGetCredentials(t.Context(), redirect, app, &http.Request{URL: &url.URL{RawQuery: "error=access_denied&error_description=100%"}})
	check(t, err, "the authorization server returned access_denied")
}

// TestStateIsBound checks that a state is valid only for what it was made for.
func TestStateIsBound(t *testing.T) {
	t.Parallel()
	c := respond(t, `{"access_token":"s3cret-1"}`)
	_, back := authorize(t, c)
	callback := &http.Request{URL: &url.URL{RawQuery: back.Encode() + "&"}}
	_, err := flow(t, c).OAuthGetCredentials(t.Context(), redirect+"2", app, callback)
	check(t, err, "the state in the callback is not valid")
	for _, other := range []client{{app.id, "s3cret-other"}, {"another-id", app.secret}} {
		_, err = flow(t, c).OAuthGetCredentials(t.Context(), redirect, other, callback)
		check(t, err, "the state in the callback is not valid")
	}
	for _, change := range []func(*config){
		func(c *config) { c.Endpoint.AuthURL = "https://evil.example/authorize" },
		func(c *config) { c.Endpoint.TokenURL = "https://evil.example/token" },
	} {
		elsewhere := *c
		change(&elsewhere)
		_, err = flow(t, &elsewhere).OAuthGetCredentials(t.Context(), redirect, app, callback)
		check(t, err, "the state in the callback is not valid")
	}
	for age, ok := range map[time.Duration]bool{-2 * time.Minute: false, -30 * time.Second: true, 10 * time.Minute: true, 10*time.Minute + time.Second: false} {
		c.Now = func() time.Time { return start.Add(age) }
		_, err := flow(t, c).OAuthGetCredentials(t.Context(), redirect, app, callback)
		switch {
		case ok && err != nil:
			t.Errorf("after %v: %v", age, err)
		case !ok && age < 0:
			check(t, err, "the clocks of this plugin's machines differ")
		case !ok:
			check(t, err, "the authorization took longer than ten minutes")
		}
	}
}
