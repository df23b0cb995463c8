// Package redact tells what must be kept out of messages and logs.
package redact

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// A name is that of a secret if it contains one of secretWords, unless it ends in one
// of publicEnds (token_type, api_key_id) or starts with one of publicStarts (max_token,
// use_token).
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

// LooksSecret reports whether something of that name, such as a field or a header,
// probably holds a secret. It knows English words in any usual spelling: api_key,
// apiKey, X-API-Key.
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
