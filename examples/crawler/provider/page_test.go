package crawler

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// at is where the pages of tests are.
var at = &url.URL{Scheme: "https", Host: "example.com", Path: "/docs/"}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ html, want string }{
		"empty":      {"", ""},
		"paragraphs": {"<p>One\n two</p>three<p> <p>four", "One two\n\nthree\n\nfour"},
		"heading":    {"<h1>A <b>b</b></h1><h6>c<br>d</h6><h2> </h2>", "# A **b**\n\n###### c d"},
		"emphasis":   {"a<b> b </b>c <em>d</em><code>e</code><strong> </strong>f", "a **b** c *d*`e` f"},
		"links":      {`<a href="x?q=1#f">a</a> <a href="#f">b</a> <a href="mailto:c@d">c</a> <a href="//o.example">d</a> <a href="http://[">e</a>`, "[a](https://example.com/docs/x?q=1#f) b c [d](https://o.example) e"},
		"break":      {"a<br/> b", "a\nb"},
		"image":      {`<img src="a.png" alt="A picture"><img src="b.png">`, "A picture"},
		"list":       {"<ul><li>a<li>b <ul><li>c</ul><li><p>d<p>e</ul>", "- a\n- b\n  - c\n- d\n  e"},
		"ordered":    {`<ol start="9"><li>a<li>b<ul><li>c</ul></ol>`, "9. a\n10. b\n    - c"},
		"code":       {"<pre><code class=\"x language-go\">a\n  b &lt;</code>\n</pre><pre>```</pre><pre></pre>", "```go\na\n  b <\n```\n\n````\n```\n````"},
		"quote":      {"<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b"},
		"table":      {"<table><tr><th>a<th>b|c</tr><tr><td>1<td><p>2<p>3</tr><tr></tr></table>", "| a | b\\|c |\n| --- | --- |\n| 1 | 2 3 |"},
		"not UTF-8":  {"<p>a\xffb<i>\xe9", "a\uFFFDb*\uFFFD*"},
		"rule":       {"a<hr>b", "a\n\n---\n\nb"},
		"block link": {`<a href="/x"><h2>T</h2><p>d</p></a>`, "## T\n\nd"},
		"left out":   {"<nav>a</nav><script>b</script><!--c--><p hidden>d<p>e<form>f</form><span aria-hidden=true>g</span><footer>h</footer>", "e"},
		"main":       {"<div>a</div><main><p>b</main><main>c</main>", "b"},
		"nested":     {strings.Repeat("<div>", 200) + "a" + strings.Repeat("<span>", 200) + "b", "ab"},
	} {
		p, err := parse(at, strings.NewReader(test.html))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, p.content); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		html, title, description string
		links                    []string
	}{
		"nothing":   {"", "/docs/", "", nil},
		"title":     {"<title> The\n title </title><h1>Heading</h1>", "The title", "", nil},
		"heading":   {"<h1>The <i>heading</i></h1><h1>another</h1>", "The heading", "", nil},
		"both":      {`<meta property="og:description" content="o"><meta name=Description content=" d "><meta name=keywords content=k>`, "/docs/", "d", nil},
		"og":        {`<meta property="og:description" content="o">`, "/docs/", "o", nil},
		"links":     {`<nav><a href="a#f">a</a></nav><a href="/b?c=1">b</a><a href="#x">x</a><a href="javascript:x()">j</a><a href="HTTP://O.example:80">o</a><a href="ftp://o/">f</a><a href="//u:p@o/">u</a>`, "/docs/", "", []string{"https://example.com/docs/a", "https://example.com/b?c=1", "http://o.example/"}},
		"base":      {`<base href="/other/"><base href="/x/"><a href="a">a</a>`, "/docs/", "", []string{"https://example.com/other/a"}},
		"odd bases": {`<base href="http://["><a href="a">a</a>`, "/docs/", "", []string{"https://example.com/docs/a"}},
	} {
		p, err := parse(at, strings.NewReader(test.html))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var links []string
		for _, u := range p.links {
			links = append(links, u.String())
		}
		if diff := cmp.Diff([]any{test.title, test.description, test.links}, []any{p.title, p.description, links}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("<h1>a<ul><li><table><tr><td><pre>b</pre><a href=c><b> d")
	f.Add("<svg><h9><title>a")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parse(at, strings.NewReader(text))
		if err == nil && !utf8.ValidString(p.content+p.title+p.description) {
			t.Error("the text is not UTF-8")
		}
	})
}
