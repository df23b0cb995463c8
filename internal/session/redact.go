package session

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
)

// redacted replaces a secret.
const redacted = "[redacted]"

// shortSecret is the length in characters up to which a secret is redacted only as a
// separate word: it could occur in any word.
const shortSecret = 3

// secrets holds the secret values of one request. They are collected before the
// author's code can change the request, and prepared for redaction at first use.
type secrets struct {
	mu       sync.Mutex
	values   []string
	prepared bool
	replacer *strings.Replacer
	short    []string
}

// add adds secrets that are found while the request runs.
func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, values...)
	s.prepared = false
}

// redact replaces every secret in a text.
func (s *secrets) redact(in string) string {
	if in == "" {
		return in
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.prepared {
		s.prepare()
	}
	out := s.replacer.Replace(in)
	for _, secret := range s.short {
		out = replaceWord(out, secret)
	}
	return out
}

func (s *secrets) prepare() {
	values := slices.Clone(s.values)
	// Longer secrets first, since they may contain shorter ones.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	s.short = nil
	for _, v := range slices.Compact(values) {
		switch n := utf8.RuneCountInString(v); {
		case strings.TrimSpace(v) == "":
		case n <= shortSecret:
			s.short = append(s.short, v)
		default:
			for _, spelling := range spellings(v) {
				pairs = append(pairs, spelling, redacted)
			}
		}
	}
	s.replacer, s.prepared = strings.NewReplacer(pairs...), true
}

// replaceWord redacts a secret where no letter or digit is next to it.
func replaceWord(in, secret string) string {
	var out strings.Builder
	for rest := in; ; {
		i := strings.Index(rest, secret)
		if i < 0 {
			out.WriteString(rest)
			return out.String()
		}
		end := i + len(secret)
		before, _ := utf8.DecodeLastRuneInString(in[:len(in)-len(rest)+i])
		after, _ := utf8.DecodeRuneInString(rest[end:])
		out.WriteString(rest[:i])
		if isWord(before) || isWord(after) {
			out.WriteString(secret)
		} else {
			out.WriteString(redacted)
		}
		rest = rest[end:]
	}
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// spellings returns the encodings in which a secret can occur in a message.
func spellings(secret string) []string {
	quoted := strconv.Quote(secret)
	inJSON, _ := json.Marshal(secret) // strings always encode
	list := []string{
		secret, strings.TrimSpace(secret), text.Line(secret), url.QueryEscape(secret), url.PathEscape(secret),
		quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	list = slices.DeleteFunc(list, func(s string) bool { return utf8.RuneCountInString(s) <= shortSecret })
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}
