package yamldoc

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// Reading often stops after the position where the author went wrong: a quote that is not
// closed ends at the next quote, and a key with the wrong indentation can fit, but not the
// key after it. So this file tries what the author may have meant. The repair that lets
// reading go on furthest is where the fault is.

// repair is one change.
type repair struct {
	kind       repairKind
	at         mark   // the position to name
	related    mark   // the opening quote or bracket, or the line to indent like
	start, end int    // the bytes to replace
	insert     string // what replaces them
}

type repairKind int

const (
	closeQuote repairKind = iota
	dropQuote
	addQuote
	closeFlow
	dropFlow
	addColon
	addSpace
	indentLine
)

const (
	maxRepaired = 256 << 10 // bounds the size of a file to repair
	minGain     = 2         // how many lines beyond the fault a repair must at least let reading go on
	maxNested   = 8         // how many of the innermost levels are tried
	maxLines    = 200       // how many lines are searched for the end of a scalar or flow
)

// search collects repairs of a text whose first fault is known.
type search struct {
	data   []byte
	fault  *fault
	before *scanner // stopped before the line of the fault
	list   []repair
}

// bestRepair returns the repair that reads furthest beyond the fault of s. Of several, it
// takes the one that makes the most sense, and of these the first.
func bestRepair(s *scanner) (best repair, ok bool) {
	f := s.fault
	if len(s.data) > maxRepaired || f.problem.certain() {
		return repair{}, false
	}
	x := &search{data: s.data, fault: f, before: read(s.data, f.at.line)}
	x.quotes()
	x.flows()
	if !s.inLine() {
		x.texts()
		x.gaps()
		if f.problem == missingColon || x.aligned() {
			x.colons()
		}
		x.indents()
		x.colons()
	}
	least := x.least()
	reach, sense := f.at.line+minGain, 0
	for _, r := range x.list {
		after := read(r.apply(s.data), math.MaxInt)
		if r.kind == indentLine && after.elements < least {
			continue
		}
		if got, sensible := after.reach(), after.sense()+r.bias(); got > reach || got == reach && ok && sensible > sense {
			best, ok, reach, sense = r, true, got, sensible
		}
	}
	return best, ok
}

// apply returns a copy of data with the repair.
func (r repair) apply(data []byte) []byte {
	return append(append(data[:r.start:r.start], r.insert...), data[r.end:]...)
}

// aligned reports whether the line of the fault starts below the plain scalar before it,
// which is alone on its line: if so, it is a key and that one should be, too.
func (x *search) aligned() bool {
	if x.before.last.style != 0 {
		return false
	}
	_, content := contentOf(x.data, x.before.last.at.offset)
	start, own := contentOf(x.data, x.fault.at.offset)
	return content == x.before.last.at.offset && own-start == x.before.last.at.column
}

// least returns how many keys and items there must be after lines are indented
// differently, so that what was meant as one does not become text.
func (x *search) least() int {
	start, end := lineOf(x.data, x.fault.at.offset)
	line := strings.TrimSpace(string(x.data[start:end])) + " "
	if !strings.HasPrefix(line, "- ") && !strings.Contains(line, ": ") {
		return 0
	}
	without := repair{start: start, end: end}
	return read(without.apply(x.data), math.MaxInt).elements + 1
}

// bias returns how much more sense the repair makes than what is read after it shows: a
// lone quote speaks for the other one, and a colon or a dash for the space after it, but a
// key that is only assumed counts for nothing.
func (r repair) bias() int {
	switch r.kind {
	case addQuote, addSpace:
		return 2
	case addColon:
		return -1
	}
	return 0
}

// certain reports whether the position of a problem is where the author went wrong.
func (p problem) certain() bool {
	return p == foundTab || p == unknownAnchor || p == badDirective || p == otherVersion || p == missingStart || p == tooDeep
}

// inLine reports whether the fault lies within its line, so that the indentation of lines
// and the ends of those before have nothing to do with it.
func (s *scanner) inLine() bool {
	f := s.fault
	switch f.problem {
	case misfit, missingComma:
		_, content := contentOf(s.data, f.at.offset)
		return f.at.offset > content
	case missingColon, openQuote:
		return false
	case misplacedColon:
		return s.last.at.line == f.at.line
	}
	return true
}

// reach returns the line before which all is well.
func (s *scanner) reach() int {
	f := s.fault
	switch {
	case f == nil:
		return math.MaxInt
	case f.problem == openQuote:
		return f.open.line
	case len(s.flows) > 0:
		return s.flows[0].at.line
	case len(s.quotes) > 0 && s.quotes[len(s.quotes)-1].end.line == f.at.line:
		return s.quotes[len(s.quotes)-1].at.line
	}
	return f.at.line
}

// sense returns how much of a text looks as authors mean it: keys and items, but no keys
// without a value, and no levels that are indented differently from most.
func (s *scanner) sense() int {
	n := s.elements - s.empty
	for _, counts := range s.steps {
		most := 0
		for _, c := range counts {
			n -= c
			most = max(most, c)
		}
		n += most
	}
	return n
}

func (x *search) add(r repair) { x.list = append(x.list, r) }

// quotes adds repairs of quoted scalars that seem to go on for too long: they end at the
// fault, or contain what looks like a key or an item.
func (x *search) quotes() {
	for _, q := range x.before.quotes {
		last, stop := x.extent(q.at)
		if stop > q.end.line && q.end.line < x.fault.at.line {
			continue
		}
		for _, at := range []mark{last, q.at} {
			_, end := lineOf(x.data, at.offset)
			text := strings.TrimRight(string(x.data[at.offset:end]), " \t")
			for _, n := range []int{len(text), len(strings.TrimRight(text, "]}, \t"))} {
				x.add(repair{closeQuote, at, q.at, at.offset + n, at.offset + n, string(q.style)})
			}
		}
		x.add(repair{dropQuote, q.at, q.at, q.at.offset, q.at.offset + 1, ""})
	}
}

// flows adds repairs of the flow collections that are open at the fault.
func (x *search) flows() {
	open := x.before.flows
	for i := range open[:min(len(open), maxNested)] {
		closers := ""
		for _, f := range open[i:min(len(open), i+maxNested)] {
			closers = string(f.end) + closers
		}
		at := open[i].at
		last, _ := x.extent(at)
		for _, end := range []mark{last, at} {
			_, lineEnd := lineOf(x.data, end.offset)
			x.add(repair{closeFlow, end, at, lineEnd, lineEnd, closers})
		}
		x.add(repair{dropFlow, at, at, at.offset, at.offset + 1, ""})
	}
}

// extent returns the last line that can belong to what starts at a position, and the line
// after: one with a key or an item that is not indented further.
func (x *search) extent(at mark) (last mark, stop int) {
	start, content := contentOf(x.data, at.offset)
	indent := content - start
	last, stop = at, at.line+1
	for pos := x.after(at.offset); pos < len(x.data) && stop <= at.line+maxLines; pos = x.after(pos) {
		_, end := lineOf(x.data, pos)
		text := x.data[pos:end]
		width := indentOf(text)
		if width <= indent && isElement(text[width:]) {
			return last, stop
		}
		if len(text) > 0 {
			last = mark{offset: pos + width, line: stop, column: width}
		}
		stop++
	}
	return last, math.MaxInt
}

// after returns where the line after that of a byte starts.
func (x *search) after(offset int) int {
	_, end := lineOf(x.data, offset)
	if bytes.HasPrefix(x.data[end:], []byte("\r\n")) {
		end++
	}
	return end + 1
}

// texts adds the repair of a plain scalar that ends with a quote, but does not start with
// one.
func (x *search) texts() {
	at := x.before.last.at
	if x.before.last.style != 0 || len(x.before.levels) == 0 {
		return
	}
	last, _ := x.extent(at)
	_, end := lineOf(x.data, last.offset)
	if text := bytes.TrimRight(x.data[at.offset:end], " \t"); bytes.HasSuffix(text, []byte(`'`)) || bytes.HasSuffix(text, []byte(`"`)) {
		x.add(repair{addQuote, at, at, at.offset, at.offset, string(text[len(text)-1])})
	}
}

// colons adds repairs that make the first word of a line a key: of the line of the fault,
// and of that where the plain scalar before starts.
func (x *search) colons() {
	for _, at := range x.starts() {
		start, content := contentOf(x.data, at.offset)
		if end := wordEnd(x.data, content); end > content {
			x.add(repair{addColon, mark{offset: content, line: at.line, column: content - start}, at, end, end, ":"})
		}
	}
}

// gaps adds repairs that put a space after a colon or a dash at the start of a line.
func (x *search) gaps() {
	for _, at := range x.starts() {
		start, content := contentOf(x.data, at.offset)
		end := content
		if !bytes.HasPrefix(x.data[content:], []byte("-")) {
			if end = wordEnd(x.data, content); end == content || !bytes.HasPrefix(x.data[end:], []byte(":")) {
				continue
			}
		}
		if end++; end < len(x.data) && !bytes.ContainsRune([]byte(" -:\r\n"), rune(x.data[end])) {
			x.add(repair{addSpace, mark{offset: content, line: at.line, column: content - start}, at, end, end, " "})
		}
	}
}

// starts returns positions in the lines that could start with a key that is written wrong: the
// fault, and the plain scalar before it.
func (x *search) starts() []mark {
	marks := []mark{x.fault.at}
	if x.before.last.style == 0 {
		marks = append(marks, x.before.last.at)
	}
	return marks
}

// indents adds repairs that indent the line of the fault like a line above, and those that
// indent a line above like that of the fault, or like a line above it.
func (x *search) indents() {
	start, end := lineOf(x.data, x.fault.at.offset)
	column := indentOf(x.data[start:end])
	here := mark{offset: start + column, line: x.fault.at.line, column: column}
	for _, t := range x.before.targets() {
		x.indent(here, t.column-column, t.like)
	}
	if x.fault.problem == missingColon {
		return
	}
	for _, l := range x.before.innermost() {
		x.indent(l.last, column-l.column, here)
		x.indent(l.first, column-l.column, here)
		for _, t := range read(x.data, l.last.line).targets() {
			x.indent(l.last, t.column-l.column, t.like)
		}
	}
	if x.before.last.block() {
		content := x.before.last.content
		x.indent(content, column-content.column, here)
	}
}

// target is a column that a line can be indented to, like another line.
type target struct {
	column int
	like   mark
}

// targets returns the columns where the next line can start: that of the text before,
// those of the innermost levels, and that of a level in the last key.
func (s *scanner) targets() []target {
	var list []target
	if s.last.block() {
		list = append(list, target{s.last.content.column, s.last.content})
	}
	levels := s.innermost()
	for _, l := range levels {
		list = append(list, target{l.column, l.last})
	}
	if len(levels) > 0 {
		list = append(list, target{levels[0].column + s.usualStep(), levels[0].last})
	}
	return list
}

// usualStep returns by how many columns maps in maps are indented most often.
func (s *scanner) usualStep() int {
	usual := 2
	for step, n := range s.steps[0] {
		if n > s.steps[0][usual] && step > 0 {
			usual = step
		}
	}
	return usual
}

// innermost returns the innermost levels, from the inside out.
func (s *scanner) innermost() []level {
	levels := slices.Clone(s.levels[max(0, len(s.levels)-maxNested):])
	slices.Reverse(levels)
	return levels
}

func (s scalarSpan) block() bool { return s.style == '|' || s.style == '>' }

// indent adds the repair that indents the line of a position by more or fewer columns.
func (x *search) indent(at mark, more int, like mark) {
	start, end := lineOf(x.data, at.offset)
	width := indentOf(x.data[start:end])
	if more == 0 || width+more < 0 {
		return
	}
	at = mark{offset: start + width, line: at.line, column: width}
	x.add(repair{indentLine, at, like, start, start + width, strings.Repeat(" ", width+more)})
}
