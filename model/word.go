package model

import (
	"regexp"
	"sync"
)

// wordsOf returns words that need no explanation.
func wordsOf(values []string) []Word {
	words := make([]Word, len(values))
	for i, value := range values {
		words[i] = Word{Value: value}
	}
	return words
}

// valuesOf returns the values of words.
func valuesOf(words []Word) []string {
	values := make([]string, len(words))
	for i, word := range words {
		values[i] = word.Value
	}
	return values
}

// textPattern is an expression that a text must match.
type textPattern struct {
	expr string // read alike by Go and JavaScript
	want string // what matches, for messages
	re   func() *regexp.Regexp
}

func newPattern(expr, want string) textPattern {
	return textPattern{expr, want, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })}
}

func (p *textPattern) match(s string) bool { return p.re().MatchString(s) }

// What the host accepts as names, versions and links. That a link has a host is up to isURL.
var (
	authorPattern  = newPattern(`^[a-z0-9_-]{1,64}$`, "1 to 64 lowercase letters, digits, _ or -")
	pluginPattern  = newPattern(`^[a-z0-9_-]{1,128}$`, "1 to 128 lowercase letters, digits, _ or -")
	versionPattern = newPattern(`^\d{1,4}(\.\d{1,4}){2}(-\w{1,16})?$`, "a version such as 0.1.0")
	namePattern    = newPattern(`^[A-Za-z0-9_-]*$`, "letters, digits, _ and -")
	// routePattern is what generated code can match of the paths of endpoints. The host takes any text, so that
	// only package gen and schemas refuse others.
	routePattern = newPattern(`^/([^<]|<((default|string|int|float|uuid|path|any)(`+routeArguments+`)?:)?`+routeName+`>)*$`, "a path such as /ask or /items/<int:id>")
	linkPattern  = newPattern(`^([hH][tT][tT][pP][sS]?://[^/?#\s].*)?$`, "a link that a browser can open, such as https://example.com/keys")
)

// routeArguments are the arguments of a type in the path of an endpoint. They end at the first ) that :, a name
// and > follow, as in Werkzeug, which says so with .*? instead: with that, there would be many ways to read several
// values, and editors, which try all of them, would take seconds for a path that does not match.
const (
	routeName      = `[A-Za-z_][A-Za-z0-9_]*`
	routeArguments = `\([^)\n]*\)((:(` + routeName + `)?)?\)|([^:)\n]|:[^A-Za-z_)\n]|:` + routeName + `[^A-Za-z0-9_>)\n])[^)\n]*\))*`
)

// number returns a limit of a number.
func number(n float64) *float64 { return &n }
