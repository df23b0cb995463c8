package yamldoc

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The YAML package hangs comments on nodes by rules of its own, and loses some. So
// they are looked for in the text, and the nodes only say where text stands that
// is no comment, and where entries end.

// Comment is a comment of a document, to the end of its line.
type Comment struct {
	Text string // from "#" on
	Position
	First, Last int // lines of the key with its value, or of the item, that it stands at
}

// Comments finds the comments with a word, which is in lower case; the comment may spell
// it in any. It takes time in proportion to the document.
func (d *Document) Comments(word string) []Comment {
	// All but the first letter, which is the one most likely to be a capital.
	if d.Root == nil || !hasUTF16Mark(d.data) && !bytes.Contains(d.data, []byte(word[1:])) {
		return nil
	}
	lines := strings.Split(string(fromUTF16(d.data)), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	lines[0] = strings.TrimPrefix(lines[0], "\ufeff")
	s := &commentScan{lines: lines, ends: make(map[int]int), offsets: make(map[int][]int)}
	s.elements(d.Root, len(lines), 0)
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
		c.Last = max(c.First, s.ends[c.First])
		list = append(list, c)
	}
	return list
}

// commentScan knows where elements end, which are the keys of maps with their values
// and the items of lists, and where text stands that only looks like a comment. Lines count from 1, bytes of a line from 0.
type commentScan struct {
	lines    []string
	ends     map[int]int   // by the line where an element starts: the last line of the outermost one
	literals []span        // in the order of the document
	offsets  map[int][]int // by line: where each character starts, for lines with texts
	next     []int         // by line: the next one that holds more than a frame
}

// span is a range of places in a file, both ends included.
type span struct{ firstLine, firstByte, lastLine, lastByte int }

// elements notes where the elements of n end; last is the last line that can belong
// to n.
func (s *commentScan) elements(n *Node, last, depth int) {
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
		if s.ends[start.Line] == 0 { // the outermost element comes first
			s.ends[start.Line] = end
		}
		s.elements(n.Content[i+step-1], end, depth+1)
	}
}

// isFrame reports whether a line, before its comment, holds no element:
// nothing, or a mark that an item, a flow collection or the document begins.
func isFrame(line string) bool {
	return strings.Trim(line, " \t-{[") == ""
}

// contents fills next.
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

// comment is where the comment of a line starts, -1 if it has none.
func (s *commentScan) comment(line int) int {
	content := s.lines[line-1]
	for i := range len(content) {
		if content[i] == '#' && (i == 0 || content[i-1] == ' ' || content[i-1] == '\t') && !s.inText(line, i) {
			return i
		}
	}
	return -1
}

// texts notes the scalars of n that can hold a "#" behind a space. A block of text
// has at least the indent in it.
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

// byteOf is where n starts in its line, in bytes.
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

// quoted is the span of a text in quotes that starts at a place, which may be that
// of a tag or anchor before it.
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

// indented is the span of a block of text whose indicator stands on a line; its
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

// inText reports whether a place lies inside a text.
func (s *commentScan) inText(line, at int) bool {
	// The last text that starts before the place; texts do not overlap.
	i, _ := slices.BinarySearchFunc(s.literals, span{firstLine: line, firstByte: at}, func(x, place span) int {
		if x.firstLine < place.firstLine || x.firstLine == place.firstLine && x.firstByte <= place.firstByte {
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

// fromUTF16 gives data in UTF-8 if it carries the mark of UTF-16.
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
