package yamldoc

import (
	"slices"
	"strings"
	"unicode"
)

// This file has the rules of the scanner about scalars, anchors, tags and directives.

// scalarRead adds the token of a scalar.
func (s *scanner) scalarRead(sc scalarSpan) {
	s.last = sc
	if (sc.style == '\'' || sc.style == '"') && sc.at.line < sc.end.line {
		if len(s.quotes) == maxQuotes {
			s.quotes = s.quotes[1:]
		}
		s.quotes = append(s.quotes, sc)
	}
	s.insert(-1, token{kind: scalarToken, at: sc.at})
}

// scanPlain scans a plain scalar, with the blanks after it.
func (s *scanner) scanPlain() {
	sc := scalarSpan{at: s.mark}
	indent, broken := s.indent()+1, false
	for !s.marker() && s.peek(0) != '#' {
		for !s.wordEnds(0) && !s.plainEnds() {
			s.skip(1)
			sc.end, broken = s.mark, false
		}
		if !isBlank(s.peek(0)) && s.breakSize(0) == 0 {
			break
		}
		for isBlank(s.peek(0)) || s.breakSize(0) > 0 {
			if s.breakSize(0) > 0 {
				s.skipBreak()
				broken = true
				continue
			}
			if broken && s.column < indent && s.peek(0) == '\t' {
				s.last = sc
				s.fail(foundTab, s.mark)
				return
			}
			s.skip(1)
		}
		if len(s.flows) == 0 && s.column < indent {
			break
		}
	}
	s.keyAllowed = s.keyAllowed || broken
	s.scalarRead(sc)
}

// plainEnds reports whether the current character ends a plain scalar.
func (s *scanner) plainEnds() bool {
	switch s.peek(0) {
	case ':':
		return s.wordEnds(1)
	case ',', '?', '[', ']', '{', '}':
		return len(s.flows) > 0
	}
	return false
}

// scanQuoted scans a scalar in quotes.
func (s *scanner) scanQuoted(quote byte) {
	sc := scalarSpan{style: quote, at: s.mark}
	s.skip(1)
	for s.fault == nil {
		switch c := s.peek(0); {
		case s.marker() || s.offset >= len(s.data):
			s.fail(openQuote, s.mark)
			s.fault.open = sc.at
		case c == quote && quote == '\'' && s.peek(1) == quote:
			s.skip(2)
		case c == quote:
			s.skip(1)
			sc.end = s.mark
			s.scalarRead(sc)
			return
		case c == '\\' && quote == '"':
			s.scanEscape()
		case s.breakSize(0) > 0:
			s.skipBreak()
		default:
			s.skip(1)
		}
	}
	sc.end = s.mark
	s.scalarRead(sc)
}

// scanEscape scans an escape in double quotes.
func (s *scanner) scanEscape() {
	at := s.mark
	s.skip(1)
	if s.breakSize(0) > 0 {
		s.skipBreak()
		return
	}
	digits := 0
	switch s.peek(0) {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', 'a', 'b', 't', '\t', 'n', 'v', 'f', 'r', 'e', ' ', '"', '\'', '\\', 'N', '_', 'L', 'P':
	default:
		s.fail(badEscape, at)
		return
	}
	s.skip(1)
	code := rune(0)
	for range digits {
		d, ok := hexDigit(s.peek(0))
		if !ok {
			s.fail(badEscape, at)
			return
		}
		code = code<<4 | d
		s.skip(1)
	}
	if code < 0 || code > unicode.MaxRune || code >= 0xd800 && code <= 0xdfff {
		s.fail(badEscape, at)
	}
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10, true
	}
	return 0, false
}

// scanBlock scans a scalar that starts with | or >.
func (s *scanner) scanBlock(style byte) {
	sc := scalarSpan{style: style, at: s.mark}
	s.skip(1)
	indent := 0
	for range 2 { // a digit and a sign, in any order
		switch c := s.peek(0); {
		case c >= '1' && c <= '9' && indent == 0:
			indent = max(s.indent(), 0) + int(c-'0')
			s.skip(1)
		case (c == '+' || c == '-') && (s.offset == sc.at.offset+1 || indent > 0):
			s.skip(1)
		}
	}
	for isBlank(s.peek(0)) {
		s.skip(1)
	}
	if s.peek(0) == '#' {
		s.skipLine()
	}
	if !s.lineEnds(0) {
		s.fail(textAfterBlock, s.mark)
		return
	}
	s.skipBreak()
	indent = s.skipIndent(indent)
	sc.content, sc.end = s.mark, s.mark
	for s.fault == nil && s.column == indent && s.offset < len(s.data) {
		s.skipLine()
		sc.end = s.mark
		s.skipBreak()
		s.skipIndent(indent)
	}
	s.scalarRead(sc)
}

// skipIndent passes empty lines and the indentation of a block scalar, and returns how
// many columns that is. An indent of 0 is not known yet.
func (s *scanner) skipIndent(indent int) int {
	most := 0
	for {
		for (indent == 0 || s.column < indent) && s.peek(0) == ' ' {
			s.skip(1)
		}
		most = max(most, s.column)
		if (indent == 0 || s.column < indent) && s.peek(0) == '\t' {
			s.fail(foundTab, s.mark)
		}
		if s.breakSize(0) == 0 {
			break
		}
		s.skipBreak()
	}
	if indent == 0 {
		indent = max(most, s.indent()+1, 1)
	}
	return indent
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '-'
}

// skipWord passes letters, digits, _ and -, and returns them.
func (s *scanner) skipWord() string {
	start := s.offset
	for isWord(s.peek(0)) {
		s.skip(1)
	}
	return string(s.data[start:s.offset])
}

// scanAnchor scans an anchor or alias.
func (s *scanner) scanAnchor(c byte) {
	at := s.mark
	s.skip(1)
	name := s.skipWord()
	switch s.peek(0) {
	case '?', ':', ',', ']', '}', '%', '@', '`':
	default:
		if !s.wordEnds(0) {
			name = ""
		}
	}
	switch {
	case name == "":
		s.fail(badAnchor, at)
	case c == '&':
		s.defined["&"+name] = true
		s.insert(-1, token{kind: anchorToken, at: at})
	default:
		s.insert(-1, token{kind: aliasToken, at: at, undefined: !s.defined["&"+name]})
	}
}

// scanTag scans a tag: !<URI>, or a URI that can start with a handle.
func (s *scanner) scanTag() {
	at := s.mark
	s.skip(1)
	verbatim := s.peek(0) == '<'
	if verbatim {
		s.skip(1)
	}
	start := s.offset
	word, undefined := s.skipWord(), false
	if s.peek(0) == '!' && !verbatim {
		s.skip(1)
		start = s.offset
		undefined = word != "" && !s.defined["!"+word+"!"]
	}
	for s.inTag() {
		s.skip(1)
	}
	needed := verbatim || start > at.offset+1 // a lone ! is a tag
	if needed && s.offset == start || verbatim && s.peek(0) != '>' {
		s.fail(badTag, at)
	}
	if verbatim {
		s.skip(1)
	}
	if !s.wordEnds(0) {
		s.fail(badTag, at)
	}
	s.insert(-1, token{kind: tagToken, at: at, undefined: undefined})
}

// inTag reports whether the current character can be in a tag.
func (s *scanner) inTag() bool {
	c := s.peek(0)
	return isWord(c) || c != 0 && strings.IndexByte(";/?:@&=+$,.!~*'()[]%", c) >= 0
}

// scanDirective scans a line that starts with %.
func (s *scanner) scanDirective() {
	t := token{kind: directive, at: s.mark}
	s.skipLine()
	line, _, _ := strings.Cut(string(s.data[t.at.offset:s.offset]), " #")
	switch words := strings.Fields(line); {
	case len(words) == 2 && words[0] == "%YAML" && isVersion(words[1]):
		t.undefined = !slices.Contains([]string{"1.1", "1.01", "01.1", "01.01"}, words[1])
	case len(words) == 3 && words[0] == "%TAG":
		s.defined[words[1]] = true
	default:
		s.fail(badDirective, t.at)
	}
	s.insert(-1, t)
	s.skipBreak()
}

// isVersion reports whether word is two numbers of one or two digits with a dot between.
func isVersion(word string) bool {
	major, minor, found := strings.Cut(word, ".")
	return found && isShortNumber(major) && isShortNumber(minor)
}

func isShortNumber(word string) bool {
	return len(word) > 0 && len(word) <= 2 && strings.Trim(word, "0123456789") == ""
}
