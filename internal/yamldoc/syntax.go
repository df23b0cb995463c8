package yamldoc

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
)

// problem is what is wrong at a position.
type problem int

const (
	misfit problem = iota // a token that cannot follow
	missingColon
	missingComma
	misplacedColon
	misplacedDash
	misplacedQuestion
	foundTab
	foundIndicator
	openQuote
	badEscape
	textAfterBlock
	badAnchor
	unknownAnchor
	badTag
	badDirective
	otherVersion
	missingStart
	tooDeep
)

// fault is where reading stopped.
type fault struct {
	problem problem
	at      mark
	open    mark // the quote that is not closed
}

// syntaxError explains an error of the parser. It names the position where the author went
// wrong, and keeps the line of the parser, which is the host's, where that differs.
func syntaxError(data []byte, err error) *Error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	hostLine, rest, ok := cutLine(message)
	if !ok {
		rest = message
		if e := unreadable(data, message); e != nil {
			return e
		}
	}
	if strings.ContainsAny(rest, "'`\"") { // it could name a value
		rest = "it cannot be parsed"
	}
	e := faultf(Syntax, Position{1, 1}, "not YAML: %s", rest)
	if s := read(plainText(data), math.MaxInt); s.fault != nil {
		at, found := s.explain()
		e = faultf(Syntax, s.position(at), "not YAML: %s", found)
	} else if ok {
		e.Position = Position{hostLine, 1}
	}
	if ok && hostLine != e.Line {
		e.Message += fmt.Sprintf(" (the host reports line %d)", hostLine)
	}
	return e
}

// explain returns where the fault of s is, and what to do about it.
func (s *scanner) explain() (mark, string) {
	if r, ok := bestRepair(s); ok {
		return r.at, r.message(s.data)
	}
	f := s.fault
	at := string(s.data[f.at.offset:min(len(s.data), f.at.offset+utf8.UTFMax)])
	switch f.problem {
	case foundTab:
		return f.at, "found a tab; indent with spaces"
	case openQuote:
		return f.open, fmt.Sprintf("the quote %c opened here is not closed", s.data[f.open.offset])
	case missingColon:
		return f.at, "a colon is missing after " + s.firstWord()
	case misplacedColon:
		return f.at, "found a colon in the text of a value; put the text in quotes, or the key on a line of its own"
	case misplacedDash:
		return f.at, "found a - that cannot start a list here; put it on a line of its own, or the text in quotes"
	case badEscape:
		return f.at, fmt.Sprintf("found %s, which double quotes do not allow; write \\\\ for a backslash, or use single quotes", firstRunes(at, 2))
	case textAfterBlock:
		return f.at, "found text after | or >; start it on the next line, or put text that starts with | or > in quotes"
	case unknownAnchor:
		return f.at, "this alias has no anchor; put text that starts with * in quotes"
	case otherVersion:
		return f.at, "the host reads version 1.1 of YAML only; remove this line"
	case missingStart:
		return f.at, "a line of --- is missing after the one that starts with %"
	case tooDeep:
		return f.at, fmt.Sprintf("nested deeper than %d levels", maxDepth)
	case misplacedQuestion, foundIndicator, badAnchor, badTag, badDirective:
		return f.at, fmt.Sprintf("found %[1]s; put text that starts with %[1]s in quotes", firstRunes(at, 1))
	}
	return s.explainMisfit()
}

// explainMisfit is explain for a token that cannot follow the one before.
func (s *scanner) explainMisfit() (mark, string) {
	at := s.fault.at
	c := byte(0)
	if at.offset < len(s.data) {
		c = s.data[at.offset]
	}
	before := bytes.TrimRight(s.data[:at.offset], " \t\r\n")
	start, content := contentOf(s.data, at.offset)
	switch {
	case c == 0 && len(s.flows) > 0:
		open := s.flows[len(s.flows)-1].at
		return open, fmt.Sprintf("the %c opened here is not closed", s.data[open.offset])
	case c == ']' || c == '}':
		return at, fmt.Sprintf("found %c without its opening bracket; put text with %[1]c in quotes", c)
	case c == ',':
		return at, "found a comma with nothing before it; put text that starts with a comma in quotes"
	case s.fault.problem == missingComma:
		return at, "a comma or a closing bracket is missing before this"
	case at.offset > content && len(before) > start && (before[len(before)-1] == '"' || before[len(before)-1] == '\''):
		return at, "found text after a closing quote; put the whole text in quotes, and escape quotes in it"
	case at.offset > content:
		return at, "found text that cannot follow here; put it in quotes"
	}
	return at, fmt.Sprintf("this line does not continue anything above; check its indentation of %s", spaces(indentOf(s.data[start:content])))
}

// message says what the repair is for, and what to do.
func (r repair) message(data []byte) string {
	opening := string(data[r.related.offset:min(len(data), r.related.offset+1)])
	from, to := r.end-r.start, len(r.insert)
	switch {
	case r.kind == addColon:
		s := &scanner{data: data, fault: &fault{at: r.at}}
		return "a colon is missing after " + s.firstWord()
	case r.kind == addSpace && data[r.start-1] == '-':
		return "a space is missing after the dash"
	case r.kind == addSpace:
		s := &scanner{data: data, fault: &fault{at: r.at}}
		return "a space is missing after the colon of " + s.firstWord()
	case r.kind == addQuote:
		return fmt.Sprintf("the text that starts here ends with a quote; add %s before it", r.insert)
	case r.kind == closeQuote && r.at.line == r.related.line, r.kind == dropQuote:
		return fmt.Sprintf("the quote %s opened here is not closed", opening)
	case r.kind == closeQuote:
		return fmt.Sprintf("the quote %s opened on line %d is not closed; add %[1]s at the end of this line", opening, r.related.line+1)
	case r.kind == closeFlow && r.at.line != r.related.line:
		return fmt.Sprintf("the %s opened on line %d is not closed; add %s at the end of this line", opening, r.related.line+1, r.insert)
	case r.kind == closeFlow, r.kind == dropFlow:
		return fmt.Sprintf("the %s opened here is not closed", opening)
	case r.at.line < r.related.line:
		return fmt.Sprintf("this line is indented by %s, so that line %d fits nothing; indent this line by %d", spaces(from), r.related.line+1, to)
	}
	return fmt.Sprintf("this line is indented by %s, which fits nothing above; indent it by %d to follow line %d", spaces(from), to, r.related.line+1)
}

func spaces(n int) string {
	if n == 1 {
		return "1 space"
	}
	return fmt.Sprintf("%d spaces", n)
}

// firstWord returns the first word of the line of the fault if it is a key elsewhere in the
// file, or else what to call it: a word of a value could be a secret.
func (s *scanner) firstWord() string {
	_, start := contentOf(s.data, s.fault.at.offset)
	word := string(s.data[start:wordEnd(s.data, start)])
	_, lineEnd := lineOf(s.data, start)
	isKey := func(text []byte) bool { return bytes.Contains(text, []byte(" "+word+": ")) }
	if word == "" || !isKey(s.data[:start]) && !isKey(s.data[lineEnd:]) {
		return "the key on this line"
	}
	return text.Name(word)
}

// firstRunes returns the first n characters of s, made visible.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return text.Line(s[:i])
		}
		n--
	}
	return text.Line(s)
}

// position returns the position of a mark, which is never behind the end of the text.
func (s *scanner) position(at mark) Position {
	if at.offset < len(s.data) {
		return Position{at.line + 1, at.column + 1}
	}
	return endOf(s.data)
}

// endOf returns the position behind the last character of data.
func endOf(data []byte) Position {
	s := newScanner(data, math.MaxInt)
	for s.offset < len(data) {
		if s.breakSize(0) > 0 {
			s.skipBreak()
		} else {
			s.skip(1)
		}
	}
	return Position{s.line + 1, s.column + 1}
}

// unreadable explains a message of the YAML package about characters or their encoding. It
// returns nil for other messages.
func unreadable(data []byte, message string) *Error {
	is := func(words ...string) bool {
		return !strings.HasPrefix(message, "found") && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(message, w) })
	}
	switch {
	case is("control characters"):
		plain := plainText(data)
		i := bytes.IndexFunc(plain, isControl)
		if i < 0 {
			return nil
		}
		c, _ := utf8.DecodeRune(plain[i:])
		return faultf(Syntax, endOf(plain[:i]), "not YAML: found the control character %U; remove it", c)
	case is("UTF-16", "low surrogate"):
		plain := plainText(data)
		i := bytes.IndexRune(plain, utf8.RuneError)
		if i < 0 {
			i = len(plain)
		}
		return faultf(Syntax, endOf(plain[:i]), "the file is not valid UTF-16; save it as UTF-8")
	case is("UTF-8", "invalid Unicode character"):
		valid := 0
		for valid < len(data) {
			c, size := utf8.DecodeRune(data[valid:])
			if c == utf8.RuneError && size == 1 {
				break
			}
			valid += size
		}
		return faultf(Syntax, endOf(plainText(data[:valid])), "the file is not valid UTF-8; save it as UTF-8")
	}
	return nil
}

// plainText returns data as UTF-8 without a byte order mark.
func plainText(data []byte) []byte {
	return bytes.TrimPrefix(fromUTF16(data), []byte("\ufeff"))
}

// isControl reports whether the YAML package refuses c.
func isControl(c rune) bool {
	return c < ' ' && c != '\t' && c != '\n' && c != '\r' || c >= 0x7f && c < 0xa0 && c != 0x85 || c == 0xfffe || c == 0xffff
}
