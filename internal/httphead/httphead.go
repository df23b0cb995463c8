// Package httphead makes the head of HTTP responses such as Dify takes them.
package httphead

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// hopHeaders are about a connection, which is the host's own (RFC 9110, section 7.6.1; those that
// Connection names are not known here).
var hopHeaders = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// Clean returns the headers of a response as the host wants them, with one value each. It
// joins values as RFC 9110 allows. Of several cookies it keeps the last; it names the others, and
// headers whose names are not valid, in dropped. Like net/http, it replaces line ends and other
// control characters in values with spaces. The length of the body is for the host to tell, but in the
// response to a request with the method HEAD.
func Clean(h http.Header, head bool) (clean map[string]string, dropped []string) {
	clean = make(map[string]string, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		values := h[name]
		key := http.CanonicalHeaderKey(name)
		switch {
		case len(values) == 0 || slices.Contains(hopHeaders, key) || strings.HasPrefix(name, http.TrailerPrefix):
		case !IsToken(name):
			dropped = append(dropped, text.Name(name))
		case key == "Content-Length":
			if n, err := strconv.ParseUint(values[0], 10, 63); err == nil && head {
				clean[key] = strconv.FormatUint(n, 10)
			}
		case key == "Set-Cookie":
			clean[key] = cleanValue(values[len(values)-1])
			for _, cookie := range values[:len(values)-1] {
				name, _, _ := strings.Cut(cookie, "=")
				dropped = append(dropped, "the cookie "+text.Name(name))
			}
		default:
			if other, ok := clean[key]; ok { // in another spelling
				values = append([]string{other}, values...)
			}
			clean[key] = cleanValue(strings.Join(values, ", "))
		}
	}
	return clean, dropped
}

// cleanValue returns the value of a header without control characters (RFC 9110, section 5.5).
func cleanValue(s string) string {
	return strings.Trim(strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return ' '
		}
		return c
	}, s), " \t")
}

// IsToken reports whether s is a token of RFC 9110, section 5.6.2.
func IsToken(s string) bool {
	for _, c := range []byte(s) {
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}

// Bodyless reports whether a response with the status has no body (RFC 9110, section 6.4.1).
func Bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// Sniffed is how many bytes of a body decide what it is.
const Sniffed = 512

// SetType adds to the headers of a response the type of its body, and takes it from one that has not been
// modified, as net/http does. The body has begun with these bytes.
func SetType(h http.Header, status int, body []byte) {
	_, typed := h["Content-Type"]
	switch {
	case status == http.StatusNotModified:
		h.Del("Content-Type")
	case !typed && len(body) > 0 && h.Get("Content-Encoding") == "":
		h.Set("Content-Type", http.DetectContentType(body))
	}
}
