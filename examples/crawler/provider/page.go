package crawler

import (
	"cmp"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What counts of a page.
const (
	maxLinks  = 5000
	maxTitles = 10 // titles, and headings, until one is not empty
)

// page is a page of a website.
type page struct {
	url         *url.URL // without a fragment
	title       string
	description string
	content     string // Markdown
	cut         bool   // there is more
	links       []*url.URL
}

// parse reads the HTML of a page.
func parse(at *url.URL, r io.Reader) (*page, error) {
	doc, err := parseTree(r)
	if err != nil {
		return nil, err
	}
	p := &page{url: at}
	base, main, heading := at, (*html.Node)(nil), ""
	titles, headings := 0, 0
	for n := range doc.root.Descendants() {
		switch n.DataAtom {
		case atom.Base:
			if u := link(at, n); u != nil && base == at {
				base = u
			}
		case atom.Title:
			if titles++; titles <= maxTitles && p.title == "" {
				p.title = inline(n.ChildNodes(), nil)
			}
		case atom.H1:
			if headings++; headings <= maxTitles && heading == "" {
				heading = inline(n.ChildNodes(), nil)
			}
		case atom.Meta:
			if name := cmp.Or(attribute(n, "name"), attribute(n, "property")); strings.EqualFold(name, "description") || p.description == "" && name == "og:description" {
				p.description = strings.TrimSpace(attribute(n, "content"))
			}
		case atom.Main:
			main = cmp.Or(main, n)
		case atom.A, atom.Area:
			if len(p.links) == maxLinks {
				continue
			}
			if u := link(base, n); u != nil {
				p.links = append(p.links, normal(u))
			}
		}
	}
	// What is not UTF-8 although the page says so, Dify would not take.
	p.title = strings.ToValidUTF8(cmp.Or(p.title, heading, at.Path), "\uFFFD")
	p.description = strings.ToValidUTF8(p.description, "\uFFFD")
	content, full := doc.markdown(cmp.Or(main, doc.root), base)
	p.content, p.cut = strings.ToValidUTF8(content, "\uFFFD"), full || doc.nodes >= maxNodes
	return p, nil
}

// link returns where a link leads, or nil if that is not another page, or its URL is too long.
func link(base *url.URL, n *html.Node) *url.URL {
	href := strings.TrimSpace(attribute(n, "href"))
	if href == "" || len(href) > maxURL || strings.HasPrefix(href, "#") {
		return nil
	}
	u, err := base.Parse(href)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(u.Path)+len(u.RawQuery) > maxURL {
		return nil
	}
	return u
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
