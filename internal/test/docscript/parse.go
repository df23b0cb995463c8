package docscript

import (
	"fmt"
	"regexp"
	"strings"
)

// block is a block of code in a document, or a mark that stands for itself.
type block struct {
	line int    // of its first line
	lang string // the word after the fence; "" if the block is indented
	text string // without the fence and the indentation; "" if there is only a mark
	lead string // the paragraph before it, on one line
	mark mark   // the comment before it, if it is one that says what becomes of the block
}

// mark is a comment, such as <!-- not run: needs an account -->.
type mark struct{ key, value string }

var (
	fenceRE = regexp.MustCompile("^( *)(```+)([a-z]*)$")
	itemRE  = regexp.MustCompile(`^( *)([-*]|\d+\.)( +)`)
	// headingRE matches headings and lines across, after which code can be indented without a blank line.
	headingRE = regexp.MustCompile(`^ {0,3}(?:#{1,6}(?:\s.*)?|=+\s*|(?:[-*_]\s*){2,})$`)
	// otherRE matches code in the forms that parse does not know.
	otherRE   = regexp.MustCompile("^(?:[\\s>]|[-*+]\\s|\\d+[.)]\\s)*(?:~~~|```)|^\\s*>\\s{5}|^[^`]*(?i:<pre\\b)")
	tabRE     = regexp.MustCompile(`^ *\t`)
	openRE    = regexp.MustCompile("^[^`]*<!--")
	commentRE = regexp.MustCompile(`^ *<!-- ([a-z][a-z ]*?)(?:: (.*))? -->$`)
)

// parse returns the blocks of a document in Markdown. It knows the forms that our documents
// use: fences without options, blocks indented by spaces, also in lists, and comments of one line.
// Code in other forms is an error.
func parse(text string) ([]block, error) {
	p := reader{lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")}
	for p.at < len(p.lines) {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	if p.mark != (mark{}) {
		return nil, fmt.Errorf("line %d: the mark %q is before no block", p.at, p.mark.key)
	}
	return p.blocks, nil
}

type reader struct {
	lines  []string
	at     int      // the next line
	indent int      // of the text of the current list item
	lead   []string // the lines of the last paragraph
	blank  bool     // whether the line before is blank
	mark   mark     // what applies to the next block
	blocks []block
}

func (p *reader) next() error {
	line := p.lines[p.at]
	depth := len(line) - len(strings.TrimLeft(line, " "))
	switch fence, comment := fenceRE.FindStringSubmatch(line), commentRE.FindStringSubmatch(line); {
	case strings.TrimSpace(line) == "":
		p.blank = true
		p.at++
	case fence != nil:
		return p.fenced(fence[1], fence[2], fence[3])
	case comment != nil:
		return p.comment(mark{comment[1], comment[2]})
	case otherRE.MatchString(line):
		return fmt.Errorf("line %d: unsupported code block: start the line with ```, followed by nothing but a language", p.at+1)
	case (p.blank || p.at == 0) && tabRE.MatchString(line):
		return fmt.Errorf("line %d: code that a tab indents: use spaces", p.at+1)
	case openRE.MatchString(line):
		return fmt.Errorf("line %d: a comment that is no mark", p.at+1)
	case p.blank && depth >= p.indent+4 || p.at == 0 && depth >= 4:
		p.indented(p.indent + 4)
	case p.mark != (mark{}):
		return fmt.Errorf("line %d: text between the mark %q and its block", p.at+1, p.mark.key)
	case headingRE.MatchString(line):
		p.indent, p.lead, p.blank = min(p.indent, depth), nil, true
		p.at++
	default:
		p.paragraph(line, depth)
	}
	return nil
}

func (p *reader) paragraph(line string, depth int) {
	item := itemRE.FindString(line)
	if p.blank || item != "" {
		p.lead = nil
	}
	if item != "" {
		p.indent = len(item)
	} else if p.blank && depth < p.indent {
		p.indent = depth
	}
	p.lead = append(p.lead, strings.TrimSpace(strings.TrimPrefix(line, item)))
	p.blank = false
	p.at++
}

func (p *reader) fenced(indent, fence, lang string) error {
	start := p.at + 1
	for end := start; end < len(p.lines); end++ {
		if p.lines[end] != indent+fence {
			continue
		}
		p.at = end + 1
		p.add(start, lang, p.lines[start:end], len(indent))
		return nil
	}
	return fmt.Errorf("line %d: the block does not end", p.at+1)
}

func (p *reader) indented(indent int) {
	start, end := p.at, p.at
	for ; p.at < len(p.lines); p.at++ {
		line := p.lines[p.at]
		if strings.TrimSpace(line) == "" {
			continue
		}
		if !strings.HasPrefix(line, strings.Repeat(" ", indent)) {
			break
		}
		end = p.at + 1
	}
	p.at = end
	p.add(start, "", p.lines[start:end], indent)
}

func (p *reader) add(start int, lang string, lines []string, indent int) {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(line[min(indent, len(line)-len(strings.TrimLeft(line, " "))):] + "\n")
	}
	p.blocks = append(p.blocks, block{
		line: start + 1, lang: lang, text: text.String(), lead: strings.Join(p.lead, " "), mark: p.mark,
	})
	p.lead, p.mark, p.blank = nil, mark{}, true
}

func (p *reader) comment(m mark) error {
	p.at++
	does, ok := marks[m.key]
	switch {
	case !ok:
		return fmt.Errorf("line %d: unknown mark %q", p.at, m.key)
	case does.value != (m.value != ""):
		return fmt.Errorf("line %d: the mark %q has a wrong value", p.at, m.key)
	case p.mark != (mark{}):
		return fmt.Errorf("line %d: two marks before one block", p.at)
	case does.alone:
		p.blocks = append(p.blocks, block{line: p.at, mark: m})
	default:
		p.mark = m
	}
	p.blank = true
	return nil
}
