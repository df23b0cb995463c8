// Package redact keeps secrets out of messages and logs.
package redact

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// A name is that of a secret if a word of it ends in one of secretWords, is one of
// secretNames, or is "key" after one of secretKeys. Several secrets are plural: api_keys. A
// name that ends in one of publicEnds (token_type, api_key_id), or that has one of
// publicWords (max_token, public_token), is not, even so.
var (
	secretWords = []string{
		"token", "secret", "password", "passwd", "pwd", "passphrase", "passcode", "apikey", "secretkey", "accesskey", "privatekey",
		"authkey", "appkey", "signingkey", "encryptionkey",
	}
	secretNames = []string{"credential", "credentials", "secrets", "passwords", "apikeys", "accesskeys", "bearer", "jwt", "pat"}
	secretKeys  = []string{
		"api", "secret", "private", "access", "auth", "app", "application", "signing", "sign", "encryption", "encrypt", "license",
		"subscription", "account", "service", "master", "admin", "integration", "server", "ssh", "aes", "shared", "session",
		"webhook", "hmac", "security", "consumer", "client",
	}
	// Words that are secret together.
	secretPairs = [][2]string{
		{"connection", "string"}, {"account", "json"}, {"access", "tokens"}, {"api", "tokens"}, {"auth", "tokens"}, {"bot", "tokens"},
		{"refresh", "tokens"},
	}
	// Words before token with which it names a thing, as in Lark's API.
	thingWords = []string{"folder", "spreadsheet", "sheet", "node", "document", "doc", "file", "wiki", "table", "record", "block"}
	publicEnds = []string{
		"id", "ids", "name", "names", "type", "types", "url", "urls", "uri", "endpoint", "host", "path", "file", "header", "prefix",
		"suffix", "field", "param", "parameter", "scope", "scopes", "method", "mode", "format", "location", "limit", "limits", "count",
		"size", "length", "budget", "at", "in", "ttl", "expiry", "expiration", "expires", "lifetime", "status", "version", "region",
		"alias", "arn", "hint", "label", "title", "description", "required", "enabled", "issuer", "audience", "provider", "manager",
		"policy", "store", "engine", "algorithm", "alg", "domain", "address", "symbol", "decimals", "contract", "network", "chain",
		"price", "amount", "usage", "cost", "rate", "ratio", "window", "threshold", "strategy", "separator", "delimiter", "encoding",
		"language", "email", "server", "port", "source", "rotation", "strength", "fingerprint",
	}
	publicWords  = []string{"max", "min", "public", "publishable", "anon", "anonymous"}
	publicStarts = []string{
		"use", "enable", "has", "is", "page", "next", "sync", "number", "num", "show", "hide", "require", "allow", "total", "input",
		"output", "prompt", "completion", "context",
	}
)

// maxName is how many bytes of a name are looked at.
const maxName = 256

// LooksSecret reports whether something of that name, such as a field or a header,
// probably holds a secret. It knows English words in any usual spelling: api_key,
// apiKey, X-API-Key.
func LooksSecret(name string) bool {
	words := text.Words(name[:min(len(name), maxName)])
	for i := range words {
		words[i] = strings.TrimRight(strings.ToLower(words[i]), "0123456789")
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) == 0 || slices.Contains(publicEnds, words[len(words)-1]) || slices.Contains(publicStarts, words[0]) ||
		slices.ContainsFunc(words, func(w string) bool { return slices.Contains(publicWords, w) }) {
		return false
	}
	for i, w := range words {
		if i > 0 && w == "token" && slices.Contains(thingWords, words[i-1]) {
			continue
		}
		if slices.Contains(secretNames, w) || slices.ContainsFunc(secretWords, func(end string) bool { return strings.HasSuffix(w, end) }) {
			return true
		}
		if i > 0 && (slices.Contains(secretPairs, [2]string{words[i-1], w}) || (w == "key" || w == "keys") && slices.Contains(secretKeys, words[i-1])) {
			return true
		}
	}
	return false
}
