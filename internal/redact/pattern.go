package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// minSecret is the length in characters from which a secret is replaced everywhere. The table
// of patterns needs as many bytes.
const minSecret = 6

// pattern is a text to search for.
type pattern struct {
	text   string
	base64 bool // what is next to it may hold bits of the secret
}

// speller makes the patterns of secrets. Their texts share one buffer, since most redactors are
// made for a single message.
type speller struct {
	buf      []byte
	patterns []pattern
	ranges   []span // of the patterns' texts, in buf
	scratch  []byte
}

// newSpeller returns a speller with room for usual secrets.
func newSpeller(secrets []string) *speller {
	const patterns, bytes = 10, 12 // of a secret, and of a byte of one
	size := 0
	for _, secret := range secrets {
		size += len(secret)
	}
	return &speller{
		buf: make([]byte, 0, bytes*size), patterns: make([]pattern, 0, patterns*len(secrets)), ranges: make([]span, 0, patterns*len(secrets)),
	}
}

// finish returns the patterns.
func (s *speller) finish() []pattern {
	text := string(s.buf)
	for i, r := range s.ranges {
		s.patterns[i].text = text[r.start:r.end]
	}
	return s.patterns
}

// add adds a pattern, which is a range of the buffer.
func (s *speller) add(start, end int, base64 bool) {
	s.patterns = append(s.patterns, pattern{base64: base64})
	s.ranges = append(s.ranges, span{start, end})
}

// text adds a text.
func (s *speller) text(text string) {
	start := len(s.buf)
	s.buf = append(s.buf, text...)
	s.add(start, len(s.buf), false)
}

// secret adds what a secret looks like: plain, which is normal, in hexadecimal, and in base64.
// What is in base64 may be escaped, as in HTTP Basic with a client of OAuth (RFC 6749, section
// 2.3.1). Texts have views without escapes; they are searched for usual ones all the same, in case
// what is before them makes another escape of the first character.
func (s *speller) secret(plain, secret string) {
	s.text(plain)
	s.hex(secret)
	if !strings.ContainsFunc(secret, isEscaped) {
		s.base64(secret)
		return
	}
	quoted, ascii := strconv.Quote(secret), strconv.QuoteToASCII(secret)
	forms := []string{
		secret, plain, url.QueryEscape(secret), url.PathEscape(secret), jsonString(secret), quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
	}
	slices.Sort(forms)
	for _, form := range slices.Compact(forms) {
		s.base64(form)
		if form != secret {
			s.text(form)
		}
	}
	if once := jsonString(secret); once != secret {
		s.text(jsonString(once))
	}
}

// jsonString returns what is between the quotes of s in JSON.
func jsonString(s string) string {
	data, _ := json.Marshal(s) // strings always encode
	return string(data[1 : len(data)-1])
}

// isEscaped reports whether a character may be escaped somewhere.
func isEscaped(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		return false
	}
	return true
}

// hex adds a text in hexadecimal, with lower and with upper case.
func (s *speller) hex(text string) {
	start := len(s.buf)
	s.scratch = append(s.scratch[:0], text...)
	s.buf = hex.AppendEncode(s.buf, s.scratch)
	middle := len(s.buf)
	for _, c := range s.buf[start:middle] {
		if c >= 'a' {
			c -= 'a' - 'A'
		}
		s.buf = append(s.buf, c)
	}
	s.add(start, middle, false)
	s.add(middle, len(s.buf), false)
}

// base64 adds the characters of base64 that stand for bits of a text alone, if none, one or two
// bytes of three are before it.
func (s *speller) base64(text string) {
	const bits = 6 // of a character
	s.scratch = append(append(s.scratch[:0], 0, 0), text...)
	for before := range 3 {
		start := len(s.buf)
		s.buf = base64.RawStdEncoding.AppendEncode(s.buf, s.scratch[2-before:])
		first, last := start+(8*before+bits-1)/bits, start+8*(before+len(text))/bits
		s.add(first, last, true)
		if std := s.buf[first:last]; bytes.ContainsAny(std, "+/") {
			start = len(s.buf)
			for _, c := range std {
				switch c {
				case '+':
					c = '-'
				case '/':
					c = '_'
				}
				s.buf = append(s.buf, c)
			}
			s.add(start, len(s.buf), true)
		}
	}
}

// patternTable finds patterns by their first bytes, and tells by hashes whether the rest of a long
// one is there, so that a position costs the same however much of it is. It counts patterns from
// 1; 0 is none.
type patternTable struct {
	patterns []pattern // longer ones first
	keys     []uint64  // of the patterns
	next     []int32   // the next pattern with the same slot
	slots    []int32   // the first pattern; their number is a power of two
	shift    uint
	sums     []atomic.Uint64 // the hashes of long patterns, made when they are needed first; or 0
}

const (
	// keySize is how many bytes of a pattern are its key.
	keySize = minSecret
	// longPattern is the length in bytes of a pattern from which hashes are compared.
	longPattern = 64
)

func newPatternTable(patterns []pattern) patternTable {
	if len(patterns) == 0 {
		return patternTable{}
	}
	slices.SortFunc(patterns, func(a, b pattern) int { return len(b.text) - len(a.text) })
	t := patternTable{patterns: patterns, keys: make([]uint64, len(patterns)), next: make([]int32, len(patterns)), shift: 64}
	if len(patterns[0].text) >= longPattern {
		t.sums = make([]atomic.Uint64, len(patterns))
	}
	size := 1
	for size < 8*len(patterns) { // few texts fall into a slot that is taken
		size *= 2
		t.shift--
	}
	t.slots = make([]int32, size)
	for i := len(patterns) - 1; i >= 0; i-- { // so that each list is in order
		t.keys[i] = keyOf(patterns[i].text)
		slot := &t.slots[t.slot(t.keys[i])]
		t.next[i], *slot = *slot, int32(i+1) //nolint:gosec // patterns are in memory, and fewer
	}
	return t
}

// keyOf returns the key of a text of at least keySize bytes.
func keyOf(s string) uint64 {
	var key uint64
	for i := range keySize {
		key = key<<8 | uint64(s[i])
	}
	return key
}

func (t *patternTable) slot(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> t.shift }

// search appends where the patterns are in the original of a view.
func (t *patternTable) search(found []span, v view) []span {
	if len(t.patterns) == 0 || len(v.text) < keySize {
		return found
	}
	const mask = 1<<(8*keySize) - 1
	var sums hashes
	key := keyOf(v.text) >> 8
	for i := keySize - 1; i < len(v.text); i++ {
		key = (key<<8 | uint64(v.text[i])) & mask
		start := i - keySize + 1
		for n := t.slots[t.slot(key)]; n > 0; n = t.next[n-1] {
			if t.keys[n-1] == key && t.startsAt(int(n-1), v.text, start, &sums) {
				found = append(found, t.patterns[n-1].span(v, start))
				break // the others are shorter
			}
		}
	}
	return found
}

// startsAt reports whether a pattern starts there in a text.
func (t *patternTable) startsAt(n int, text string, start int, sums *hashes) bool {
	p, rest := t.patterns[n].text, text[start:]
	switch {
	case len(rest) < len(p):
		return false
	case len(p) < longPattern:
		return rest[:len(p)] == p
	case rest[:longPattern] != p[:longPattern]:
		return false
	}
	sum := t.sums[n].Load()
	if sum == 0 {
		sum = sumOf(p)
		t.sums[n].Store(sum)
	}
	return sums.of(text, start, start+len(p)) == sum
}

// span returns the range of the original for a pattern that starts there in a view.
func (p pattern) span(v view, start int) span {
	end := start + len(p.text)
	if p.base64 {
		if start > 0 && isBase64(v.text[start-1]) {
			start--
		}
		if end < len(v.text) && isBase64(v.text[end]) {
			end++
		}
		for end < len(v.text) && v.text[end] == '=' {
			end++
		}
	}
	return v.span(start, end)
}

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}
