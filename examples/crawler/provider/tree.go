package crawler

import (
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxNodes   = 300_000 // of a page; the rest is left out
	maxNesting = 200     // of elements; deeper ones are beside one another
)

// tree is the tree of a page. It is not that of html.Parse, which repeats the elements for emphasis that a
// page leaves open in each paragraph that follows: a small page could have billions of them.
type tree struct {
	root  *html.Node
	apart map[*html.Node]bool // elements that begin on a new line, or in which others do
	open  []element           // from the root
	nodes int
}

// element is an element that is open, with what ends of elements in it depend on.
type element struct {
	*html.Node
	block, fence bool
}

// attributes are those that count.
var attributes = []string{"alt", "aria-hidden", "class", "content", "hidden", "href", "name", "property", "start"}

// Elements by how they end.
var (
	ignored  = []atom.Atom{atom.Html, atom.Head, atom.Body}
	void     = []atom.Atom{atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr}
	headings = []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}
	lists    = []atom.Atom{atom.Ul, atom.Ol, atom.Menu}
	cells    = []atom.Atom{atom.Td, atom.Th}
	rows     = []atom.Atom{atom.Caption, atom.Colgroup, atom.Tr, atom.Td, atom.Th}
	groups   = []atom.Atom{atom.Thead, atom.Tbody, atom.Tfoot, atom.Caption, atom.Colgroup, atom.Tr, atom.Td, atom.Th}
	parts    = []atom.Atom{atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr} // which have no text themselves
	fences   = []atom.Atom{atom.Table, atom.Td, atom.Th, atom.Caption}              // what is in them ends nothing outside
)

// parseTree reads HTML.
func parseTree(r io.Reader) (*tree, error) {
	t := &tree{root: &html.Node{Type: html.DocumentNode}, apart: make(map[*html.Node]bool)}
	t.open = []element{{Node: t.root}}
	z := html.NewTokenizer(r)
	for t.nodes < maxNodes {
		switch typ := z.Next(); typ {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return nil, err
			}
			return t, nil
		case html.TextToken:
			t.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t.start(z, typ == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			t.end(atom.Lookup(name), string(name))
		}
	}
	return t, nil
}

// text adds a text. One between the cells of a table is put before it, where browsers show it.
func (t *tree) text(data string) {
	n := &html.Node{Type: html.TextNode, Data: data}
	last := len(t.open) - 1
	for i := last; i > 0 && slices.Contains(parts, t.open[last].DataAtom) && strings.TrimSpace(data) != ""; i-- {
		if table := t.open[i].Node; table.DataAtom == atom.Table {
			table.Parent.InsertBefore(n, table)
			t.nodes++
			return
		}
	}
	t.append(n)
}

func (t *tree) append(n *html.Node) {
	t.open[len(t.open)-1].AppendChild(n)
	t.nodes++
}

// start adds the element that a tag begins.
func (t *tree) start(z *html.Tokenizer, closed bool) {
	name, more := z.TagName()
	n := &html.Node{Type: html.ElementNode, DataAtom: atom.Lookup(name), Data: string(name)}
	if slices.Contains(ignored, n.DataAtom) {
		return
	}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if slices.Contains(attributes, string(key)) && !hasAttribute(n, string(key)) {
			n.Attr = append(n.Attr, html.Attribute{Key: string(key), Val: string(value)})
		}
	}
	t.imply(n.DataAtom)
	t.append(n)
	block := isBlock(n)
	if block {
		for i := len(t.open) - 1; i >= 0 && !t.apart[t.open[i].Node]; i-- {
			t.apart[t.open[i].Node] = true
		}
		t.apart[n] = true
	}
	most := maxNesting
	if n.DataAtom == atom.Table || slices.Contains(lists, n.DataAtom) {
		most -= 4 // so that items and cells, which have the text, are not too deep
	}
	if !closed && !slices.Contains(void, n.DataAtom) && len(t.open) < most {
		t.open = append(t.open, element{n, block, slices.Contains(fences, n.DataAtom)})
	}
}

// imply ends the elements that a tag ends because its element cannot be in them.
func (t *tree) imply(a atom.Atom) {
	switch {
	case a == atom.Tr:
		t.close(rows, atom.Table)
	case slices.Contains(cells, a):
		t.close(cells, atom.Table, atom.Tr)
	case slices.Contains(groups, a):
		t.close(groups, atom.Table)
	case a == atom.Li:
		t.close([]atom.Atom{atom.Li}, append(fences, lists...)...)
	case a == atom.Dt || a == atom.Dd:
		t.close([]atom.Atom{atom.Dt, atom.Dd}, append(fences, atom.Dl)...)
	case a == atom.A:
		t.close([]atom.Atom{atom.A}, fences...)
	}
	if slices.Contains(apart, a) {
		t.close([]atom.Atom{atom.P}, append(fences, atom.Li, atom.Dd, atom.Dt)...)
	}
	if last := t.open[len(t.open)-1].DataAtom; slices.Contains(headings, a) && slices.Contains(headings, last) {
		t.open = t.open[:len(t.open)-1]
	}
}

// close ends the outermost open element of these up to one of others.
func (t *tree) close(elements []atom.Atom, others ...atom.Atom) {
	found := len(t.open)
	for i := len(t.open) - 1; i > 0 && !slices.Contains(others, t.open[i].DataAtom); i-- {
		if slices.Contains(elements, t.open[i].DataAtom) {
			found = i
		}
	}
	t.open = t.open[:found]
}

// end ends the innermost open element with a name. The end of a table's part can be in any element, but others
// only in what is in the same cell; and what does not begin on a new line does not end what does.
func (t *tree) end(a atom.Atom, name string) {
	ofTable := a == atom.Table || slices.Contains(groups, a)
	block := slices.Contains(apart, a)
	for i := len(t.open) - 1; i > 0; i-- {
		switch e := &t.open[i]; {
		case e.Data == name:
			t.open = t.open[:i]
			return
		case e.DataAtom == atom.Table, !ofTable && (e.fence || e.block && !block):
			return
		}
	}
}
