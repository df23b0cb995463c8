package gen

import (
	"go/token"
	"strings"
	"unicode"

	"github.com/difygen/difygen/internal/text"
)

// initialisms are the words that Go writes in one case.
var initialisms = map[string]bool{
	"ACL": true, "API": true, "ASCII": true, "CPU": true, "CSS": true, "DNS": true,
	"EOF": true, "GUID": true, "HTML": true, "HTTP": true, "HTTPS": true, "ID": true,
	"IP": true, "JSON": true, "QPS": true, "RAM": true, "RPC": true, "SLA": true,
	"SMTP": true, "SQL": true, "SSH": true, "TCP": true, "TLS": true, "TTL": true,
	"UDP": true, "UI": true, "UID": true, "URI": true, "URL": true, "UTF8": true,
	"UUID": true, "VM": true, "XML": true, "XMPP": true, "XSRF": true, "XSS": true,
}

// exported turns any text into an exported Go identifier: its words in camel
// case, with Go's initialisms. A text without a letter or digit gives otherwise,
// and otherwise stands before what cannot start an exported identifier, such as
// a digit or a Chinese character. otherwise must be an exported identifier.
func exported(s, otherwise string) string {
	name := camel(s)
	switch {
	case name == "":
		return otherwise
	case !token.IsExported(name):
		return strings.TrimRightFunc(otherwise, unicode.IsDigit) + name
	}
	return name
}

// camel joins the words of s in camel case; it may be empty or start with a
// character that is not a capital.
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

// fold is what two spellings of one name have in common.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}
