package runtime

import (
	"net/http"
	"net/url"
	"strings"
)

// EndpointCall is what Dify says about a request to an endpoint. With the zero value, such as in a test that
// calls the code of an endpoint itself, URL("a") returns "/a".
type EndpointCall struct {
	Call

	hook string
}

// URL returns the public address of a path below the hook, such as "/items/7?full=1", at which the
// same settings apply. The path is taken as it is: escape what goes into it, with url.PathEscape. Who
// sends the request can choose the host, and what is between the host and the hook: do not send
// secrets there. Neither has quotes, spaces or angle brackets. If the request names no proper host, the
// address begins with a slash.
//
// If the request does not come from Dify, such as in a test with package net/http/httptest, it is an address
// of the server that got the request.
func (c EndpointCall) URL(path string) string {
	if path != "" && !strings.ContainsAny(path[:1], "/?#") {
		path = "/" + path
	}
	return c.hook + path
}

// The headers that Dify adds to a request.
const (
	headerHookID  = "Dify-Hook-Id"
	headerHookURL = "Dify-Hook-Url"
)

// hookURL returns the address of the hook at which a request has arrived. Dify says it, followed by the
// path, whose special characters are not escaped. But it keeps a header of that name from whoever sent the
// request.
func hookURL(r *http.Request) string {
	scheme := "http"
	if first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ","); r.TLS != nil || strings.EqualFold(strings.TrimSpace(first), "https") {
		scheme = "https"
	}
	server := scheme + "://" + r.Host
	if strings.Contains(r.Host, "/") || !isAddress(server) {
		server = ""
	}
	id := r.Header.Get(headerHookID)
	if id == "" {
		return server
	}
	hook := "/e/" + url.PathEscape(id)
	if said, ok := cutHook(r.Header.Get(headerHookURL), hook); ok && isAddress(said) {
		return said
	}
	return server + hook
}

// cutHook returns address up to the end of the hook in it.
func cutHook(address, hook string) (string, bool) {
	for end := 0; ; {
		i := strings.Index(address[end:], hook)
		if i < 0 {
			return "", false
		}
		end += i + len(hook)
		if end == len(address) || address[end] == '/' {
			return address[:end], true
		}
	}
}

// isAddress reports whether s is a URL of a place on a web server, and nothing else, and is written like one.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && strings.Trim(u.Host, hostCharacters) == "" &&
		u.User == nil && u.String() == s && !strings.ContainsAny(s, "?#'")
}

// hostCharacters are what a host and its port consist of. Names in networks of containers have underscores.
const hostCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:[]-_"
