package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/httphead"
	"github.com/difygen/difygen/runtime"
)

// errBadHTTP is the error of a raw_http_request that is invalid or ambiguous. Its
// messages never quote the request.
var errBadHTTP = errors.New("the HTTP request that Dify passed on is malformed")

func badHTTP(problem string) error {
	return &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: fmt.Errorf("%w: %s", errBadHTTP, problem)}
}

// parseHTTPRequest parses a raw_http_request: an HTTP/1.1 request with its complete
// body. It rejects everything that could be parsed in two ways, which
// prevents request smuggling.
func parseHTTPRequest(ctx context.Context, data []byte) (*http.Request, error) {
	head, body, err := splitHead(data)
	if err != nil {
		return nil, err
	}
	if string(body) == emptyChunks && slices.ContainsFunc(head, isChunked) {
		body = nil
	}
	request, err := cleanHead(head, len(body))
	if err != nil {
		return nil, err
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(append(request, body...))))
	if err != nil {
		return nil, badHTTP("its header cannot be parsed") // err would quote it
	}
	// A path without a query arrives with a "?" at its end.
	r.URL.ForceQuery, r.RequestURI = false, strings.TrimSuffix(r.RequestURI, "?")
	return r.WithContext(ctx), nil
}

// emptyChunks is the body of a chunked request without one. The host sends an empty POST or PUT
// to an endpoint so; it decodes all other bodies.
const emptyChunks = "0\r\n\r\n"

// isChunked reports whether a line of a header says that the body is in chunks.
func isChunked(line string) bool {
	name, value, _ := strings.Cut(line, ":")
	return strings.EqualFold(name, "Transfer-Encoding") && strings.EqualFold(strings.TrimSpace(value), "chunked")
}

// The limits of a header: in bytes, that of the host, and in lines.
const (
	maxHead      = 1 << 20
	maxHeadLines = 1000
)

// splitHead returns the lines before the body, without their line endings, and the body.
func splitHead(data []byte) (lines []string, body []byte, err error) {
	for size := len(data); ; {
		line, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			return nil, nil, badHTTP("its header does not end")
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if bytes.ContainsAny(line, "\r\x00") {
			return nil, nil, badHTTP("its header contains a control character")
		}
		data = rest
		switch {
		case len(line) == 0:
			return lines, data, nil
		case size-len(data) > maxHead || len(lines) == maxHeadLines:
			return nil, nil, badHTTP("its header is too large")
		}
		lines = append(lines, string(line))
	}
}

// cleanHead checks the request line and the header, and returns them rewritten for a
// body of the given size.
func cleanHead(lines []string, size int) ([]byte, error) {
	if len(lines) == 0 {
		return nil, badHTTP("it is empty")
	}
	if err := checkRequestLine(lines[0]); err != nil {
		return nil, err
	}
	var head bytes.Buffer
	length := len("Content-Length: 12345678\r\n\r\n")
	for _, line := range lines {
		length += len(line) + len("\r\n")
	}
	head.Grow(length)
	head.WriteString(lines[0])
	head.WriteString("\r\n")
	var seen seenHeaders
	for _, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		if !found || !httphead.IsToken(name) {
			return nil, badHTTP("it has an invalid header name, or a header that continues on a second line")
		}
		value = strings.Trim(value, " \t")
		unique, err := seen.check(name, value, size)
		if err != nil {
			return nil, err
		}
		if unique < uniqueLength { // the body is complete and not encoded
			for _, text := range []string{name, ": ", value, "\r\n"} {
				head.WriteString(text)
			}
		}
	}
	if size > 0 || seen[uniqueLength] {
		head.WriteString("Content-Length: " + strconv.Itoa(size) + "\r\n")
	}
	head.WriteString("\r\n")
	return head.Bytes(), nil
}

// seenHeaders are the unique headers that a request has so far.
type seenHeaders [len(uniqueHeaders)]bool

// check checks a header of a request with a body of the given size. It returns the header's index in
// uniqueHeaders, or a negative number.
func (seen *seenHeaders) check(name, value string, size int) (unique int, err error) {
	unique = slices.IndexFunc(uniqueHeaders[:], func(h string) bool { return strings.EqualFold(h, name) })
	switch {
	case strings.Contains(name, "_"):
		return 0, badHTTP("a header name contains an underscore, which some servers treat as a hyphen")
	case unique < 0:
		return unique, nil
	case seen[unique]:
		return 0, badHTTP("it repeats a header that must be unique")
	case unique == uniqueHost && strings.ContainsAny(value, " \t/\\@?#,"):
		return 0, badHTTP("its Host header is invalid")
	case unique == uniqueEncoding && !strings.EqualFold(value, "chunked"):
		return 0, badHTTP("its Transfer-Encoding is not supported")
	case unique == uniqueLength && value != strconv.Itoa(size):
		return 0, badHTTP("its Content-Length does not match its body")
	}
	seen[unique] = true
	if seen[uniqueLength] && seen[uniqueEncoding] {
		return 0, badHTTP("it has both Content-Length and Transfer-Encoding")
	}
	return unique, nil
}

// uniqueHeaders are those that a request has once. The last two say where the body ends.
var uniqueHeaders = [...]string{uniqueHost: "Host", uniqueLength: "Content-Length", uniqueEncoding: "Transfer-Encoding"}

const uniqueHost, uniqueLength, uniqueEncoding = 0, 1, 2

func checkRequestLine(line string) error {
	method, rest, _ := strings.Cut(line, " ")
	target, version, _ := strings.Cut(rest, " ")
	switch {
	case !httphead.IsToken(method) || strings.ContainsAny(version, " "):
		return badHTTP("its first line is not a method, a path and a version")
	case !strings.HasPrefix(target, "/"):
		return badHTTP("its path does not start with a slash")
	case version != "HTTP/1.1" && version != "HTTP/1.0":
		return badHTTP("its version is neither HTTP/1.1 nor HTTP/1.0")
	}
	return nil
}
