package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	crawler "github.com/difygen/difygen/examples/crawler/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

// website has pages of HTML by path, and answers of other kinds.
type website struct {
	pages   map[string]string
	answers map[string]http.HandlerFunc

	mu    sync.Mutex
	asked []string // paths, but for robots.txt
}

func (s *website) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/robots.txt" {
		s.asked = append(s.asked, r.URL.RequestURI())
	}
	if answer := s.answers[r.URL.Path]; answer != nil {
		answer(w, r)
		return
	}
	page, ok := s.pages[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, page)
}

// start runs the plugin, and a website whose URL it returns.
func start(t *testing.T, s *website) (h *difytest.Host, url string) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(&crawler.Provider{})), server.URL
}

// paths returns the paths of pages.
func paths(url string, pages []datasource.WebPage) (list []string) {
	for _, p := range pages {
		list = append(list, strings.TrimPrefix(p.SourceURL, url))
	}
	return list
}

// body answers with a text.
func body(contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, text)
	}
}

// tree is a website in which pages are linked at several depths, and more than once.
func tree() *website {
	return &website{pages: map[string]string{
		"/":     `<title>Start</title><meta name="description" content="Of it all"><main><h1>Hello</h1><a href="/a">a</a> <a href="b#x">b</a></main>`,
		"/a":    `<title>A</title><a href="/">start</a><a href="/a/1">1</a><a href="/b">b</a><a href="http://other.example/">other</a><a href="mailto:x@y">m</a>`,
		"/b":    `<title>B</title><p>b<a href="/a/1#y">1</a><a href="/none">none</a><a href="?q=1">q</a>`,
		"/a/1":  `<title>One</title><a href="/deep">deep</a>`,
		"/deep": `<title>Deep</title>deep`,
	}}
}

func TestCrawl(t *testing.T) {
	t.Parallel()
	site := tree()
	h, url := start(t, site)
	r := h.Crawl("website", nil, map[string]any{"url": url})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	want := []string{"/", "/a", "/b", "/a/1", "/b?q=1"}
	if diff := cmp.Diff(want, paths(url, r.Pages)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	first := datasource.WebPage{SourceURL: url + "/", Title: "Start", Description: "Of it all", Content: "# Hello\n\n[a](" + url + "/a) [b](" + url + "/b#x)"}
	if diff := cmp.Diff(first, r.Pages[0]); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	for i, p := range r.Progress {
		if p.Completed != i+1 || p.Total < p.Completed || p.Total > 10 {
			t.Errorf("progress %d is %+v", i, p)
		}
	}
	if len(r.Progress) != len(want) {
		t.Errorf("progress is %+v", r.Progress)
	}
	if diff := cmp.Diff([]string{"/", "/a", "/b", "/a/1", "/none", "/b?q=1"}, site.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	h, url := start(t, tree())
	for name, test := range map[string]struct {
		params map[string]any
		want   []string
	}{
		"depth 0":     {map[string]any{"depth": 0}, []string{"/"}},
		"depth 1":     {map[string]any{"depth": "1"}, []string{"/", "/a", "/b"}},
		"depth 3":     {map[string]any{"depth": 3}, []string{"/", "/a", "/b", "/a/1", "/b?q=1", "/deep"}},
		"limit 1":     {map[string]any{"limit": 1}, []string{"/"}},
		"limit 2":     {map[string]any{"limit": 2, "depth": nil}, []string{"/", "/a"}},
		"from a page": {map[string]any{"url": " " + url + "/b?q=2#z ", "depth": 1}, []string{"/b?q=2", "/a/1", "/b?q=1"}},
	} {
		if test.params["url"] == nil {
			test.params["url"] = url + "/"
		}
		r := h.Crawl("website", nil, test.params)
		if diff := cmp.Diff(test.want, paths(url, r.Pages)); diff != "" || r.Err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, r.Err, diff)
		}
	}
}

func TestWrongParameters(t *testing.T) {
	t.Parallel()
	h, url := start(t, &website{answers: map[string]http.HandlerFunc{
		"/image": body("image/png", "PNG"),
		"/moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		},
		"/loop": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) },
		"/down": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	}})
	const wantURL = "the start URL must be one such as https://example.com/docs/"
	for name, test := range map[string]struct {
		params map[string]any
		want   string
	}{
		"no URL":       {map[string]any{"url": ""}, "Website: Start URL (url) is required"},
		"a limit of 0": {map[string]any{"url": url, "limit": 0, "depth": 21}, "Website: Limit (limit) must be at least 1; Depth (depth) must be at most 20"},
		"a file":       {map[string]any{"url": "file:///etc/passwd"}, wantURL},
		"FTP":          {map[string]any{"url": "ftp://example.com/"}, wantURL},
		"no scheme":    {map[string]any{"url": "example.com"}, wantURL},
		"no host":      {map[string]any{"url": "https:///docs"}, wantURL},
		"a user":       {map[string]any{"url": "https://user:password@example.com/"}, wantURL},
		"odd":          {map[string]any{"url": "http://[::1/"}, wantURL},
		"a long one":   {map[string]any{"url": url + "/?" + strings.Repeat("x", 2<<10)}, "the URL of the page is too long"},
		"none":         {map[string]any{"url": url + "/none"}, "the service returned status 404 Not Found"},
		"down":         {map[string]any{"url": url + "/down"}, "the service returned status 502 Bad Gateway"},
		"unreachable":  {map[string]any{"url": "http://127.0.0.1:1/"}, "could not reach the service"},
		"an image":     {map[string]any{"url": url + "/image"}, "the start URL is not that of a page: it must have HTML or text"},
		"to a file":    {map[string]any{"url": url + "/moved"}, "the response redirects to an invalid URL"},
		"a loop":       {map[string]any{"url": url + "/loop"}, "more than 5 redirects"},
	} {
		r := h.Crawl("website", nil, test.params)
		t.Run(name, func(t *testing.T) { difytest.WantError(t, r.Err, runtime.ErrorInvoke, test.want) })
	}
}

// TestKinds has pages that are not HTML in UTF-8.
func TestKinds(t *testing.T) {
	t.Parallel()
	h, url := start(t, &website{
		pages: map[string]string{"/": `<a href="/text">1</a><a href="/latin">2</a><a href="/meta">3</a><a href="/image">4</a><a href="/cut">5</a><a href="/long">6</a><a href="/moved">7</a><a href="/away">8</a><a href="/wrong">9</a><a href="/none">10</a><a href="/empty">11</a>`},
		answers: map[string]http.HandlerFunc{
			"/text":  body("text/plain; charset=utf-8", "<b>é</b>"),
			"/latin": body("text/html; charset=iso-8859-1", "<p>caf\xe9"),
			"/meta":  body("text/html", "<meta charset=shift_jis><p>\x93\xfa\x96\x7b"),
			"/image": body("image/png", "PNG"),
			"/cut": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "99")
				fmt.Fprint(w, "<p>cut")
			},
			"/long":  body("text/html", "<p>long</p>"+strings.Repeat("<!-- x -->", 1<<20)),
			"/moved": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/text?moved", http.StatusFound) },
			"/away": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
			},
			"/wrong": body("text/plain", "\xff"),
			"/none":  body("text/html", ""),
			"/empty": body("text/plain", ""),
		},
	})
	r := h.Crawl("website", nil, map[string]any{"url": url, "limit": 20})
	got := make(map[string]string)
	for _, p := range r.Pages[min(1, len(r.Pages)):] {
		got[strings.TrimPrefix(p.SourceURL, url)] = p.Content
	}
	want := map[string]string{"/text": "<b>é</b>", "/latin": "café", "/meta": "日本", "/long": "long", "/text?moved": "<b>é</b>", "/wrong": "ÿ", "/none": "", "/empty": ""}
	if diff := cmp.Diff(want, got); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
}

// TestOtherHost starts at a host that redirects to another, which the pages are of then.
func TestOtherHost(t *testing.T) {
	t.Parallel()
	site := tree()
	h, url := start(t, site)
	first := httptest.NewServer(http.RedirectHandler(url+"/b", http.StatusMovedPermanently))
	t.Cleanup(first.Close)
	r := h.Crawl("website", nil, map[string]any{"url": first.URL, "depth": 1})
	if diff := cmp.Diff([]string{"/b", "/a/1", "/b?q=1"}, paths(url, r.Pages)); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
}

// TestRedirects has redirects to a page that is linked as well, and to the start. All pages come once.
func TestRedirects(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc { return http.RedirectHandler(to, http.StatusFound).ServeHTTP }
	site := &website{
		pages: map[string]string{
			"/start": `<a href="/old">1</a><a href="/new">2</a><a href="/older">3</a><a href="/home">4</a><a href="/start">5</a><a href="/">6</a>`,
			"/new":   `<a href="/new">7</a><a href="/start#x">8</a>`,
		},
		answers: map[string]http.HandlerFunc{"/": redirect("/start"), "/home": redirect("/start"), "/old": redirect("/new"), "/older": redirect("/new")},
	}
	h, url := start(t, site)
	r := h.Crawl("website", nil, map[string]any{"url": url})
	if diff := cmp.Diff([]string{"/start", "/new"}, paths(url, r.Pages)); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
	// What is known to be a page already is not asked for again.
	if diff := cmp.Diff([]string{"/", "/start", "/old", "/new", "/older", "/new", "/home", "/start"}, site.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	site := tree()
	h, url := start(t, site)
	robots := func(text string) *difytest.CrawlResult {
		site.mu.Lock()
		site.pages["/robots.txt"] = text
		site.mu.Unlock()
		return h.Crawl("website", nil, map[string]any{"url": url})
	}
	r := robots("user-agent: *\ndisallow: /a\nallow: /a/")
	if diff := cmp.Diff([]string{"/", "/b", "/a/1", "/b?q=1"}, paths(url, r.Pages)); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
	r = robots("user-agent: difygen-crawler\ndisallow: /")
	difytest.WantError(t, r.Err, runtime.ErrorInvoke, "the website does not want programs to read this page (robots.txt)")
	// A robots.txt that there is, but cannot be read, may forbid everything (RFC 9309, section 2.3.1.4).
	site.answers = map[string]http.HandlerFunc{"/robots.txt": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }}
	r = robots("")
	difytest.WantError(t, r.Err, runtime.ErrorInvoke, "the service returned status 500 Internal Server Error")
}

// TestRobotsOfRedirects has pages that redirect to where robots.txt forbids to read: that is not asked for.
func TestRobotsOfRedirects(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc { return http.RedirectHandler(to, http.StatusFound).ServeHTTP }
	other := &website{pages: map[string]string{"/robots.txt": "user-agent: *\ndisallow: /private", "/private": "private"}}
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	site := &website{
		pages: map[string]string{
			"/robots.txt": "user-agent: *\ndisallow: /private", "/private": "private", "/public": "public",
			"/": `<a href="/to-private">1</a><a href="/to-public">2</a>`,
		},
		answers: map[string]http.HandlerFunc{
			"/to-private": redirect("/private"), "/to-public": redirect("/public"), "/to-other": redirect(server.URL + "/private"),
		},
	}
	h, url := start(t, site)
	r := h.Crawl("website", nil, map[string]any{"url": url})
	if diff := cmp.Diff([]string{"/", "/public"}, paths(url, r.Pages)); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
	for _, path := range []string{"/to-private", "/to-other"} {
		r := h.Crawl("website", nil, map[string]any{"url": url + path})
		difytest.WantError(t, r.Err, runtime.ErrorInvoke, "the website does not want programs to read this page (robots.txt)")
		if strings.Contains(r.Err.Error(), "could not reach") {
			t.Errorf("the website could be reached: %v", r.Err)
		}
	}
	if diff := cmp.Diff([]string{"/", "/to-private", "/to-public", "/public", "/to-private", "/to-other"}, site.asked); diff != "" || len(other.asked) > 0 {
		t.Errorf("requests, and %q of the other host (-want +got):\n%s", other.asked, diff)
	}
}

// TestBounds crawls a website without an end.
func TestBounds(t *testing.T) {
	t.Parallel()
	site := &website{answers: map[string]http.HandlerFunc{}, pages: map[string]string{}}
	var links strings.Builder
	for i := range 300 {
		path := "/" + strconv.Itoa(i)
		fmt.Fprintf(&links, `<a href="%s">x</a>`, path)
		site.answers[path] = body("image/png", "PNG")
	}
	site.pages["/"] = links.String()
	h, url := start(t, site)
	r := h.Crawl("website", nil, map[string]any{"url": url, "limit": 2})
	if r.Err != nil || len(r.Pages) != 1 || len(site.asked) != 111 {
		t.Errorf("%d pages of %d requests, %v", len(r.Pages), len(site.asked), r.Err)
	}
}

// TestTooLarge has more text than Dify takes of a crawl.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	large := body("text/plain", strings.Repeat("x", 3<<20))
	h, url := start(t, &website{
		pages:   map[string]string{"/": `<a href="/large">1</a><a href="/larger">2</a><a href="/small">3</a>`, "/small": "small"},
		answers: map[string]http.HandlerFunc{"/large": large, "/larger": large},
	})
	r := h.Crawl("website", nil, map[string]any{"url": url})
	if diff := cmp.Diff([]string{"/", "/large"}, paths(url, r.Pages)); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
}

// TestDeadline has so little time that there is none left after the first page.
func TestDeadline(t *testing.T) {
	t.Parallel()
	_, url := start(t, tree())
	h := difytest.Start(t, newPlugin(&crawler.Provider{}, serve.WithRequestTimeout(15*time.Second)))
	r := h.Crawl("website", nil, map[string]any{"url": url})
	if diff := cmp.Diff([]string{"/"}, paths(url, r.Pages)); diff != "" || r.Err != nil {
		t.Errorf("%v (-want +got):\n%s", r.Err, diff)
	}
}
