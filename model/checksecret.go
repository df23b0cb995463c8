package model

import (
	"net/url"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// Words that name a secret, alone or in a row; words that make something public of
// one when they come last (token_type, api_key_id), and when they come first
// (max_token, use_token).
var (
	secretWords = [][]string{
		{"token"}, {"secret"}, {"password"}, {"passwd"}, {"passphrase"}, {"passcode"}, {"apikey"}, {"secretkey"}, {"accesskey"},
		{"privatekey"}, {"accesstoken"}, {"authtoken"}, {"refreshtoken"}, {"clientsecret"}, {"appsecret"}, {"webhooksecret"},
		{"api", "key"}, {"secret", "key"}, {"private", "key"}, {"access", "key"}, {"auth", "key"}, {"app", "key"},
		{"signing", "key"}, {"encryption", "key"}, {"license", "key"}, {"connection", "string"},
	}
	publicEnds = []string{
		"id", "name", "type", "url", "uri", "endpoint", "host", "path", "file", "header", "prefix", "field", "param",
		"scope", "scopes", "method", "mode", "format", "location", "limit", "limits", "count", "size", "length", "budget",
		"at", "in", "ttl", "expiry", "expiration", "expires", "lifetime", "status", "version", "region", "alias", "arn",
		"hint", "label", "required", "enabled", "issuer", "audience", "provider", "manager", "policy", "store", "engine",
	}
	publicStarts = []string{"max", "min", "use", "enable", "has", "is", "page", "next", "sync", "public", "number"}
)

// LooksSecret reports whether a field of that name probably holds a secret.
func LooksSecret(name string) bool {
	words := text.Words(name)
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	if len(words) == 0 || slices.Contains(publicEnds, words[len(words)-1]) || slices.Contains(publicStarts, words[0]) {
		return false
	}
	for i := range words {
		for _, secret := range secretWords {
			if rest := words[i:]; len(rest) >= len(secret) && slices.Equal(rest[:len(secret)], secret) {
				return true
			}
		}
	}
	return false
}

// HoldsSecret reports whether the values of a field are secrets, by its type or, for
// a text that is shown, probably by its name.
func (f *Field) HoldsSecret() bool {
	return f.Type == TypeSecretInput || f.Type.values() == TypeTextInput && LooksSecret(f.Name)
}

// secret reports a secret that everyone can read: in a plain field, or as the
// default of a secret one.
func (c *fieldChecker) secret() {
	plain := c.f.Type != TypeSecretInput && c.rules.holdsSecrets && c.f.HoldsSecret()
	if plain {
		c.suggest(c.at("type"), RulePlainSecret, string(TypeSecretInput),
			"field %s looks like a secret, but Dify stores and shows it in plain text", c.name)
	}
	if def, _ := Scalar(c.f.Default); (plain || c.f.Type == TypeSecretInput) && def != "" {
		c.report(c.at("default"), RuleSecretDefault, "field %s: the default of a secret is published with the plugin and used by everyone who enters no value", c.name)
	}
}

// url reports a link that leads nowhere.
func (c *fieldChecker) url() {
	if c.f.URL != "" && !isURL(c.f.URL) {
		c.report(c.at("url"), RuleURL, "field %s: url must be a link that a browser can open, such as https://example.com/keys", c.name)
	}
}

// isURL reports whether a browser can open s from anywhere.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
