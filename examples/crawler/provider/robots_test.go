package crawler

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestRobots has the examples of RFC 9309, section 2.2, and others.
func TestRobots(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		robots string
		paths  map[string]bool // whether they are allowed
	}{
		"empty":          {"", map[string]bool{"/": true}},
		"all":            {"User-agent: *\nDisallow: /", map[string]bool{"/": false, "/a": false}},
		"nothing":        {"User-agent: *\nDisallow:", map[string]bool{"/": true}},
		"ours":           {"user-agent: other\nuser-agent: Difygen-Crawler\ndisallow: /a\n\nuser-agent: *\ndisallow: /", map[string]bool{"/a/b": false, "/b": true}},
		"twice":          {"user-agent: difygen-crawler\ndisallow: /a\nuser-agent: x\ndisallow: /c\nuser-agent: difygen-crawler\ndisallow: /b", map[string]bool{"/a": false, "/b": false, "/c": true}},
		"another":        {"user-agent: other\ndisallow: /", map[string]bool{"/": true}},
		"the longest":    {"user-agent: *\nallow: /example/page/\ndisallow: /example/page/disallowed.gif", map[string]bool{"/example/page/": true, "/example/page/disallowed.gif": false}},
		"equally long":   {"user-agent: *\ndisallow: /a\nallow: /a", map[string]bool{"/a": true}},
		"wildcards":      {"user-agent: *\ndisallow: /*.gif$\ndisallow: /a*b/", map[string]bool{"/x.gif": false, "/x.gif?q": true, "/axxb/": false, "/axx": true}},
		"ends":           {"user-agent: *\ndisallow: /$\ndisallow: /*a*a$\ndisallow: /b*$\ndisallow: *c", map[string]bool{"/": false, "/?": true, "/a": true, "/aa": false, "/aab": true, "/axax": true, "/b": false, "/bx": false, "/xcx": false}},
		"many stars":     {"user-agent: *\ndisallow: /a***b**", map[string]bool{"/ab": false, "/axbx": false, "/b": true}},
		"a long pattern": {"user-agent: *\ndisallow: /" + strings.Repeat("*", maxPattern) + "\ndisallow: /" + strings.Repeat("a", maxPattern-1), map[string]bool{"/x": true, "/" + strings.Repeat("a", maxPattern-1): false}},
		"characters":     {"user-agent: *\ndisallow: /foo/bar/ツ\ndisallow: /foo/ba%7Ar\ndisallow: /(", map[string]bool{"/foo/bar/%E3%83%84": false, "/foo/bazr": false, "/(": false, "/": true}},
		"query":          {"user-agent: *\ndisallow: /*?q=", map[string]bool{"/a?q=1": false, "/a": true}},
		"comment":        {"\uFEFFuser-agent: * # all\r\ndisallow: /a # not this\r\n", map[string]bool{"/a": false, "/b": true}},
		"before a name":  {"disallow: /\nuser-agent: *\ndisallow: /a", map[string]bool{"/": true, "/a": false}},
		"other lines":    {"user-agent: *\nsitemap: https://example.com/\ndisallow: /a\nno colon", map[string]bool{"/a": false}},
		"a sitemap only": {"sitemap: https://example.com/", map[string]bool{"/": true}},
	} {
		rules, err := parseRobots(strings.NewReader(test.robots))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for path, want := range test.paths {
			u, err := url.Parse("https://example.com" + path)
			if err != nil {
				t.Fatal(err)
			}
			if got := rules.allow(u); got != want {
				t.Errorf("%s: %s is allowed: %t, want %t", name, path, got, want)
			}
		}
	}
}

// TestRobotsAreBounded has more rules than count.
func TestRobotsAreBounded(t *testing.T) {
	t.Parallel()
	rules, err := parseRobots(strings.NewReader("user-agent: *\n" + strings.Repeat("disallow: /a\n", 2*maxRules)))
	if err != nil || len(rules.rules) != maxRules {
		t.Errorf("%d rules, %v", len(rules.rules), err)
	}
	if _, err := parseRobots(strings.NewReader(strings.Repeat("a", 2*maxRobots))); err != nil {
		t.Errorf("a long line: %v", err)
	}
	if rules, err = parseRobots(strings.NewReader(strings.Repeat("user-agent: *\ndisallow: /a\n", maxRobots))); err != nil || len(rules.rules) != maxRules {
		t.Errorf("a long file: %d rules, %v", len(rules.rules), err)
	}
}

// TestHostileRobots has files that would cost seconds for each page, or to read, if patterns were tried in
// more than one way or rules were kept for each name. The time is that of a machine without any to spare.
func TestHostileRobots(t *testing.T) {
	t.Parallel()
	path := "/" + strings.Repeat("a", maxURL-2) + "b"
	for name, text := range map[string]string{
		"many parts": strings.Repeat("disallow: "+strings.Repeat("*a", 40)+"c\n", maxRules),
		"near ends":  strings.Repeat("disallow: /*"+strings.Repeat("a", 80)+"$\n", maxRules),
		"stars":      "disallow: /" + strings.Repeat("*", 100_000) + "c",
		"names":      strings.Repeat("user-agent: *\n", 18_000) + strings.Repeat("disallow:\n", 25_000),
	} {
		start := time.Now()
		for range 20 {
			rules, err := parseRobots(strings.NewReader("user-agent: *\n" + text))
			if err != nil || !rules.allow(&url.URL{Scheme: "https", Host: "example.com", Path: path}) {
				t.Fatalf("%s: %d rules, %v", name, len(rules.rules), err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Fatalf("%s: it took %s", name, took)
			}
		}
	}
}

// FuzzMatch compares patterns with regular expressions.
func FuzzMatch(f *testing.F) {
	f.Add("/a*b$", "/axb")
	f.Add("*a*a", "/a")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		var rules robots
		if rules.add(false, pattern); len(rules.rules) == 0 || len(path) > maxURL {
			return
		}
		text, end := strings.CutSuffix(pattern, "$")
		parts := strings.Split(text, "*")
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(escaped(part))
		}
		expression := "(?s)^" + strings.Join(parts, ".*")
		if end {
			expression += "$"
		}
		want, err := regexp.Compile(expression)
		if err != nil || !utf8.ValidString(pattern) || !utf8.ValidString(path) {
			return
		}
		if got := rules.rules[0].match(path); got != want.MatchString(path) {
			t.Errorf("%q matches %q: %t", pattern, path, got)
		}
	})
}

func FuzzRobots(f *testing.F) {
	f.Add("user-agent: *\ndisallow: /*a$\nallow: /%", "/a%2")
	f.Fuzz(func(t *testing.T, text, path string) {
		rules, err := parseRobots(strings.NewReader(text))
		if err == nil {
			rules.allow(&url.URL{Scheme: "https", Host: "example.com", Path: path})
		}
		if rules != nil && len(rules.rules) > maxRules {
			t.Errorf("%d rules", len(rules.rules))
		}
	})
}
