package gen

import (
	"go/token"
	"strings"
	"unicode"

	"github.com/difygen/difygen/internal/text"
)

// initialisms are the words that Go names keep in one case.
var initialisms = map[string]bool{
	"ACL": true, "API": true, "ASCII": true, "CPU": true, "CSS": true, "DNS": true,
	"EOF": true, "GUID": true, "HTML": true, "HTTP": true, "HTTPS": true, "ID": true,
	"IP": true, "JSON": true, "QPS": true, "RAM": true, "RPC": true, "SLA": true,
	"SMTP": true, "SQL": true, "SSH": true, "TCP": true, "TLS": true, "TTL": true,
	"UDP": true, "UI": true, "UID": true, "URI": true, "URL": true, "UTF8": true,
	"UUID": true, "VM": true, "XML": true, "XMPP": true, "XSRF": true, "XSS": true,
}

// exported turns any text into an exported Go identifier: its words in camel case, with
// Go's initialisms. If s has no letter or digit, exported returns fallback. If the result
// cannot start an exported identifier, since it starts with a digit or a Chinese character
// for example, fallback is put in front of it, without its number. fallback must be an
// exported identifier.
func exported(s, fallback string) string {
	name := camel(s)
	switch {
	case name == "":
		return fallback
	case !token.IsExported(name):
		return strings.TrimRightFunc(fallback, unicode.IsDigit) + name
	}
	return name
}

// camel joins the words of s in camel case. The result may be empty, or start with a
// character that is not upper case.
func camel(s string) string {
	words := text.Words(s)
	if len(words) > 1 && !strings.ContainsFunc(s, unicode.IsLower) {
		for i, w := range words {
			words[i] = strings.ToLower(w)
		}
	}
	var b strings.Builder
	for _, w := range words {
		if upper := strings.ToUpper(w); initialisms[upper] {
			b.WriteString(upper)
			continue
		}
		for i, c := range w {
			if i == 0 {
				c = unicode.ToUpper(c)
			}
			b.WriteRune(c)
		}
	}
	return b.String()
}

// fold returns s without case and punctuation, to compare spellings of a name.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}
