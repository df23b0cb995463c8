package model

import (
	"net/url"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/internal/text"
)

// HoldsSecret reports whether the values of the field are secrets. The type says so, or,
// for plain text, the name suggests it.
func (f *Field) HoldsSecret() bool {
	return f.Type == TypeSecretInput || f.Type.values() == TypeTextInput && redact.LooksSecret(f.Name)
}

// looksSecret reports whether a field with that name and label probably holds a secret,
// although it is not among the secret fields of its section. The public half of a pair whose
// other half is among them holds none. The label counts only if the name says nothing.
func looksSecret(name string, label Text, secrets secretNames) bool {
	labeled := slices.Contains(vagueNames, text.Fold(name)) && redact.LooksSecret(label.English)
	named := redact.LooksSecret(name) || slices.Contains(cookieNames, joined(name))
	return (named || labeled) && !secrets.havePair(name)
}

// vagueNames are names of which only the label tells whether they are secret.
var vagueNames = []string{"key", "keys", "auth", "authorization"}

// cookieNames are names of fields into which users copy the cookies of their browser.
var cookieNames = []string{"cookie", "cookies", "sessioncookie", "cookiestring", "cookieheader"}

// publicHalves are words that the public half of a pair can have before key, and that the
// secret half can do without: access_key and secret_key.
var publicHalves = []string{"", "access", "api", "app", "application", "client", "consumer"}

// secretNames are the names of the secret fields of a section, with those that have the word
// secret or sign in another set: without it, and without key at the end.
type secretNames struct{ names, halves map[string]bool }

// secrets returns the names of the section's secret fields.
func (s *Section) secrets() secretNames {
	secrets := secretNames{names: make(map[string]bool), halves: make(map[string]bool)}
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Type == TypeSecretInput {
			secrets.add(f.Name)
		}
	}
	return secrets
}

func (s *secretNames) add(name string) {
	name = joined(name)
	s.names[name] = true
	rest, found := strings.CutSuffix(name, "sign")
	if before, after, ok := strings.Cut(name, "secret"); ok {
		rest, found = before+after, true
	}
	if found {
		s.halves[strings.TrimSuffix(rest, "key")] = true
	}
}

// havePair reports whether a name is that of the public half of a pair, and the secret half
// is among the secrets: app_key and app_secret, accessKey and secretKey, access_key and
// secret_access_key, access_token and access_token_secret.
func (s *secretNames) havePair(public string) bool {
	public = joined(public)
	if s.names[public+"secret"] {
		return true
	}
	public, isKey := strings.CutSuffix(public, "key")
	return isKey && !strings.Contains(public, "secret") && slices.ContainsFunc(publicHalves, func(word string) bool {
		rest, ok := strings.CutSuffix(public, word)
		return ok && s.halves[rest]
	})
}

// joined returns the words of a name in lower case, without anything between them.
func joined(name string) string { return strings.ToLower(strings.Join(text.Words(name), "")) }

// secret reports a secret that everyone can read: the value of a plain field, or the
// default of a secret one. Secrets are the secret fields of the section. What a language
// model gives a tool is not stored.
func (c *fieldChecker) secret(secrets secretNames) {
	plain := c.f.Type.values() == TypeTextInput && c.rules.holdsSecrets && c.f.Form != ParameterFormLLM &&
		looksSecret(c.f.Name, c.f.Label, secrets)
	if plain {
		c.suggest(c.at("type"), rulePlainSecret, string(TypeSecretInput),
			"%s looks like a secret, but Dify stores and shows it in plain text", c.name)
	}
	if def, _ := Scalar(c.f.Default); (plain || c.f.Type == TypeSecretInput) && def != "" {
		c.report(c.at("default"), ruleSecretDefault, "%s: the default of a secret is published with the plugin and used by everyone who enters no value", c.name)
	}
}

// url reports a url that is not a link.
func (c *fieldChecker) url() {
	if c.f.URL != "" && !isURL(c.f.URL) {
		c.report(c.at("url"), ruleURL, "%s: url must be a link that a browser can open, such as https://example.com/keys", c.name)
	}
}

// isURL reports whether a browser can open s as an address.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
