package crawler

import (
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markdown returns the text of a part of a page in Markdown. What is around the text, such as menus,
// is left out. Characters that have a meaning in Markdown are not escaped: people and models read it.
func markdown(n *html.Node, base *url.URL) string {
	return strings.Join(blocks(n, base), "\n\n")
}

// left are elements that have no text to read.
var left = []atom.Atom{
	atom.Head, atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Math, atom.Iframe, atom.Object, atom.Canvas,
	atom.Nav, atom.Footer, atom.Aside, atom.Form, atom.Button, atom.Select, atom.Textarea, atom.Dialog,
}

// apart are elements that begin on a new line.
var apart = []atom.Atom{
	atom.Html, atom.Body, atom.Main, atom.Article, atom.Section, atom.Header, atom.Div, atom.P, atom.Address, atom.Center,
	atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Menu, atom.Li, atom.Dl, atom.Dt, atom.Dd,
	atom.Pre, atom.Blockquote, atom.Table, atom.Tr, atom.Hr, atom.Figure, atom.Figcaption, atom.Details, atom.Summary, atom.Fieldset, atom.Legend,
}

func isLeft(n *html.Node) bool {
	return n.Type == html.CommentNode || slices.Contains(left, n.DataAtom) || attribute(n, "aria-hidden") == "true" || hasAttribute(n, "hidden")
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// isApart reports whether an element begins on a new line, or what is in it does.
func isApart(n *html.Node) bool {
	if slices.Contains(apart, n.DataAtom) {
		return true
	}
	for child := range n.Descendants() {
		if slices.Contains(apart, child.DataAtom) {
			return true
		}
	}
	return false
}

// blocks returns the paragraphs, lists and so on in an element.
func blocks(n *html.Node, base *url.URL) (list []string) {
	var run []*html.Node // of text that is not in an element of its own
	flush := func() {
		if text := inline(slices.Values(run), base); text != "" {
			list = append(list, text)
		}
		run = nil
	}
	for child := range n.ChildNodes() {
		switch {
		case isLeft(child):
		case isApart(child):
			flush()
			list = append(list, block(child, base)...)
		default:
			run = append(run, child)
		}
	}
	flush()
	return list
}

// block returns what an element is in Markdown.
func block(n *html.Node, base *url.URL) []string {
	var text string
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if text = inline(n.ChildNodes(), base); text != "" {
			text = strings.Repeat("#", int(n.Data[1]-'0')) + " " + strings.ReplaceAll(text, "\n", " ")
		}
	case atom.Ul, atom.Ol, atom.Menu:
		text = items(n, base)
	case atom.Pre:
		text = code(n)
	case atom.Blockquote:
		if text = markdown(n, base); text != "" {
			text = prefixed("> ", text)
		}
	case atom.Table:
		text = table(n, base)
	case atom.Hr:
		text = "---"
	default:
		return blocks(n, base)
	}
	if text == "" {
		return nil
	}
	return []string{text}
}

// items returns a list.
func items(list *html.Node, base *url.URL) string {
	var lines []string
	number, err := strconv.Atoi(attribute(list, "start"))
	if err != nil {
		number = 1
	}
	for item := range list.ChildNodes() {
		if item.Type != html.ElementNode || isLeft(item) {
			continue
		}
		mark := "- "
		if list.DataAtom == atom.Ol {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		text := strings.Join(blocks(item, base), "\n")
		lines = append(lines, mark+strings.TrimLeft(prefixed(strings.Repeat(" ", len(mark)), text), " "))
	}
	return strings.Join(lines, "\n")
}

// prefixed returns a text with a prefix before each line.
func prefixed(prefix, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(prefix+line, " ")
	}
	return strings.Join(lines, "\n")
}

// code returns a text as it is.
func code(pre *html.Node) string {
	language := ""
	var b strings.Builder
	for n := range pre.Descendants() {
		switch {
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
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + "\n" + fence
}

// table returns a table, whose first row is its heading.
func table(n *html.Node, base *url.URL) string {
	var lines []string
	width := 0
	for row := range n.Descendants() {
		if row.DataAtom != atom.Tr {
			continue
		}
		var cells []string
		for cell := range row.ChildNodes() {
			if cell.DataAtom == atom.Td || cell.DataAtom == atom.Th {
				text := inline(cell.ChildNodes(), base)
				cells = append(cells, strings.NewReplacer("\n", " ", "|", `\|`).Replace(text))
			}
		}
		if len(cells) == 0 {
			continue
		}
		if lines = append(lines, "| "+strings.Join(cells, " | ")+" |"); width == 0 {
			width = len(cells)
			lines = append(lines, strings.Repeat("| --- ", width)+"|")
		}
	}
	return strings.Join(lines, "\n")
}

// inline returns the text of nodes with its links and emphasis, and with one space between words.
// Without a base, it has neither.
func inline(nodes iter.Seq[*html.Node], base *url.URL) string {
	var b strings.Builder
	for n := range nodes {
		writeInline(&b, n, base)
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func writeInline(b *strings.Builder, n *html.Node, base *url.URL) {
	switch {
	case n.Type == html.TextNode:
		b.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		return
	case isLeft(n):
		return
	case n.DataAtom == atom.Br:
		b.WriteString("\n")
		return
	case n.DataAtom == atom.Img:
		b.WriteString(attribute(n, "alt"))
		return
	}
	var inner strings.Builder
	for child := range n.ChildNodes() {
		writeInline(&inner, child, base)
	}
	text := inner.String()
	if slices.Contains(apart, n.DataAtom) {
		text = " " + text + " "
	}
	before, after := around(n, base)
	if trimmed := strings.TrimSpace(text); before != "" && trimmed != "" {
		start := strings.Index(text, trimmed)
		text = text[:start] + before + trimmed + after + text[start+len(trimmed):]
	}
	b.WriteString(text)
}

// around returns what Markdown has before and after the text of an element.
func around(n *html.Node, base *url.URL) (before, after string) {
	if base == nil {
		return "", ""
	}
	switch n.DataAtom {
	case atom.A:
		if u := link(base, n); u != nil {
			return "[", "](" + u.String() + ")"
		}
	case atom.B, atom.Strong:
		return "**", "**"
	case atom.I, atom.Em:
		return "*", "*"
	case atom.Code, atom.Kbd, atom.Samp:
		return "`", "`"
	}
	return "", ""
}
