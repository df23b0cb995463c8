package crawler

import (
	"iter"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline returns the text of nodes with its links and emphasis, and with one space between words.
// Without a base, it has neither.
func inline(nodes iter.Seq[*html.Node], base *url.URL) string {
	w := words{base: base}
	for n := range nodes {
		w.node(n)
	}
	return w.text.String()
}

// words are a text that is written word by word, up to about maxRun bytes.
type words struct {
	base   *url.URL
	text   strings.Builder
	space  bool     // before the next word
	breaks int      // of the line, before the next word
	marks  []string // for emphasis and links that begin with the next word
	full   bool
}

func (w *words) node(n *html.Node) {
	switch {
	case w.full:
	case n.Type == html.TextNode:
		w.write(n.Data)
	case isLeft(n):
	case n.DataAtom == atom.Br:
		w.breaks = min(w.breaks+1, 2)
	case n.DataAtom == atom.Img:
		w.write(attribute(n, "alt"))
	default:
		block := isBlock(n)
		w.space = w.space || block
		before, after := around(n, w.base)
		outer := len(w.marks)
		if before != "" {
			w.marks = append(w.marks, before)
		}
		for child := range n.ChildNodes() {
			w.node(child)
		}
		if len(w.marks) > outer {
			w.marks = w.marks[:outer] // there was no word
		} else if before != "" && !w.full {
			w.text.WriteString(after)
		}
		w.space = w.space || block
	}
}

// write writes the words of a text.
func (w *words) write(text string) {
	for text != "" && !w.full {
		end := strings.IndexFunc(text, unicode.IsSpace)
		switch end {
		case 0:
			w.space = true
			text = strings.TrimLeftFunc(text, unicode.IsSpace)
			continue
		case -1:
			end = len(text)
		}
		w.word(text[:end])
		text = text[end:]
	}
}

func (w *words) word(word string) {
	if w.text.Len()+len(word) > maxRun {
		w.full = true
		return
	}
	switch {
	case w.text.Len() == 0:
	case w.breaks > 0:
		w.text.WriteString(strings.Repeat("\n", w.breaks))
	case w.space:
		w.text.WriteString(" ")
	}
	for _, mark := range w.marks {
		w.text.WriteString(mark)
	}
	w.text.WriteString(word)
	w.space, w.breaks, w.marks = false, 0, nil
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
