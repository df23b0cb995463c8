package redact_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/redact"
)

// FuzzRedact checks that no secret survives whole in any spelling, among any text and other
// secrets.
func FuzzRedact(f *testing.F) {
	f.Add("sk-live-1234", "the key ", " is wrong", "live-12")
	f.Add("abcdef", "", "gh", "cdefgh")
	f.Add("a b%41\\u0062c+", "%", "%2", "\\")
	f.Add("päss wörd", "\\", "\\u00", "\u200b")
	f.Add("aaaaaaaa", "aaa", "aaa", "aaaaaaaaa")
	f.Fuzz(func(t *testing.T, secret, before, after, other string) {
		secret = strings.Join(strings.Fields(strings.ToValidUTF8(secret, "")), " ")
		if !utf8.ValidString(secret) || !isPlain(secret) {
			return
		}
		r := redact.New(secret, other)
		for name, spell := range spellings {
			spelled := spell(secret)
			if inMark := strings.Contains; inMark(redact.Redacted, spelled) || strings.ContainsAny(secret, "[]") {
				continue // what replaces secrets has it
			}
			if got := r.Redact(before + spelled + after); strings.Contains(got, spelled) && !escapes(name, before) {
				t.Errorf("%s of %q among %q and %q, with %q: got %q", name, secret, before, after, other, got)
			}
		}
	})
}

// isPlain reports whether a secret is redacted wherever it is: it has six characters or more,
// and all of them are visible.
func isPlain(secret string) bool {
	for _, c := range secret {
		if c < ' ' || c > '~' && (c < 0xc0 || c > 0x24f) {
			return false
		}
	}
	return utf8.RuneCountInString(secret) >= 6 && redact.New(secret).Redact(secret+"x") != secret+"x"
}

// escapes reports whether what is before an unusual spelling may make it another text, as a
// backslash does.
func escapes(spelling, before string) bool {
	return strings.ContainsAny(before, `\%`) && slices.Contains([]string{"lower query", "query twice", "JSON of form", "base64 query", "invisible JSON"}, spelling)
}

// FuzzHarmless checks that a text that has none of a secret's characters stays as it is.
func FuzzHarmless(f *testing.F) {
	f.Add("the text", "secret")
	f.Add("\\u0041%41+ \x00\xff\u200b\n", "QQQQQQ")
	f.Fuzz(func(t *testing.T, text, secret string) {
		// Neither letters nor digits, from which all spellings are made.
		text = strings.Map(func(c rune) rune {
			if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
				return -1
			}
			return c
		}, text)
		secret = strings.Map(func(c rune) rune { return 'a' + (c&0x7fffffff)%26 }, secret)
		if got := redact.New(secret).Redact(text); got != text {
			t.Errorf("%q without %q became %q", text, secret, got)
		}
	})
}
