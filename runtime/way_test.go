package runtime_test

import (
	"testing"

	"github.com/difygen/difygen/runtime"
)

func TestOneWay(t *testing.T) {
	t.Parallel()
	decode := runtime.OneWay("P", decodeCreds, runtime.CredentialTypeAPIKey, "")
	values := map[string]any{"token": "t"}
	for _, known := range []runtime.CredentialType{runtime.CredentialTypeAPIKey, ""} {
		if got, err := decode(known, values); err != nil || got.Token.Reveal() != "t" {
			t.Errorf("%q: got %v, %v", known, got, err)
		}
	}
	_, err := decode("magic", values)
	if want := `P: credential type is not supported: "magic"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnyWay(t *testing.T) {
	t.Parallel()
	ways := []runtime.Way{
		{Type: runtime.CredentialTypeAPIKey, Required: []string{"token"}, Declared: []string{"token", "server"}},
		{Type: runtime.CredentialTypeOAuth2, Required: []string{"token"}, Declared: []string{"token", "refresh_token"}},
		{Type: "other", Required: []string{"key"}, Declared: []string{"key"}},
	}
	decode := runtime.AnyWay(func(t runtime.CredentialType, _ map[string]any) (runtime.CredentialType, error) { return t, nil }, ways...)
	for _, test := range []struct {
		given  runtime.CredentialType
		values map[string]any
		want   runtime.CredentialType
	}{
		{"", map[string]any{"token": "t"}, runtime.CredentialTypeAPIKey},
		{"", map[string]any{"token": "t", "refresh_token": "r"}, runtime.CredentialTypeOAuth2},
		{"", map[string]any{"token": "t", "refresh_token": "", "server": nil}, runtime.CredentialTypeAPIKey},
		{"", map[string]any{"key": "k", "token": nil}, "other"},
		{"", nil, runtime.CredentialTypeAPIKey},
		{"", map[string]any{"refresh_token": "r"}, runtime.CredentialTypeOAuth2},
		{"", map[string]any{"refresh_token": "r", "key": "k"}, "other"},
		{"", map[string]any{"unknown": "u"}, runtime.CredentialTypeAPIKey},
		{runtime.CredentialTypeUnauthorized, map[string]any{"token": "t"}, runtime.CredentialTypeUnauthorized},
	} {
		if got, err := decode(test.given, test.values); err != nil || got != test.want {
			t.Errorf("%q, %v: got %q, %v, want %q", test.given, test.values, got, err, test.want)
		}
	}
}
