package model

import (
	"net/url"

	"github.com/difygen/difygen/internal/redact"
)

// HoldsSecret reports whether the values of the field are secrets. The type says so, or,
// for plain text, the name suggests it.
func (f *Field) HoldsSecret() bool {
	return f.Type == TypeSecretInput || f.Type.values() == TypeTextInput && redact.LooksSecret(f.Name)
}

// secret reports a secret that everyone can read: the value of a plain field, or the
// default of a secret one.
func (c *fieldChecker) secret() {
	plain := c.f.Type != TypeSecretInput && c.rules.holdsSecrets && c.f.HoldsSecret()
	if plain {
		c.suggest(c.at("type"), rulePlainSecret, string(TypeSecretInput),
			"field %s looks like a secret, but Dify stores and shows it in plain text", c.name)
	}
	if def, _ := Scalar(c.f.Default); (plain || c.f.Type == TypeSecretInput) && def != "" {
		c.report(c.at("default"), ruleSecretDefault, "field %s: the default of a secret is published with the plugin and used by everyone who enters no value", c.name)
	}
}

// url reports a url that is not a link.
func (c *fieldChecker) url() {
	if c.f.URL != "" && !isURL(c.f.URL) {
		c.report(c.at("url"), ruleURL, "field %s: url must be a link that a browser can open, such as https://example.com/keys", c.name)
	}
}

// isURL reports whether a browser can open s as an address.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
