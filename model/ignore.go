package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// ignoreMark starts a comment that silences rules: "# difygen:ignore RULE ...".
const ignoreMark = "difygen:ignore"

var ignoreRE = regexp.MustCompile(`(?:^|[ \t])(#[ \t]*` + ignoreMark + `)(?:[ \t]+([^\r\n]*))?`)

// ignore is one rule that a comment silences over the entry it stands at.
type ignore struct {
	rule        Rule
	pos         Position // of the comment
	first, last int      // lines of the entry
	used        bool
}

// silencer holds the comments of a file that silence rules.
type silencer []*ignore

// Silence drops the warnings of ds that a comment "# difygen:ignore RULE" in their
// file silences: at the end of an entry's first line, or above it, for the whole
// entry. A comment for one of rules that has matched nothing so far gives a
// warning itself. Errors cannot be silenced.
func (s silencer) Silence(ds Diagnostics, rules ...Rule) Diagnostics {
	if len(s) == 0 {
		return ds
	}
	ds = slices.DeleteFunc(ds, func(d Diagnostic) bool {
		silenced := false
		for _, ig := range s {
			if d.Severity == SeverityWarning && d.Pos.File == ig.pos.File && ig.rule == d.Rule && ig.first <= d.Pos.Line && d.Pos.Line <= ig.last {
				ig.used, silenced = true, true
			}
		}
		return silenced
	})
	for _, ig := range s {
		if !ig.used && slices.Contains(rules, ig.rule) {
			ds = append(ds, Diagnostic{
				Pos: ig.pos, Severity: SeverityWarning, Rule: RuleUnusedIgnore,
				Message: fmt.Sprintf("no warning of the rule %s to ignore here", ig.rule),
			})
		}
	}
	return ds
}

// silencer finds the comments of a document that silence rules, and reports those
// that name none.
func (r *reporter) silencer(data []byte, root *yaml.Node) silencer {
	data = fromUTF16(data)
	if root == nil || !bytes.Contains(data, []byte(ignoreMark)) {
		return nil
	}
	lines := strings.Split(string(data), "\n")
	s := &entryScan{lines: lines, ends: make(map[int]int)}
	s.entries(root, len(lines), 0)
	s.texts(root, 0, 0)
	var list silencer
	for i, line := range lines {
		m := ignoreRE.FindStringSubmatchIndex(line)
		if m == nil || s.inText(i+1, m[2]) {
			continue
		}
		pos := Position{File: r.file, Line: i + 1, Column: utf8.RuneCountInString(strings.TrimPrefix(line[:m[2]], "\ufeff")) + 1}
		first := pos.Line
		if strings.TrimSpace(strings.TrimPrefix(line[:m[2]], "\ufeff")) == "" {
			first = s.below(pos.Line)
		}
		for _, rule := range r.ignoredRules(pos, line[max(m[4], 0):max(m[5], 0)]) {
			list = append(list, &ignore{rule: rule, pos: pos, first: first, last: max(first, s.ends[first])})
		}
	}
	return list
}

// ignoredRules are the rules that a comment at pos names, in any number. What
// follows another "#" or "--" is the author's reason.
func (r *reporter) ignoredRules(pos Position, words string) []Rule {
	var rules []Rule
	named := false
	for word := range strings.FieldsFuncSeq(words, func(c rune) bool { return unicode.IsSpace(c) || c == ',' }) {
		if strings.HasPrefix(word, "#") || word == "--" {
			break
		}
		named = true
		if rule := Rule(word); slices.Contains(ignorable, rule) {
			rules = append(rules, rule)
			continue
		}
		r.add(pos, SeverityWarning, RuleUnusedIgnore, nearest(word, ignorable), fmt.Sprintf("no warning has the rule %s", text.Name(word)))
	}
	if !named {
		r.warnf(pos, RuleUnusedIgnore, "say what to ignore: # %s RULE", ignoreMark)
	}
	return rules
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

// entryScan knows where entries end and where text stands that only looks like a
// comment.
type entryScan struct {
	lines []string
	ends  map[int]int // by the line where an entry starts: the last line of the outermost one
	quote []span
	block []span // whole lines
}

// span is a range of places in a file; columns count bytes from 0.
type span struct{ firstLine, firstColumn, lastLine, lastColumn int }

// entries notes the entries of n, the key-value pairs of maps and the items of
// lists; last is the last line that can belong to n.
func (s *entryScan) entries(n *yaml.Node, last, depth int) {
	if depth > maxDepth {
		return
	}
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		start, end := n.Content[i], last
		if i+step < len(n.Content) {
			end = max(n.Content[i+step].Line-1, start.Line)
		}
		// The outermost entry comes first. It is the document's only if the
		// document is one list or map on a line.
		if s.ends[start.Line] == 0 {
			s.ends[start.Line] = end
		}
		s.entries(n.Content[i+step-1], end, depth+1)
	}
}

// below is the first line after a line of comments that is not blank.
func (s *entryScan) below(line int) int {
	for line < len(s.lines) {
		line++
		if rest := strings.TrimSpace(s.lines[line-1]); rest != "" && rest[0] != '#' {
			return line
		}
	}
	return line
}

// texts notes the scalars of n that can hold a "#" behind a space. A block of text
// has at least the indent in it.
func (s *entryScan) texts(n *yaml.Node, indent, depth int) {
	if depth > maxDepth {
		return
	}
	switch line, column := n.Line, s.byteColumn(n); {
	case n.Kind != yaml.ScalarNode || line < 1 || line > len(s.lines):
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		s.quote = append(s.quote, s.quoted(line, column))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.block = append(s.block, s.indented(line, indent))
	}
	for i, c := range n.Content {
		indent := n.Column
		if n.Kind == yaml.MappingNode {
			indent = n.Content[i&^1].Column
		}
		s.texts(c, indent, depth+1)
	}
}

// byteColumn is where n starts in its line, in bytes.
func (s *entryScan) byteColumn(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(s.lines) {
		return 0
	}
	line := s.lines[n.Line-1]
	mark := len(line) - len(strings.TrimPrefix(line, "\ufeff"))
	column := 0
	for i := range line[mark:] {
		if column++; column == n.Column {
			return mark + i
		}
	}
	return len(line)
}

// quoted is the span of a text in quotes that starts at a place, which may be that
// of a tag or anchor before it.
func (s *entryScan) quoted(line, column int) span {
	at := span{line, column, line, column}
	quote := byte(0)
	for ; at.lastLine <= len(s.lines); at.lastLine, at.lastColumn = at.lastLine+1, 0 {
		text := s.lines[at.lastLine-1]
		for ; at.lastColumn < len(text); at.lastColumn++ {
			c := text[at.lastColumn]
			switch {
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			case quote == '"' && c == '\\':
				at.lastColumn++
			case quote != 0 && c == quote:
				if quote == '\'' && strings.HasPrefix(text[at.lastColumn+1:], "'") {
					at.lastColumn++
					continue
				}
				return at
			}
		}
	}
	return at
}

// indented is the span of a block of text whose indicator stands on a line; its
// text is indented by least or more.
func (s *entryScan) indented(line, least int) span {
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
	return span{firstLine: line + 1, lastLine: last}
}

// inText reports whether a place lies inside a text.
func (s *entryScan) inText(line, column int) bool {
	in := func(x span) bool {
		afterStart := line > x.firstLine || line == x.firstLine && column > x.firstColumn
		beforeEnd := line < x.lastLine || line == x.lastLine && column < x.lastColumn
		return afterStart && beforeEnd
	}
	whole := func(x span) bool { return x.firstLine <= line && line <= x.lastLine }
	return slices.ContainsFunc(s.quote, in) || slices.ContainsFunc(s.block, whole)
}
