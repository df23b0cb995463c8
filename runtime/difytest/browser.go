package difytest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// HTTPClient returns a client that sends all requests to the server, also those for https URLs
// and other hosts, so that a provider needs no URL of its own in a test: in a request, Host is
// that of its URL. Only what is for another address of this machine, such as another
// httptest.Server, goes there. It also reports the deadline of each request to the server. A
// provider under test must use it.
func (s *AuthServer) HTTPClient() *http.Client { return &http.Client{Transport: s.transport()} }

// Browse opens an authorization URL like a user's browser, and returns the callback as a plugin
// gets it from Dify. As with HTTPClient, the URL may have any host.
func (s *AuthServer) Browse(tb testing.TB, location string) *http.Request {
	tb.Helper()
	client := &http.Client{
		Transport:     s.transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, location, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // for the message only
		tb.Fatalf("the server rejects the authorization request: %s: %s", resp.Status, why)
	}
	raw := "GET " + back.RequestURI() + " HTTP/1.1\r\nHost: " + back.Host + "\r\nCookie: session=" + cookie + "\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		tb.Fatal(err)
	}
	return r.WithContext(tb.Context())
}

// cookie is in the header of callbacks, and must not appear in messages.
const cookie = "cookie-of-the-console"

// The headers in which toServer tells the server about a request.
const (
	deadlineHeader = "Difygen-Test-Deadline"
	schemeHeader   = "Difygen-Test-Scheme"
)

// toServer is a transport that sends requests to a test server. It can be compared, so that the
// clients of one server share tokens.
type toServer struct {
	next http.RoundTripper
	host string // of the server
}

func (s *AuthServer) transport() http.RoundTripper {
	return toServer{s.Client().Transport, s.Listener.Addr().String()}
}

// RoundTrip sends a request. The response belongs to the request as it was, for redirects.
func (t toServer) RoundTrip(r *http.Request) (*http.Response, error) {
	original := r
	r = r.Clone(r.Context())
	left := "none"
	if deadline, ok := r.Context().Deadline(); ok {
		left = time.Until(deadline).String()
	}
	r.Header.Set(deadlineHeader, left)
	r.Header.Set(schemeHeader, r.URL.Scheme)
	if !isLoopback(r.URL) {
		if r.Host == "" {
			r.Host = r.URL.Host
		}
		r.URL.Scheme, r.URL.Host = "http", t.host
	}
	resp, err := t.next.RoundTrip(r)
	if resp != nil {
		resp.Request = original
	}
	return resp, err
}

// isLoopback reports whether a URL is on this machine.
func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
