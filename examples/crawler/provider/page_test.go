package crawler

import (
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"
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

// TestTree has HTML whose elements do not end as they should.
func TestTree(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ html, want string }{
		"lists":            {"<ul><li>a<ul><li>b<li>c</ul><li>d</ul>e", "- a\n  - b\n  - c\n- d\n\ne"},
		"list in table":    {"<ul><li><table><tr><td><ul><li>a</ul><tr><td><li>b</table><li>c</ul>", "- | a |\n  | --- |\n  | b |\n- c"},
		"terms":            {"<dl><dt>a<dd>b<dt>c</dl>d", "a\n\nb\n\nc\n\nd"},
		"paragraphs":       {"<p>a<div>b<p>c</div>d", "a\n\nb\n\nc\n\nd"},
		"headings":         {"<h1>a<h2>b</h2>c", "# a\n\n## b\n\nc"},
		"links":            {"<a href=/x>a<a href=/y>b</a>c", "[a](https://example.com/x)[b](https://example.com/y)c"},
		"emphasis":         {"<p><b>a<p>b</b>c<i>d</i></b>", "**a**\n\nbc*d*"},
		"crossed":          {"<b>a<i>b</b>c</i>d", "**a*b***cd"},
		"nothing to end":   {"a</p>b</i>c</td>", "abc"},
		"blocks":           {"<span><div>a</span>b</div>c", "ab\n\nc"},
		"out of a cell":    {"<div><table><tr><td>a</div>b</table>c</div>d", "| ab |\n| --- |\n\nc\n\nd"},
		"rows":             {"<table><thead><tr><th>a<th>b<tbody><tr><td>c<td>d<tr><td>e</table>f", "| a | b |\n| --- | --- |\n| c | d |\n| e |\n\nf"},
		"form in a table":  {"<table><tr><td>a<span><tr><td>b</span></table>", "| a |\n| --- |\n| b |"},
		"rows in a part":   {"<table><center><tr><td>a</center></table>", "| a |\n| --- |"},
		"tables":           {"<table><tr><td>a<table><tr><td>b<td>c</table>d<tr><td>e</table>", "| a b c d |\n| --- |\n| e |"},
		"caption":          {"<table><caption>x<tr><td>a</table>", "| a |\n| --- |"},
		"text in a table":  {"<table>a<tr> b<td>c</table>", "a b\n\n| c |\n| --- |"},
		"head":             {"<html><head><title>t</title><p>a<body>b", "ab"},
		"void":             {"a<br>b</br><img alt=c><hr>d<wbr>e", "a\nbc\n\n---\n\nde"},
		"closed":           {"<div><span/><b/>a<p/>b</div>c", "a\n\nb\n\nc"},
		"SVG":              {"<svg><g><path/><title>x</title><style>y</svg>a</style></svg>b", "b"},
		"script":           {"<script>'<p>a</p>'</script>b<style>p{}", "b"},
		"attributes":       {"<ol start=3 start=5><li class=x>a</ol>", "3. a"},
		"deep":             {strings.Repeat("<div>", 1000) + "a" + strings.Repeat("</div>", 1000) + "b", "a\n\nb"},
		"deep marks":       {strings.Repeat("<blockquote>", 30) + "a", strings.Repeat("> ", maxMarks) + "a"},
		"quote in a list":  {"<ul><li><blockquote>a<p>b</blockquote>c<li></li><li>d</ul>", "- > a\n  >\n  > b\n  c\n- d"},
		"list in a quote":  {"x<blockquote><ul><li>a<li>b</ul>c</blockquote><blockquote></blockquote>d", "x\n\n> - a\n> - b\n>\n> c\n\nd"},
		"code in a list":   {"<ol><li><pre>a\n\n b</pre><li>c</ol>", "1. ```\n   a\n\n    b\n   ```\n2. c"},
		"words in a break": {"<b>a<br> </b> b <i> </i> c", "**a**\nb c"},
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

// TestHostilePages has pages that would cost minutes or gigabytes if elements were repeated, or their text were
// copied at each level. The time is that of a machine without any to spare.
func TestHostilePages(t *testing.T) {
	lines := "<pre>" + strings.Repeat("a\n", 100_000)
	var bold strings.Builder
	for i := range 400 {
		fmt.Fprintf(&bold, "<b id=%d>", i)
	}
	for name, text := range map[string]string{
		"base":         "<base href='/" + strings.Repeat("a", 30_000) + "/'>" + strings.Repeat("<a href=x>b</a>", 20_000),
		"long links":   "<base href='/" + strings.Repeat("a", 1900) + "/'>" + strings.Repeat("<a href=x>b</a>", 50_000),
		"link cells":   "<base href='/" + strings.Repeat("a", 1900) + "/'><table><tr>" + strings.Repeat("<td><a href=x>b</a>", 50_000),
		"quotes":       strings.Repeat("<blockquote>", 500) + lines,
		"lists":        strings.Repeat("<ul><li>", 240) + lines,
		"tables":       strings.Repeat("<table><tr><td>", 125) + strings.Repeat("a ", 500_000),
		"backticks":    "<pre>" + strings.Repeat("`", 1_000_000),
		"emphasis":     strings.Repeat("<b><i>", 250) + strings.Repeat("a ", 500_000),
		"open bold":    "<p>" + bold.String() + strings.Repeat("<p>x", 500_000),
		"open in rows": "<p>" + bold.String() + "<table>" + strings.Repeat("<tr><td>x</b>", 100_000),
		"spans":        strings.Repeat("<span>", 500) + strings.Repeat("<u>a</u>", 200_000) + "<p>",
		"ends":         "<div><table><tr><td>" + strings.Repeat("<span>", 500) + strings.Repeat("</div></u>", 200_000),
		"items":        strings.Repeat("<div>", 150) + strings.Repeat("<i>", 45) + strings.Repeat("<li>", 100_000),
		"divs":         strings.Repeat("<div>", 500) + strings.Repeat("<b>a</b>", 300_000),
		"text":         strings.Repeat("a</i>", 800_000),
		"table text":   "<table>" + strings.Repeat("a</i>", 800_000),
		"titles":       "<svg>" + strings.Repeat("<title></title>", 100_000) + strings.Repeat("<h1>", 100_000),
		"attributes":   "<p " + strings.Repeat("a b ", 500_000) + ">",
		"breaks":       strings.Repeat("<br>", 1_000_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		p, err := parse(at, strings.NewReader(text))
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		size := (after.TotalAlloc - before.TotalAlloc) >> 20
		if err != nil || len(p.content) > maxContent || len(p.links) > maxLinks || took > 15*time.Second || size > 500 {
			t.Errorf("%s: %d bytes and %d links in %s with %d MiB: %v", name, len(p.content), len(p.links), took, size, err)
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
