package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestSupplied checks that the sender of an HTTP request neither costs much nor hides the plugin's
// own secrets.
func TestSupplied(t *testing.T) {
	t.Parallel()
	s := new(secrets)
	s.add("configured-secret")
	values := []string{"secret", "configured", strings.Repeat("x", maxSuppliedBytes+1), "[redacted]", "error"}
	for i := range 10 * maxSupplied {
		values = append(values, fmt.Sprintf("supplied-%d", i))
	}
	s.supply(values...)
	large := new(secrets)
	large.supply(strings.Repeat("a", maxSuppliedBytes/2), strings.Repeat("b", maxSuppliedBytes/2), "more")
	if n := len(large.supplied); n != 2 {
		t.Errorf("%d large secrets are kept, want 2", n)
	}
	if n := len(s.supplied); n != maxSupplied {
		t.Errorf("%d supplied secrets are kept, want %d", n, maxSupplied)
	}
	for in, want := range map[string]string{
		"configured-secret":            "[redacted]",
		"configured-secrets, an error": "[redacted]s, an [redacted]",
		"my supplied-0 and errors":     "my [redacted] and errors",
	} {
		if got := s.redact(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	s.add("found-later")
	if got := s.redact("found-later and configured-secret"); got != "[redacted] and [redacted]" {
		t.Errorf("got %q", got)
	}
}

// TestPartsOfSecrets checks that what messages quote of a long secret is a secret, too.
func TestPartsOfSecrets(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nshort\n-----END PRIVATE KEY-----\n"
	for _, test := range []struct{ secret, text, want string }{
		{pem, "line 1: MIIEvQIBADANBgkqhkiG9w0B, -----BEGIN PRIVATE KEY-----", "line 1: [redacted], -----BEGIN PRIVATE KEY-----"},
		{pem, "all: " + pem, "all: [redacted]\n"},
		{
			`{"type":"service_account","private_key":"` + strings.ReplaceAll(pem, "\n", "\\n") + `"}`,
			"cannot parse " + pem + " of service_account", "cannot parse [redacted]\n of service_account",
		},
	} {
		s := new(secrets)
		s.add(names{"key": true}.secretsOf(map[string]any{"credentials": map[string]any{"key": test.secret}})...)
		if got := s.redact(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// TestResultSecrets checks which results hold secrets that the request does not.
func TestResultSecrets(t *testing.T) {
	t.Parallel()
	n := names{"key": true, "hook": true}
	for name, test := range map[string]struct {
		result any
		want   []string
	}{
		"a grant": {runtime.OAuthGrant{Credentials: runtime.NewValues(map[string]any{"key": "fresh"})}.Reveal(), []string{"fresh"}},
		"a subscription": {map[string]any{"subscription": runtime.Subscription{
			Properties: runtime.NewValues(map[string]any{"hook": "h"}),
		}.Reveal()}, []string{"h"}},
		"a check":    {map[string]any{"result": true, "credentials": map[string]any{"key": "same"}}, []string{"same"}},
		"other ones": {map[string]any{"options": []any{map[string]any{"key": "k"}}}, nil},
		"no object":  {[]any{"x"}, nil},
	} {
		if diff := cmp.Diff(test.want, n.resultSecrets(test.result)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
