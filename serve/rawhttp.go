package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// errBadHTTP is the error of a raw_http_request that two readers could understand
// differently, or not at all. None of its messages quotes the request.
var errBadHTTP = errors.New("the HTTP request that Dify passed on is malformed")

func badHTTP(problem string) error { return fmt.Errorf("%w: %s", errBadHTTP, problem) }

// parseHTTPRequest reads a raw_http_request: hexadecimal digits of an HTTP/1.1
// request with its whole body. It takes nothing that could be read in two ways, so
// that nobody smuggles a second request or another body through.
func parseHTTPRequest(ctx context.Context, raw string) (*http.Request, error) {
	data, err := hex.DecodeString(raw)
	if err != nil {
		return nil, badHTTP("it is not in hexadecimal digits")
	}
	head, body, err := splitHead(data)
	if err != nil {
		return nil, err
	}
	request, err := cleanHead(head, len(body))
	if err != nil {
		return nil, err
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(append(request, body...))))
	if err != nil {
		return nil, badHTTP("its head does not parse") // the error would quote it
	}
	// A bare path ends in "?".
	r.URL.ForceQuery, r.RequestURI = false, strings.TrimSuffix(r.RequestURI, "?")
	return r.WithContext(ctx), nil
}

// splitHead returns the lines of the head, without their ends, and the body.
func splitHead(data []byte) (lines []string, body []byte, err error) {
	for {
		line, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			return nil, nil, badHTTP("its head does not end")
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if bytes.ContainsAny(line, "\r\x00") {
			return nil, nil, badHTTP("a line of its head holds a control character")
		}
		data = rest
		if len(line) == 0 {
			return lines, data, nil
		}
		lines = append(lines, string(line))
	}
}

// cleanHead checks the lines of a head and writes it anew, for a body of that size.
func cleanHead(lines []string, size int) ([]byte, error) {
	if len(lines) == 0 {
		return nil, badHTTP("it is empty")
	}
	if err := checkRequestLine(lines[0]); err != nil {
		return nil, err
	}
	var head bytes.Buffer
	head.WriteString(lines[0] + "\r\n")
	seen := make(map[string]bool)
	for _, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		key := strings.ToLower(name)
		value = strings.Trim(value, " \t")
		switch {
		case !found || !isToken(name):
			return nil, badHTTP("the name of a header is not one, or a header goes on in a second line")
		case strings.ContainsRune(name, '_'):
			return nil, badHTTP("the name of a header holds an underscore, which some take for a hyphen")
		case seen[key] && (key == "content-length" || key == "transfer-encoding" || key == "host"):
			return nil, badHTTP("a header that must stand once stands twice")
		case key == "host" && strings.ContainsAny(value, " \t/\\@?#,"):
			return nil, badHTTP("its Host is not one")
		case key == "content-length" && value != strconv.Itoa(size):
			return nil, badHTTP("its Content-Length is not that of its body")
		}
		seen[key] = true
		if seen["content-length"] && seen["transfer-encoding"] {
			return nil, badHTTP("it has a Content-Length and a Transfer-Encoding")
		}
		if key != "content-length" && key != "transfer-encoding" { // the body comes as a whole
			head.WriteString(name + ": " + value + "\r\n")
		}
	}
	head.WriteString("Content-Length: " + strconv.Itoa(size) + "\r\n\r\n")
	return head.Bytes(), nil
}

func checkRequestLine(line string) error {
	method, rest, _ := strings.Cut(line, " ")
	target, version, _ := strings.Cut(rest, " ")
	switch {
	case !isToken(method) || strings.ContainsAny(version, " "):
		return badHTTP("its first line is not a method, a path and a version")
	case !strings.HasPrefix(target, "/"):
		return badHTTP("its path does not start with a slash")
	case version != "HTTP/1.1" && version != "HTTP/1.0":
		return badHTTP("its version is neither HTTP/1.1 nor HTTP/1.0")
	}
	return nil
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}
