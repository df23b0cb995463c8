package yamldoc

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// The YAML package attaches comments to nodes by its own rules and loses some of them.
// So this file searches the text. Nodes only tell where a scalar looks like a comment,
// and where elements end.

// Comment is a comment of a document, to the end of its line.
type Comment struct {
	Text string // from "#" on
	Position
	First, Last int      // lines of the element that it belongs to: a key with its value, or an item
	Element     Position // where that element starts; the zero Position if none starts in line First
}

// Comments returns the comments that contain a word, in upper or lower case. The word must
// be in lower case. The time is proportional to the size of the document.
func (d *Document) Comments(word string) []Comment {
	// All but the first letter, which is the one most likely to be a capital.
	if d.Root == nil || !hasUTF16Mark(d.data) && !bytes.Contains(d.data, []byte(word[1:])) {
		return nil
	}
	lines := text.SourceLines(string(plainText(d.data)))
	s := &commentScan{lines: lines, elements: make(map[int]element), offsets: make(map[int][]int)}
	s.find(d.Root, len(lines), 0)
	s.texts(d.Root, 0, 0)
	s.contents()
	var list []Comment
	for i, line := range lines {
		if !strings.Contains(strings.ToLower(line), word) {
			continue
		}
		start := s.comment(i + 1)
		if start < 0 {
			continue
		}
		c := Comment{Text: line[start:], Position: Position{i + 1, utf8.RuneCountInString(line[:start]) + 1}, First: i + 1}
		if isFrame(line[:start]) {
			c.First = s.next[i+1]
		}
		e := s.elements[c.First]
		c.Element, c.Last = e.Position, max(c.First, e.last)
		list = append(list, c)
	}
	return list
}

// commentScan knows where elements end, which are the keys of mappings with their values
// and the items of lists, and which text only looks like a comment. Lines count from 1,
// and the bytes of a line from 0.
type commentScan struct {
	lines    []string
	elements map[int]element // by first line: the outermost element that starts there
	literals []span          // scalars that can contain "#", in the order of the document
	offsets  map[int][]int   // by line with such scalars: where each character starts
	next     []int           // by line: the next line that is more than a frame
}

// element is a key of a mapping with its value, or an item of a list.
type element struct {
	Position
	last int // line
}

// span is a range of bytes in a file. It includes both ends.
type span struct{ firstLine, firstByte, lastLine, lastByte int }

// find records the elements of n. Last is the last line that can belong to n.
func (s *commentScan) find(n *Node, last, depth int) {
	if depth > maxDepth {
		return
	}
	step := 1
	if n.Kind == Mapping {
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		start, end := n.Content[i], last
		if i+step < len(n.Content) {
			end = max(n.Content[i+step].Line-1, start.Line)
		}
		if _, known := s.elements[start.Line]; !known { // the outermost element comes first
			s.elements[start.Line] = element{At(start), end}
		}
		s.find(n.Content[i+step-1], end, depth+1)
	}
}

// isFrame reports whether a line, up to its comment, contains no element: it is empty, or
// only starts an item, a flow collection or the document.
func isFrame(line string) bool {
	return strings.Trim(line, " \t-{[") == ""
}

// contents sets next.
func (s *commentScan) contents() {
	s.next = make([]int, len(s.lines)+1)
	next := len(s.lines)
	for line := len(s.lines); line > 0; line-- {
		s.next[line] = next
		if before, _, _ := strings.Cut(s.lines[line-1], "#"); !isFrame(before) {
			next = line
		}
	}
}

// comment returns where the comment of a line starts, or -1 if the line has none.
func (s *commentScan) comment(line int) int {
	content := s.lines[line-1]
	for i := range len(content) {
		if content[i] == '#' && (i == 0 || content[i-1] == ' ' || content[i-1] == '\t') && !s.inText(line, i) {
			return i
		}
	}
	return -1
}

// texts records the scalars in n that can contain a "#" after a space. The lines of a
// block scalar have at least the given indent.
func (s *commentScan) texts(n *Node, indent, depth int) {
	if depth > maxDepth {
		return
	}
	switch {
	case n.Kind != Scalar || n.Line < 1 || n.Line > len(s.lines):
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		s.literals = append(s.literals, s.quoted(n.Line, s.byteOf(n)))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.literals = append(s.literals, s.indented(n.Line, indent))
	}
	for i, c := range n.Content {
		indent := n.Column
		if n.Kind == Mapping {
			indent = n.Content[i&^1].Column
		}
		s.texts(c, indent, depth+1)
	}
}

// byteOf returns the byte of its line at which n starts.
func (s *commentScan) byteOf(n *Node) int {
	offsets, ok := s.offsets[n.Line]
	if !ok {
		for i := range s.lines[n.Line-1] {
			offsets = append(offsets, i)
		}
		s.offsets[n.Line] = offsets
	}
	if n.Column < 1 || n.Column > len(offsets) {
		return len(s.lines[n.Line-1])
	}
	return offsets[n.Column-1]
}

// quoted returns the span of a quoted scalar. It starts at the given byte, or after a tag
// or an anchor there.
func (s *commentScan) quoted(line, start int) span {
	at := span{line, start, line, start}
	quote := byte(0)
	for ; at.lastLine <= len(s.lines); at.lastLine, at.lastByte = at.lastLine+1, 0 {
		text := s.lines[at.lastLine-1]
		for ; at.lastByte < len(text); at.lastByte++ {
			c := text[at.lastByte]
			switch {
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			case quote == '"' && c == '\\':
				at.lastByte++
			case quote == '\'' && c == quote && strings.HasPrefix(text[at.lastByte+1:], "'"):
				at.lastByte++
			case quote != 0 && c == quote:
				return at
			}
		}
	}
	return at
}

// indented returns the span of a block scalar whose indicator is on the given line. Its
// text is indented by least or more.
func (s *commentScan) indented(line, least int) span {
	indent, last := -1, line
	for i := line; i < len(s.lines); i++ {
		rest := strings.TrimLeft(s.lines[i], " ")
		if strings.TrimSpace(rest) == "" {
			continue
		}
		width := len(s.lines[i]) - len(rest)
		if indent < 0 {
			indent = max(width, least)
		}
		if width < indent {
			break
		}
		last = i + 1
	}
	return span{firstLine: line + 1, lastLine: last + 1, lastByte: -1}
}

// inText reports whether a byte of a line is inside a scalar.
func (s *commentScan) inText(line, at int) bool {
	// Scalars do not overlap, so only the last one that starts before it can contain it.
	i, _ := slices.BinarySearchFunc(s.literals, span{firstLine: line, firstByte: at}, func(x, y span) int {
		if x.firstLine < y.firstLine || x.firstLine == y.firstLine && x.firstByte <= y.firstByte {
			return -1
		}
		return 1
	})
	if i == 0 {
		return false
	}
	x := s.literals[i-1]
	return line < x.lastLine || line == x.lastLine && at <= x.lastByte
}

// fromUTF16 converts data to UTF-8 if it starts with the byte order mark of UTF-16.
func fromUTF16(data []byte) []byte {
	if !hasUTF16Mark(data) {
		return data
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 0xfe {
		order = binary.BigEndian
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
