package yamldoc

import "slices"

// The YAML package says whether a file has a syntax error, but often not where: it names
// the start of the surrounding map, or the line before. So a file that it refused is read
// a second time, by the same rules, to find where reading stops. The scanner makes tokens;
// the grammar checks their order.

// token is a token of YAML. Scalars have no value, since only their position matters.
type token struct {
	kind      tokenKind
	at        mark
	undefined bool // of an alias, or of a tag with a handle: whether nothing defines it; of a version: whether it is not 1.1
	key       int  // 1 + the index in keys of the key that it may start, or 0
}

type tokenKind byte

const (
	streamEnd tokenKind = iota
	directive
	documentStart
	documentEnd
	sequenceStart // of a block
	mappingStart  // of a block
	blockEnd
	flowSequenceStart
	flowSequenceEnd
	flowMappingStart
	flowMappingEnd
	blockEntry
	flowEntry
	keyToken
	valueToken
	aliasToken
	anchorToken
	tagToken
	scalarToken
)

// mark is a position in the text. Line and column count from 0; column and index count
// characters.
type mark struct{ offset, index, line, column int }

// level is an open map or list in block style.
type level struct {
	column      int
	first, last mark // its first and its latest key or "-"
	list        bool
}

// flow is an open map or list in flow style.
type flow struct {
	at  mark
	end byte // the bracket that closes it
}

// simpleKey is a scalar or flow collection that is a key if ":" follows.
type simpleKey struct {
	possible, required bool
	number             int // of its token
	at                 mark
}

// scalarSpan is a scalar that has been read.
type scalarSpan struct {
	style   byte // the character that it starts with: ' " | > or 0 for a plain one
	at, end mark
	content mark // of a block scalar: the first character of its text
}

// scanner splits text into tokens, as the YAML package does. It stops at a fault, or
// before the first token on line limit or later.
type scanner struct {
	data  []byte
	limit int
	mark

	levels     []level
	flows      []flow
	keys       []simpleKey // one for the block and for each flow
	keyAllowed bool        // whether a key can start here
	saved      int         // 1 + the index in keys of the key that the next token may start
	broken     bool        // whether only blanks follow the last line break

	queue []token
	space []token // for a queue that was empty
	taken int     // how many tokens have left the queue

	fault   *fault
	stopped bool
	later   bool // whether the first document is over

	last     scalarSpan      // the latest
	quotes   []scalarSpan    // the latest quoted ones of more than one line
	defined  map[string]bool // anchors, as &NAME, and handles of tags, as !NAME!
	elements int             // how many keys and items there are
	empty    int             // how many keys have no value
	steps    [4][maxStep]int // how often a level is indented by a number of columns, by what it is in what
}

const (
	maxStep   = 16
	maxQuotes = 3 // how many quoted scalars are kept
	maxKey    = 1024
)

func newScanner(data []byte, limit int) *scanner {
	return &scanner{data: data, limit: limit, keys: make([]simpleKey, 1), keyAllowed: true, space: make([]token, 0, 16), defined: make(map[string]bool)}
}

// indent returns the column of the innermost level, or -1.
func (s *scanner) indent() int {
	if len(s.levels) == 0 {
		return -1
	}
	return s.levels[len(s.levels)-1].column
}

// peek returns the byte n after the current one, or 0 at the end.
func (s *scanner) peek(n int) byte {
	if i := s.offset + n; i < len(s.data) {
		return s.data[i]
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// breakSize returns the size of the line break n bytes after the current one, or 0.
func (s *scanner) breakSize(n int) int {
	switch c := s.peek(n); {
	case c == '\r' && s.peek(n+1) == '\n':
		return 2
	case c == '\r' || c == '\n':
		return 1
	case c == 0xc2 && s.peek(n+1) == 0x85:
		return 2
	case c == 0xe2 && s.peek(n+1) == 0x80 && (s.peek(n+2) == 0xa8 || s.peek(n+2) == 0xa9):
		return 3
	}
	return 0
}

// lineEnds reports whether a line break or the end of the text is n bytes after the
// current one.
func (s *scanner) lineEnds(n int) bool { return s.offset+n >= len(s.data) || s.breakSize(n) > 0 }

// wordEnds is like lineEnds, but also true for a space or tab.
func (s *scanner) wordEnds(n int) bool { return isBlank(s.peek(n)) || s.lineEnds(n) }

// skip passes n characters that are not line breaks.
func (s *scanner) skip(n int) {
	for ; n > 0 && s.offset < len(s.data); n-- {
		c := s.data[s.offset]
		if !isBlank(c) {
			s.broken = false
		}
		s.offset++
		for s.offset < len(s.data) && c >= 0xc0 && s.data[s.offset]&0xc0 == 0x80 {
			s.offset++
		}
		s.index++
		s.column++
	}
}

// skipBreak passes a line break, if there is one.
func (s *scanner) skipBreak() {
	if n := s.breakSize(0); n > 0 {
		s.offset += n
		s.index++
		s.line++
		s.column = 0
		s.broken = true
	}
}

// skipLine passes the rest of the line.
func (s *scanner) skipLine() {
	for !s.lineEnds(0) {
		s.skip(1)
	}
}

// next returns the next token without taking it. It is false after a fault.
func (s *scanner) next() (token, bool) {
	for s.fault == nil && !s.stopped && (len(s.queue) == 0 || s.undecided()) {
		s.fetch()
	}
	if s.fault != nil || s.stopped {
		return token{}, false
	}
	return s.queue[0], true
}

// undecided reports whether the first token of the queue can still turn out to be a key.
func (s *scanner) undecided() bool {
	i := s.queue[0].key - 1
	return i >= 0 && i < len(s.keys) && s.keys[i].number == s.taken && s.valid(&s.keys[i])
}

func (s *scanner) take() {
	s.taken++
	if s.queue = s.queue[1:]; len(s.queue) == 0 {
		s.queue = s.space
	}
}

// insert inserts a token before the one with a number, or at the end of the queue if
// number is negative.
func (s *scanner) insert(number int, t token) {
	if number >= 0 {
		s.queue = slices.Insert(s.queue, number-s.taken, t)
		return
	}
	t.key, s.saved = s.saved, 0
	s.queue = append(s.queue, t)
}

// fetch adds at least one token to the queue, or sets fault or stopped.
func (s *scanner) fetch() {
	s.skipBlanks()
	if s.stopped = s.line >= s.limit; s.stopped {
		return
	}
	s.unroll(s.column)
	marker := s.marker()
	switch c := s.peek(0); {
	case s.offset >= len(s.data):
		if s.column > 0 { // a key ends with its line
			s.line++
			s.column = 0
		}
		s.unroll(-1)
		s.dropKey()
		s.keyAllowed = false
		s.insert(-1, token{kind: streamEnd, at: s.mark})
	case s.column == 0 && c == '%':
		s.unroll(-1)
		s.dropKey()
		s.keyAllowed = false
		s.scanDirective()
	case marker:
		s.fetchMarker()
	default:
		s.fetchContent(c)
	}
}

// marker reports whether the text continues with "---" or "..." at the start of a line.
func (s *scanner) marker() bool {
	c := s.peek(0)
	return s.column == 0 && (c == '-' || c == '.') && s.peek(1) == c && s.peek(2) == c && s.wordEnds(3)
}

func (s *scanner) fetchMarker() {
	s.unroll(-1)
	s.dropKey()
	s.keyAllowed = false
	kind := documentStart
	if s.peek(0) == '.' {
		kind = documentEnd
	}
	s.insert(-1, token{kind: kind, at: s.mark})
	s.skip(3)
}

// fetchContent fetches a token that starts with c and is not a marker.
func (s *scanner) fetchContent(c byte) {
	inFlow := len(s.flows) > 0
	switch {
	case c == '[':
		s.openFlow(flowSequenceStart, ']')
	case c == '{':
		s.openFlow(flowMappingStart, '}')
	case c == ']':
		s.closeFlow(flowSequenceEnd)
	case c == '}':
		s.closeFlow(flowMappingEnd)
	case c == ',':
		s.dropKey()
		s.keyAllowed = true
		s.indicator(flowEntry)
	case c == '-' && s.wordEnds(1):
		s.fetchEntry()
		return // a comment after it is on the next element
	case c == '?' && (inFlow || s.wordEnds(1)):
		s.fetchKey()
	case c == ':' && (inFlow || s.wordEnds(1)):
		s.fetchValue()
	case c == '*' || c == '&':
		s.startScalar()
		s.scanAnchor(c)
	case c == '!':
		s.startScalar()
		s.scanTag()
	case (c == '|' || c == '>') && !inFlow:
		s.dropKey()
		s.keyAllowed = true
		s.scanBlock(c)
	case c == '\'' || c == '"':
		s.startScalar()
		s.scanQuoted(c)
	case s.plainStarts(c):
		s.startScalar()
		s.scanPlain()
	case c == '\t':
		s.fail(foundTab, s.mark)
	default:
		s.fail(foundIndicator, s.mark)
	}
	s.skipComment()
}

// plainStarts reports whether a plain scalar can start with c.
func (s *scanner) plainStarts(c byte) bool {
	switch c {
	case '-':
		return !isBlank(s.peek(1))
	case '?', ':':
		return len(s.flows) == 0 && !s.wordEnds(1)
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	}
	return !s.wordEnds(0)
}

// indicator adds a token of one character.
func (s *scanner) indicator(kind tokenKind) {
	s.insert(-1, token{kind: kind, at: s.mark})
	s.skip(1)
}

// skipBlanks passes blanks, comments and line breaks before a token.
func (s *scanner) skipBlanks() {
	for {
		for c := s.peek(0); c == ' ' || c == '\t' && (len(s.flows) > 0 || !s.keyAllowed); c = s.peek(0) {
			s.skip(1)
		}
		if s.peek(0) == '#' {
			s.skipComments()
		}
		if s.breakSize(0) == 0 {
			return
		}
		s.skipBreak()
		if len(s.flows) == 0 {
			s.keyAllowed = true
		}
	}
}

// skipComments passes a comment, and those on the next lines even if tabs indent them.
func (s *scanner) skipComments() {
	for {
		s.skipLine()
		end := s.mark
		for isBlank(s.peek(0)) || s.breakSize(0) > 0 {
			if s.breakSize(0) > 0 {
				s.skipBreak()
			} else {
				s.skip(1)
			}
		}
		if s.peek(0) != '#' {
			s.mark = end
			return
		}
	}
}

// skipComment passes a comment after a token, up to the end of the line.
func (s *scanner) skipComment() {
	if s.broken || s.fault != nil {
		return
	}
	n := 0
	for isBlank(s.peek(n)) {
		n++
	}
	if s.peek(n) == '#' {
		s.skipLine()
	}
}
