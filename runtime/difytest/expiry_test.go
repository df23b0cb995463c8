package difytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/runtime/difytest"
)

// TestExpiryMember tests flows for a server that calls the lifetime by a name of its own.
func TestExpiryMember(t *testing.T) {
	t.Parallel()
	reads := func(path ...string) mistake {
		return mistake{setup: func(p *provider) {
			p.config.Expiry = func(r authcode.TokenResponse) (time.Time, error) { return r.Time(path...) }
		}}
	}
	extra := map[string]any{"token": map[string]any{"kind": "user"}}
	t.Cleanup(func() { // after the parallel tests
		if diff := cmp.Diff(map[string]any{"token": map[string]any{"kind": "user"}}, extra); diff != "" {
			t.Errorf("the test changes Extra (-want +got):\n%s", diff)
		}
	})
	nested := difytest.Behavior{ExpiryMember: []string{"token", "ttl"}, Extra: extra}
	const readIt = `return r.Time("token", "ttl") in authcode.Config.Expiry, with the whole path of the member`
	for name, test := range map[string]struct {
		mistake  mistake
		behavior difytest.Behavior
		want     []string // some of what is reported; nil for nothing
	}{
		"nested":            {reads("token", "ttl"), nested, nil},
		"plain":             {reads("ttl"), difytest.Behavior{ExpiryMember: []string{"ttl"}}, nil},
		"usual":             {mistake{}, difytest.Behavior{ExpiryMember: []string{"expires_in"}}, nil},
		"in data":           {reads("data", "ttl"), difytest.Behavior{ExpiryMember: []string{"data", "ttl"}}, nil},
		"not only expiries": {reads("token", "ttl"), difytest.Behavior{ExpiryMember: []string{"token", "ttl"}, ExpiresIn: "7200", Rotate: true}, nil},
		"another path": {reads("ttl"), nested, []string{
			"token.ttl as another number: the flow says that the token expires in 1h0m0s, but the server said 7h0m0s: " + readIt,
			"token.ttl 0: the flow says that the token expires in 1h0m0s, but the server said that it has expired: " + readIt,
		}},
		"the usual name": {mistake{}, nested, []string{
			"token.ttl as another number: the flow says that the token expires in 1h0m0s, but the server said 7h0m0s: " + readIt,
		}},
		"a lifetime":                     {mistake{setup: func(p *provider) { p.config.Lifetime = 3 * time.Hour }}, nested, []string{"token.ttl as a number: the flow says that the token expires in 3h0m0s, but the server said 1h0m0s: " + readIt}},
		"without the member in the test": {reads("ttl"), difytest.Behavior{ExpiresIn: 7200}, nil}, // the usual name counts
		"nothing": {mistake{setup: func(p *provider) {
			p.config.Expiry = func(authcode.TokenResponse) (time.Time, error) { return time.Now().Add(time.Hour), nil }
		}}, difytest.Behavior{}, []string{"expires_in 0: the flow says that the token expires in 1h0m0s, but the server said that it has expired: " +
			"read expires_in or, if the service says it elsewhere, set OAuthTest.Behavior.ExpiryMember to where"}},
		"a contradiction": {mistake{}, difytest.Behavior{NoExpiry: true, ExpiryMember: []string{"ttl"}}, []string{"must not have both NoExpiry and ExpiryMember"}},
		"a form":          {mistake{}, difytest.Behavior{FormEncoded: true, ExpiryMember: []string{"token", "ttl"}}, []string{"forms have no objects"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs := strings.Join(try(t, test.mistake, test.behavior), "\n")
			if test.want == nil && errs != "" {
				t.Errorf("reported:\n%s", errs)
			}
			for _, want := range test.want {
				if !strings.Contains(errs, want) {
					t.Errorf("reported:\n%s\nwant %s", errs, want)
				}
			}
		})
	}
}
