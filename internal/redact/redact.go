package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redacted replaces a secret.
const Redacted = "[redacted]"

// Redactor replaces secrets in texts. It is immutable, and safe for concurrent use. The zero
// Redactor replaces nothing.
type Redactor struct {
	table   patternTable
	alone   []string // secrets that are replaced only where they stand alone
	space   bool     // some secret has a space
	longest int      // secret, in bytes
}

// New returns a Redactor of secrets. It knows each secret as it is, escaped as in a URL or its
// user information, escaped as in JSON once or twice or in a string of Go, in hexadecimal, and
// in base64 wherever it is in what was encoded, as in HTTP Basic. White space counts as one
// space, and characters that nobody sees do not count, neither in a secret nor in a text.
//
// A secret of fewer than six characters, or one that is a word of Dify's protocol, such as
// "session", could be part of anything. It is replaced only where no letter or digit is next to
// it, and not in hexadecimal or base64.
func New(secrets ...string) *Redactor {
	r := new(Redactor)
	spell := newSpeller(secrets)
	if len(secrets) > 1 {
		secrets = slices.Compact(slices.Sorted(slices.Values(secrets)))
	}
	for _, secret := range secrets {
		plain := normalize(view{text: secret}).text
		plain = strings.TrimSpace(plain)
		switch {
		case plain == "":
		case utf8.RuneCountInString(plain) < minSecret || IsProtocolWord(plain):
			r.alone = append(r.alone, plain)
		default:
			spell.secret(plain, strings.TrimSpace(secret))
		}
		r.longest = max(r.longest, len(secret))
		r.space = r.space || strings.Contains(plain, " ")
	}
	r.table = newPatternTable(spell.finish())
	return r
}

// Redact returns a text with every secret replaced. A text without secrets is returned
// unchanged.
func (r *Redactor) Redact(text string) string { return Redact(text, r) }

// Redact returns a text with the secrets of all redactors replaced. Where secrets overlap, all
// of what they cover is replaced once. The time it takes is linear in the length of the text,
// if secrets do not begin alike.
func Redact(text string, redactors ...*Redactor) string {
	return Start(text, maxText, redactors...)
}

// maxText is the length of the longest text that is redacted, in bytes. Of a longer one, the rest
// is dropped.
const maxText = 1 << 29

// maxSpelled is how many bytes a byte of a secret may have in a text, escaped twice.
const maxSpelled = 16

// maxBeyond is how many bytes beyond the limit are searched for the end of a secret.
const maxBeyond = 1 << 20

// Start is Redact for the first limit bytes of a text, which take a bounded amount of
// memory. Of a longer text, it drops the rest; a secret that begins before and ends after the
// limit is replaced.
func Start(text string, limit int, redactors ...*Redactor) string {
	plus, longest, some := false, 0, false
	for _, r := range redactors {
		some = some || r.some()
		plus = plus || r.space
		longest = max(longest, r.longest)
	}
	cut := min(limit, len(text))
	if cut == 0 || !some {
		return text[:cut]
	}
	text = text[:min(len(text), cut+min(maxSpelled*longest, maxBeyond))]
	var found []span
	visit(view{text: text}, maxUnescaped, plus, func(v view) {
		for _, r := range redactors {
			found = r.search(found, v)
		}
	})
	return replace(text, cut, found)
}

func (r *Redactor) some() bool { return len(r.table.patterns) > 0 || len(r.alone) > 0 }

// span is a range of bytes of a text.
type span struct{ start, end int }

// search appends where the secrets are in the original of a view.
func (r *Redactor) search(found []span, v view) []span {
	found = r.table.search(found, v)
	for _, secret := range r.alone {
		for i := 0; ; {
			at := strings.Index(v.text[i:], secret)
			if at < 0 {
				break
			}
			start, end := i+at, i+at+len(secret)
			i = start + 1
			before, _ := utf8.DecodeLastRuneInString(v.text[:start])
			after, _ := utf8.DecodeRuneInString(v.text[end:])
			if !isWord(before) && !isWord(after) {
				found = append(found, v.span(start, end))
			}
		}
	}
	return found
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// replace replaces the union of spans that begin before a limit, and drops the text from there.
// Spans that only touch are replaced one by one.
func replace(text string, limit int, spans []span) string {
	if len(spans) == 0 {
		return text[:limit]
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var b strings.Builder
	written := 0
	for i := 0; i < len(spans) && spans[i].start < limit; {
		s := spans[i]
		for i++; i < len(spans) && spans[i].start < s.end; i++ {
			s.end = max(s.end, spans[i].end)
		}
		b.WriteString(text[written:s.start])
		b.WriteString(Redacted)
		written = s.end
	}
	if written < limit {
		b.WriteString(text[written:limit])
	}
	return b.String()
}
