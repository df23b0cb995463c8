package crawler

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"github.com/difygen/difygen/runtime"
)

const (
	agent   = "difygen-crawler" // in robots.txt
	maxPage = 4 << 20           // bytes that are read of a page
	maxURL  = 2 << 10           // bytes of the path and the query of a page
)

var (
	errURL       = errors.New("the start URL must be one such as https://example.com/docs/")
	errNotForUs  = errors.New("the website does not want programs to read this page (robots.txt)")
	errNotText   = errors.New("the start URL is not that of a page: it must have HTML or text")
	errLong      = errors.New("the URL of the page is too long")
	errElsewhere = errors.New("the page leads to another host")
)

// startURL checks a URL that a user has entered.
func startURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, errURL
	}
	return normal(u), nil
}

// normal returns a URL in the form by which pages are known.
func normal(u *url.URL) *url.URL {
	n := *u
	n.Fragment, n.RawFragment = "", ""
	n.Host = host(u)
	if n.Path == "" {
		n.Path = "/"
	}
	return &n
}

// host returns the host of a URL and its port, unless that is the usual one.
func host(u *url.URL) string {
	name := strings.ToLower(u.Host)
	return strings.TrimSuffix(name, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
}

// site reads the pages of one host.
type site struct {
	host         string             // "" for any
	rules        map[string]*robots // by scheme and host
	pages, files *http.Client       // for pages, and for robots.txt, which no robots.txt forbids
}

const timeout = 20 * time.Second // for a page, with all redirects

func newSite() *site {
	s := &site{rules: make(map[string]*robots)}
	s.pages = &http.Client{Timeout: timeout, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if err := s.here(req.URL); err != nil {
			return &refusal{err}
		}
		if err := s.allowed(req.Context(), normal(req.URL)); err != nil {
			return &refusal{err}
		}
		return nil
	}}
	s.files = &http.Client{Timeout: timeout, CheckRedirect: func(req *http.Request, _ []*http.Request) error { return s.here(req.URL) }}
	return s
}

// refusal is why a redirect is not followed. The service that redirects is not to blame.
type refusal struct{ error }

// here returns errElsewhere for the URL of another host.
func (s *site) here(u *url.URL) error {
	if s.host != "" && host(u) != s.host {
		return errElsewhere
	}
	return nil
}

// page reads a page.
func (s *site) page(ctx context.Context, u *url.URL) (*page, error) {
	if err := s.allowed(ctx, u); err != nil {
		return nil, err
	}
	resp, err := get(ctx, s.pages, u, "text/html, text/plain;q=0.5")
	if r := (*refusal)(nil); errors.As(err, &r) {
		return nil, r.error
	} else if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	at := normal(resp.Request.URL)
	header := resp.Header.Get("Content-Type")
	typ, _, _ := mime.ParseMediaType(header)
	body, err := charset.NewReader(io.LimitReader(resp.Body, maxPage), header)
	if errors.Is(err, io.EOF) {
		body = http.NoBody // an empty page
	} else if err != nil {
		return nil, err
	}
	switch typ {
	case "text/html", "application/xhtml+xml", "":
		p, err := parse(at, body)
		if err == nil && p.cut {
			slog.WarnContext(ctx, "A page has more than is read of it.", "host", at.Host, "path", at.Path)
		}
		return p, err
	case "text/plain", "text/markdown":
		text, err := io.ReadAll(body)
		return &page{url: at, title: strings.ToValidUTF8(at.Path, "\uFFFD"), content: strings.ToValidUTF8(string(text), "\uFFFD")}, err
	}
	return nil, errNotText
}

func get(ctx context.Context, client *http.Client, u *url.URL, accept string) (*http.Response, error) {
	req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{
		"Accept": {accept}, "User-Agent": {agent + "/0.1 (+https://github.com/difygen/difygen)"},
	}}).WithContext(ctx)
	return runtime.Do(client, req)
}

// allowed returns errNotForUs if robots.txt forbids a page, and errLong for a URL that is too long.
// Without a robots.txt, or if it cannot be read because of an error of the client (RFC 9309, section
// 2.3.1.3), all is allowed.
func (s *site) allowed(ctx context.Context, u *url.URL) error {
	if len(u.RequestURI()) > maxURL {
		return errLong
	}
	origin := u.Scheme + "://" + u.Host
	rules, ok := s.rules[origin]
	if !ok {
		var err error
		if rules, err = s.robots(ctx, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}); err != nil {
			return err
		}
		s.rules[origin] = rules
	}
	if !rules.allow(u) {
		return errNotForUs
	}
	return nil
}

func (s *site) robots(ctx context.Context, u *url.URL) (*robots, error) {
	resp, err := get(ctx, s.files, u, "text/plain")
	if status := runtime.StatusCode(err); status >= 400 && status < 500 || errors.Is(err, errElsewhere) {
		return &robots{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return parseRobots(resp.Body)
}
