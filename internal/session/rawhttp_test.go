package session

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
)

func TestParseHTTPRequest(t *testing.T) {
	t.Parallel()
	r, err := parseHTTPRequest(t.Context(), []byte(
		"POST /a%20b/c?x=1&y=a+b HTTP/1.1\r\nHost: dify.example\r\nX-A: 1\r\nx-a:2 \r\nTransfer-Encoding: chunked\r\n\r\nthe body\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || string(body) != "the body\r\n" || r.ContentLength != 10 || len(r.TransferEncoding) > 0 {
		t.Errorf("body %q, %v, length %d", body, err, r.ContentLength)
	}
	if r.Method != http.MethodPost || r.URL.Path != "/a b/c" || r.URL.Query().Get("y") != "a b" || r.Host != "dify.example" || strings.Join(r.Header["X-A"], ",") != "1,2" {
		t.Errorf("got %v", r)
	}
	// Bare line feeds, a bare question mark, no body.
	r, err = parseHTTPRequest(t.Context(), []byte("GET /cb? HTTP/1.0\nHost: x\n\n"))
	if err != nil || r.URL.String() != "/cb" || r.RequestURI != "/cb" || r.ContentLength != 0 {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestParseHTTPRequestRefuses(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                                 "its header does not end",
		"\r\n\r\n":                                         "it is empty",
		"GET / HTTP/1.1\r\nHost: x\r\n":                    "its header does not end",
		"GET / HTTP/1.1\rHost: x\r\n\r\n":                  "its header contains a control character",
		"GET / HTTP/1.1\r\nX: a\x00\r\n\r\n":               "its header contains a control character",
		"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n":             "it has an invalid header name, or a header that continues on a second line",
		"GET / HTTP/1.1\r\nX : a\r\n\r\n":                  "it has an invalid header name, or a header that continues on a second line",
		"GET / HTTP/1.1\r\nnothing\r\n\r\n":                "it has an invalid header name, or a header that continues on a second line",
		"GET / HTTP/1.1\r\nContent_Length: 0\r\n\r\n":      "a header name contains an underscore, which some servers treat as a hyphen",
		"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nfour":  "its Content-Length does not match its body",
		"GET / HTTP/1.1\r\nContent-Length: +4\r\n\r\nfour": "its Content-Length does not match its body",
		"GET / HTTP/1.1\r\nContent-Length: 4\r\ncontent-length: 4\r\n\r\nfour":          "it repeats a header that must be unique",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n":                                  "it repeats a header that must be unique",
		"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nfour": "it has both Content-Length and Transfer-Encoding",
		"GET / HTTP/1.1 \r\n\r\n":                                                 "its first line is not a method, a path and a version",
		"GET / x HTTP/1.1\r\n\r\n":                                                "its first line is not a method, a path and a version",
		"GET / HTTP/2\r\n\r\n":                                                    "its version is neither HTTP/1.1 nor HTTP/1.0",
		"GET http://evil.example/ HTTP/1.1\r\n\r\n":                               "its path does not start with a slash",
		"GET /%zz HTTP/1.1\r\n\r\n":                                               "its header cannot be parsed",
		"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n":                                     "its Host header is invalid",
		"GET / HTTP/1.1\r\nX: caf\x7f\r\n\r\n":                                    "its header cannot be parsed",
		"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n":                       "its Transfer-Encoding is not supported",
		"GET / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n":           "its Transfer-Encoding is not supported",
		"GET / HTTP/1.1\r\n" + strings.Repeat("X: a\r\n", 1000) + "\r\n":          "its header is too large",
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 1<<20) + "\r\nY: b\r\n\r\n": "its header is too large",
	} {
		_, err := parseHTTPRequest(t.Context(), []byte(raw))
		if want := "the HTTP request that Dify passed on is malformed: " + want; err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", raw, err, want)
		}
		if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorInvalidRequest {
			t.Errorf("%q: the type is not %s", raw, runtime.ErrorInvalidRequest)
		}
	}
}

// FuzzParseHTTPRequest wants an error, or a request whose body is everything after the
// header, whatever the header says.
func FuzzParseHTTPRequest(f *testing.F) {
	for _, raw := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST /a?b HTTP/1.0\nContent-Length: 1\n\nx", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET /? HTTP/1.1\r\n\r\n", "CONNECT /x HTTP/1.1\r\nHost: a:b\r\n\r\n", "PRI /* HTTP/1.1\r\nTrailer: X\r\nExpect: 100-continue\r\nConnection: close, x\r\n\r\n",
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parseHTTPRequest(t.Context(), raw)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(string(raw), string(body)) || int64(len(body)) != r.ContentLength {
			t.Errorf("body %q of %q, length %d", body, raw, r.ContentLength)
		}
		head := strings.TrimSuffix(string(raw), string(body))
		if !strings.HasSuffix(head, "\n\n") && !strings.HasSuffix(head, "\n\r\n") {
			t.Errorf("head %q of %q", head, raw)
		}
	})
}
