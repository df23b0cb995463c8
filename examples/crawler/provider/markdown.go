package crawler

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What counts of a page.
const (
	maxContent = 4 << 20 // bytes of Markdown
	maxRun     = 2 << 20 // bytes of a paragraph
	maxMarks   = 20      // quotes and items of lists in one another; deeper ones have no mark
)

// markdown returns the text of a part of a page in Markdown. What is around the text, such as menus,
// is left out. Characters that have a meaning in Markdown are not escaped: people and models read it.
// It reports whether there is more than maxContent bytes.
func (t *tree) markdown(n *html.Node, base *url.URL) (text string, full bool) {
	p := printer{tree: t, base: base, frame: frame{gap: 2}}
	p.blocks(n)
	return p.text.String(), p.full
}

// printer writes blocks line by line, up to maxContent bytes.
type printer struct {
	*tree
	frame
	base  *url.URL
	text  strings.Builder
	next  int    // lines until the next one: 0 at the start, 2 if one is to be empty
	empty string // prefix of that one
	depth int    // of frames
	full  bool
}

// frame is what a quote or an item of a list adds to all lines in it.
type frame struct {
	prefix string
	first  string // instead, before the next line; "" for prefix
	gap    int    // lines from a block to the next one
}

// within writes what is in a quote or an item of a list.
func (p *printer) within(first, prefix string, gap int, write func()) {
	if p.depth == maxMarks {
		write()
		return
	}
	outer, start := p.frame, p.text.Len()
	p.frame = frame{p.prefix + prefix, cmp.Or(p.first, p.prefix) + first, gap}
	p.depth++
	write()
	p.depth--
	p.frame = outer
	if p.text.Len() > start {
		p.first = ""
		p.next, p.empty = p.gap, p.prefix
	}
}

// block writes a block of one or more lines.
func (p *printer) block(text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.line(line)
	}
	p.next, p.empty = p.gap, p.prefix
}

func (p *printer) line(text string) {
	if p.full {
		return
	}
	line, empty := strings.TrimRight(cmp.Or(p.first, p.prefix)+text, " "), ""
	if p.next > 1 {
		empty = strings.TrimRight(p.empty, " ") + "\n"
	}
	if p.text.Len()+len(line)+len(empty) >= maxContent {
		p.full = true
		return
	}
	if p.next > 0 {
		p.text.WriteString("\n" + empty)
	}
	p.text.WriteString(line)
	p.next, p.first = 1, ""
}

// left are elements that have no text to read.
var left = []atom.Atom{
	atom.Title, atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Math, atom.Iframe, atom.Object, atom.Canvas,
	atom.Nav, atom.Footer, atom.Aside, atom.Form, atom.Button, atom.Select, atom.Textarea, atom.Dialog,
}

// apart are elements that begin on a new line.
var apart = []atom.Atom{
	atom.Html, atom.Body, atom.Main, atom.Article, atom.Section, atom.Header, atom.Div, atom.P, atom.Address, atom.Center,
	atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Menu, atom.Li, atom.Dl, atom.Dt, atom.Dd,
	atom.Pre, atom.Blockquote, atom.Table, atom.Caption, atom.Tr, atom.Td, atom.Th, atom.Hr, atom.Figure, atom.Figcaption, atom.Details, atom.Summary, atom.Fieldset, atom.Legend,
}

func isLeft(n *html.Node) bool {
	return slices.Contains(left, n.DataAtom) || attribute(n, "aria-hidden") == "true" || hasAttribute(n, "hidden")
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// isBlock reports whether an element begins on a new line.
func isBlock(n *html.Node) bool { return slices.Contains(apart, n.DataAtom) }

// blocks writes the paragraphs, lists and so on in an element.
func (p *printer) blocks(n *html.Node) {
	run := words{base: p.base} // that are not in an element of their own
	flush := func() {
		p.block(run.text.String())
		p.full = p.full || run.full
		run = words{base: p.base}
	}
	for child := range n.ChildNodes() {
		switch {
		case p.full:
			return
		case isLeft(child):
		case p.apart[child]:
			flush()
			p.element(child)
		default:
			run.node(child)
		}
	}
	flush()
}

// element writes an element in which something begins on a new line.
func (p *printer) element(n *html.Node) {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if text := inline(n.ChildNodes(), p.base); text != "" {
			p.block(strings.Repeat("#", int(n.Data[1]-'0')) + " " + strings.ReplaceAll(text, "\n", " "))
		}
	case atom.Ul, atom.Ol, atom.Menu:
		p.items(n)
	case atom.Pre:
		p.block(code(n))
	case atom.Blockquote:
		p.within("> ", "> ", 2, func() { p.blocks(n) })
	case atom.Table:
		p.block(table(n, p.base))
	case atom.Hr:
		p.block("---")
	default:
		p.blocks(n)
	}
}

// items writes a list.
func (p *printer) items(list *html.Node) {
	number, err := strconv.Atoi(attribute(list, "start"))
	if err != nil {
		number = 1
	}
	start := p.text.Len()
	for item := range list.ChildNodes() {
		if item.Type != html.ElementNode || isLeft(item) {
			continue
		}
		mark := "- "
		if list.DataAtom == atom.Ol {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if p.text.Len() > start {
			p.next = 1 // items stand one below the other
		}
		p.within(mark, strings.Repeat(" ", len(mark)), 1, func() { p.blocks(item) })
		if p.full {
			return
		}
	}
}

// code returns a text as it is.
func code(pre *html.Node) string {
	language := ""
	var b strings.Builder
	for n := range pre.Descendants() {
		switch {
		case b.Len()+len(n.Data) > maxContent:
			return ""
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.DataAtom == atom.Br:
			b.WriteString("\n")
		case n.DataAtom == atom.Code && language == "":
			for class := range strings.FieldsSeq(attribute(n, "class")) {
				if name, ok := strings.CutPrefix(class, "language-"); ok {
					language = name
				}
			}
		}
	}
	text := strings.Trim(b.String(), "\n")
	if text == "" {
		return ""
	}
	longest, run := 0, 0 // run of backticks
	for _, c := range []byte(text) {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", max(3, longest+1))
	return fence + language + "\n" + text + "\n" + fence
}

var inCell = strings.NewReplacer("\n", " ", "|", `\|`)

// table returns a table, whose first row is its heading. Tables in it are text of its cells.
func table(n *html.Node, base *url.URL) string {
	var b strings.Builder
	for row := range ownRows(n) {
		var cells []string
		size := b.Len()
		for cell := range row.ChildNodes() {
			if (cell.DataAtom == atom.Td || cell.DataAtom == atom.Th) && size <= maxContent {
				text := inCell.Replace(inline(cell.ChildNodes(), base))
				cells, size = append(cells, text), size+len(text)
			}
		}
		switch {
		case len(cells) == 0:
			continue
		case b.Len() > 0:
			b.WriteString("\n| " + strings.Join(cells, " | ") + " |")
		default:
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n" + strings.Repeat("| --- ", len(cells)) + "|")
		}
		if size > maxContent {
			break
		}
	}
	return b.String()
}

// ownRows returns the rows of a table, but not those of tables in it.
func ownRows(n *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) { eachRow(n, yield) }
}

func eachRow(n *html.Node, yield func(*html.Node) bool) bool {
	for child := range n.ChildNodes() {
		switch child.DataAtom {
		case atom.Table, atom.Caption:
		case atom.Tr:
			if !yield(child) {
				return false
			}
		default:
			if !eachRow(child, yield) {
				return false
			}
		}
	}
	return true
}
