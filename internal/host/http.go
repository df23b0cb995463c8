package host

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxHTTPBody is where the host cuts the body of a request to an endpoint, in bytes.
const maxHTTPBody = 10 << 20

// EncodeEndpoint returns a request to an endpoint as raw_http_request, with the changes that
// the host makes to it. The path of the request is what follows the URL of the hook.
func EncodeEndpoint(r *http.Request, hookID string) (string, error) {
	body, err := readBody(r)
	if err != nil {
		return "", err
	}
	header := r.Header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	for name := range header {
		switch name {
		case "X-Forwarded-For", "X-Real-Ip", "X-Forwarded", "Content-Length":
			delete(header, name)
		default:
			if strings.HasPrefix(name, "X-Original-") {
				delete(header, name)
			}
		}
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "Go-http-client/1.1")
	}
	header.Set("Dify-Hook-Id", hookID)
	target := r.URL.EscapedPath()
	if target == "" {
		target = "/"
	}
	if header.Get("Dify-Hook-Url") == "" { // the path in it is not escaped
		scheme := "http"
		if header.Get("X-Forwarded-Proto") == "https" {
			scheme = "https"
		}
		header.Set("Dify-Hook-Url", scheme+"://"+hostOf(r)+"/e/"+hookID+cmp.Or(r.URL.Path, "/"))
	}
	switch {
	case len(body) > 0:
		header.Set("Content-Length", strconv.Itoa(len(body)))
	case r.Method == http.MethodPost || r.Method == http.MethodPut:
		header.Set("Transfer-Encoding", "chunked")
		body = []byte("0\r\n\r\n")
	}
	if query := r.URL.Query().Encode(); query != "" { // sorted
		target += "?" + query
	}
	return encodeHTTP(r, target, header, body)
}

// EncodeCallback returns the request with which a browser comes back from an authorization
// server as raw_http_request, as Dify sends it.
func EncodeCallback(r *http.Request) (string, error) {
	body, err := readBody(r)
	if err != nil {
		return "", err
	}
	return encodeHTTP(r, r.URL.EscapedPath()+"?"+r.URL.RawQuery, r.Header, body)
}

func encodeHTTP(r *http.Request, target string, header http.Header, body []byte) (string, error) {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, hostOf(r))
	if err := header.Write(&raw); err != nil {
		return "", fmt.Errorf("encoding an HTTP request: %w", err)
	}
	raw.WriteString("\r\n")
	raw.Write(body)
	return hex.EncodeToString(raw.Bytes()), nil
}

func hostOf(r *http.Request) string {
	for _, host := range []string{r.Host, r.URL.Host} {
		if host != "" {
			return host
		}
	}
	return "dify.example"
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxHTTPBody))
	if err != nil {
		return nil, fmt.Errorf("reading the body of an HTTP request: %w", err)
	}
	return body, nil
}

// DecodeEndpoint puts together the response of an endpoint to a request, and returns its body
// once more. It returns the response's error if the endpoint has sent none.
func DecodeEndpoint(response *Response, r *http.Request) (resp *http.Response, body []byte, err error) {
	if len(response.Results) == 0 {
		if response.Err != nil {
			return nil, nil, response.Err
		}
		return nil, nil, errors.New("the endpoint sends no response")
	}
	resp = &http.Response{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, StatusCode: http.StatusOK, Header: make(http.Header), Request: r}
	for i, data := range response.Results {
		var part endpointResult
		if err := json.Unmarshal(data, &part); err != nil {
			return nil, nil, fmt.Errorf("decoding a result: %w", err)
		}
		if i == 0 {
			if part.Status != nil {
				resp.StatusCode = *part.Status
			}
			for name, value := range part.Headers {
				resp.Header.Set(name, value)
			}
		}
		if part.Result != nil {
			chunk, err := hex.DecodeString(*part.Result)
			if err != nil {
				return nil, nil, errors.New("decoding a result: it is not in hexadecimal")
			}
			body = append(body, chunk...)
		}
	}
	if response.Err != nil {
		return nil, nil, fmt.Errorf("the response is cut off: %w", response.Err)
	}
	resp.Status = strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode)
	resp.ContentLength, resp.Body = int64(len(body)), io.NopCloser(bytes.NewReader(body))
	return resp, body, nil
}
