package session

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/httphead"
)

// httpReply is what a client gets.
type httpReply struct {
	Status int
	Header http.Header
	Body   string
	Err    string
}

// TestLikeNetHTTP compares what handlers see and send with what they do on a server of net/http.
func TestLikeNetHTTP(t *testing.T) {
	t.Parallel()
	const get, post = "GET /a%2Fb?c=d&e HTTP/1.1\r\nHost: example.com:8080\r\n\r\n", "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\na=1&b=2&a=3"
	const parts = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n--x--\r\n"
	write := func(texts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, text := range texts {
				fmt.Fprint(w, text)
			}
		}
	}
	for name, test := range map[string]struct {
		request string
		handler http.HandlerFunc
		differs func(*httpReply) // makes of net/http's httpReply what the host gets
	}{
		"nothing":          {get, func(http.ResponseWriter, *http.Request) {}, nil},
		"text":             {get, write("hello"), nil},
		"html":             {get, write("<!DOCTYPE html>"), nil},
		"html in pieces":   {get, write("<!DOC", "TYPE html>"), nil},
		"an empty piece":   {get, write("", "<html>"), nil},
		"an image":         {get, write("\x89PNG\r\n\x1a\n"), nil},
		"a large body":     {get, write(strings.Repeat("a", maxBodyChunk+7)), nil},
		"HEAD":             {"HEAD" + get[3:], write("<html>"), nil},
		"HEAD of a length": {"HEAD" + get[3:], header("Content-Length", "7"), nil},
		"HEAD, large": {"HEAD" + get[3:], write(strings.Repeat("a", 5000)), func(r *httpReply) {
			r.Header.Set("Content-Length", "5000") // net/http has not kept it
		}},
		"HEAD, flushed":         {"HEAD" + get[3:], func(w http.ResponseWriter, r *http.Request) { write("a")(w, r); flush(w); write("b")(w, r) }, nil},
		"a type":                {get, header("Content-Type", "application/json", "{}"), nil},
		"no type":               {get, func(w http.ResponseWriter, r *http.Request) { w.Header()["Content-Type"] = nil; write("<html>")(w, r) }, nil},
		"compressed":            {get, header("Content-Encoding", "gzip", "<html>"), nil},
		"a type without a body": {get, header("Content-Type", "text/css"), nil},
		"204":                   {get, bodyless204(http.StatusNoContent), nil},
		"304":                   {get, bodyless204(http.StatusNotModified), nil},
		"a status":              {get, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot); write("no")(w, r) }, nil},
		"two statuses": {get, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		}, nil},
		"hints":                   {get, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusEarlyHints); write("a")(w, r) }, nil},
		"headers after the start": {get, func(w http.ResponseWriter, r *http.Request) { write("a")(w, r); w.Header().Set("X-Late", "1") }, nil},
		"values": {get, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Values"] = []string{"a", "b,c"}
			w.Header().Add("Vary", "Accept")
			w.Header().Add("vary", "Cookie")
		}, joined},
		"cookies": {get, func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		}, func(r *httpReply) { r.Header["Set-Cookie"] = r.Header["Set-Cookie"][1:] }},
		"line ends":    {get, header("X-Text", "a\r\nSet-Cookie: b=c"), nil},
		"a wrong name": {get, header("X Text", "a"), nil},
		"trailers": {get, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			write("a")(w, r)
			w.Header().Set("X-Sum", "1")
		}, func(r *httpReply) { r.Header.Del("Trailer") }},
		"flushed": {get, func(w http.ResponseWriter, r *http.Request) {
			write("<!DOC")(w, r)
			flush(w)
			write("TYPE html>")(w, r)
		}, nil},
		"flushed first": {get, func(w http.ResponseWriter, r *http.Request) {
			flush(w)
			w.WriteHeader(http.StatusTeapot)
			write("<html>")(w, r)
		}, nil},
		"a short body":    {get, header("Content-Length", "10", "a"), func(r *httpReply) { *r = httpReply{Err: "broken off"} }},
		"a long body":     {get, tooMuch, nil},
		"a wrong length":  {get, header("Content-Length", "x", "abc"), nil},
		"an error":        {get, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }, nil},
		"a redirect":      {get, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x?y=z", http.StatusFound) }, nil},
		"not found":       {get, http.NotFound, nil},
		"copied":          {get, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, strings.NewReader("<html>")) }, nil},
		"content":         {get, content, nil},
		"HEAD of content": {"HEAD" + get[3:], content, nil},
		"a range":         {strings.TrimSuffix(get, "\r\n") + "Range: bytes=2-4\r\n\r\n", content, nil},
		"ranges": {strings.TrimSuffix(get, "\r\n") + "Range: bytes=0-0,-2\r\n\r\n", content, func(r *httpReply) {
			r.Body, r.Header = "", http.Header{}
		}},
		"a wrong range": {strings.TrimSuffix(get, "\r\n") + "Range: bytes=20-\r\n\r\n", content, nil},
		"not modified":  {strings.TrimSuffix(get, "\r\n") + "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n", content, nil},
		"GET":           {get, show, nil},
		"POST":          {post, show, nil},
		"an empty POST": {"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n", show, nil},
		"no body":       {"POST / HTTP/1.1\r\nHost: example.com\r\n\r\n", show, nil},
		"multipart":     {"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: " + strconv.Itoa(len(parts)) + "\r\n\r\n" + parts, form, nil},
		"too large": {post, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
			fmt.Fprint(w, err, errors.As(err, new(*http.MaxBytesError)))
		}, nil},
		"deadlines": {get, deadlines, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := onServer(t, test.handler, test.request), inSession(t, test.handler, test.request)
			if test.differs != nil {
				test.differs(&want)
			}
			if name == "ranges" { // the boundary is random
				got.Header, got.Body = http.Header{}, ""
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-net/http +session:\n%s", diff)
			}
		})
	}
}

func flush(w http.ResponseWriter) { w.(http.Flusher).Flush() }

// header sets a header, and writes the rest.
func header(name, value string, body ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(name, value)
		for _, text := range body {
			fmt.Fprint(w, text)
		}
	}
}

// tooMuch writes more than it has said.
func tooMuch(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "2")
	_, _ = w.Write([]byte("ab"))
	if n, err := w.Write([]byte("c")); n != 0 || !errors.Is(err, http.ErrContentLength) {
		panic(fmt.Sprint(n, err))
	}
}

// bodyless204 writes a body although there can be none.
func bodyless204(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		w.Header().Set("Etag", `"a"`)
		w.WriteHeader(status)
		if n, err := w.Write([]byte("abc")); n != 0 || !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(fmt.Sprint(n, err))
		}
	}
}

func content(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "a.txt", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), strings.NewReader("0123456789"))
}

// show writes what a handler sees of its request.
func show(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	fmt.Fprintln(w, r.Method, r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host, r.Proto, r.ContentLength, r.TransferEncoding, r.Close, r.Header, r.TLS, string(body), err, r.Body == http.NoBody)
	r.Body = io.NopCloser(bytes.NewReader(body))
	fmt.Fprintln(w, r.ParseForm(), r.Form, r.PostForm, r.FormValue("a"))
}

func form(w http.ResponseWriter, r *http.Request) {
	file, head, err := r.FormFile("f")
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(file)
	fmt.Fprint(w, head.Filename, head.Size, string(text), err, r.FormValue("n"))
}

func deadlines(w http.ResponseWriter, _ *http.Request) {
	c := http.NewResponseController(w)
	fmt.Fprintln(w, c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)), c.EnableFullDuplex(), c.Flush())
}

// joined joins the values of headers, as the host has only one of each.
func joined(r *httpReply) {
	for name, values := range r.Header {
		r.Header[name] = []string{strings.Join(values, ", ")}
	}
}

// onServer returns what a client of net/http's server gets.
func onServer(t *testing.T, h http.HandlerFunc, request string) httpReply {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	in, r := bufio.NewReader(conn), &http.Request{Method: request[:strings.IndexByte(request, ' ')]}
	var resp *http.Response
	for resp == nil || resp.StatusCode < http.StatusOK {
		if resp, err = http.ReadResponse(in, r); err != nil {
			t.Fatal(err)
		}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	resp.Header.Del("Date")
	resp.Header.Del("Connection")
	if r.Method != http.MethodHead {
		resp.Header.Del("Content-Length")
	}
	got := httpReply{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}
	if err != nil {
		got.Err = err.Error()
	}
	return got
}

// inSession returns what the host gets.
func inSession(t *testing.T, h http.HandlerFunc, request string) httpReply {
	t.Helper()
	r, err := parseHTTPRequest(t.Context(), []byte(request))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := newSession("s", newConnection(Transport{}, &out))
	if err := silentServer().respond(s, plain(h), r); errors.Is(err, errAborted) {
		return httpReply{Err: "broken off"}
	} else if err != nil {
		t.Fatal(err)
	}
	got := httpReply{Header: make(http.Header)}
	for _, text := range messages(t, out.Bytes()) {
		var part responseHead
		if err := json.Unmarshal([]byte(text), &part); err != nil {
			t.Fatal(err)
		}
		body, err := hex.DecodeString(part.Result)
		if err != nil {
			t.Fatal(err)
		}
		if got.Body += string(body); got.Status == 0 {
			got.Status = part.Status
			for name, value := range part.Headers {
				got.Header.Set(name, value)
			}
		}
	}
	return got
}

// TestWriteDeadline checks that writes fail after the deadline that the code has set.
func TestWriteDeadline(t *testing.T) {
	t.Parallel()
	w := &responseWriter{send: func(any) error { return nil }, headers: httphead.NewHead()}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write([]byte("a")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %d, %v", n, err)
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write([]byte("a")); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}
