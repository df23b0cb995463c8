package trigger_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/trigger"
)

// reply is what the sender of a webhook gets.
type reply struct {
	Status int
	Header http.Header
	Body   string
	Err    string
}

// notHead are the tests that a client of net/http does not pass with the method HEAD.
var notHead = []string{"a short body", "a wrong length", "flushed", "chunked"}

// TestLikeNetHTTP compares answers with those of a server of net/http.
func TestLikeNetHTTP(t *testing.T) {
	t.Parallel()
	write := func(texts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, text := range texts {
				fmt.Fprint(w, text)
			}
		}
	}
	header := func(name, value string, texts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(name, value)
			write(texts...)(w, r)
		}
	}
	bodyless := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css")
			w.WriteHeader(status)
			if n, err := w.Write([]byte("abc")); n != 0 || !errors.Is(err, http.ErrBodyNotAllowed) {
				panic(fmt.Sprint(n, err))
			}
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		differs func(*reply) // makes of net/http's reply what Dify sends
	}{
		"nothing":        {func(http.ResponseWriter, *http.Request) {}, nil},
		"text":           {write("ok"), nil},
		"html in pieces": {write("<!DOC", "TYPE html>"), nil},
		"an empty piece": {write("", "<html>"), nil},
		"bytes":          {write("\x89PNG\r\n\x1a\n\x00\r\n\r\n\n\n"), nil},
		"a type":         {header("Content-Type", "application/json", "{}"), nil},
		"no type":        {func(w http.ResponseWriter, r *http.Request) { w.Header()["Content-Type"] = nil; write("a")(w, r) }, nil},
		"compressed":     {header("Content-Encoding", "gzip", "<html>"), nil},
		"204":            {bodyless(http.StatusNoContent), nil},
		"304":            {bodyless(http.StatusNotModified), nil},
		"a status": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			w.WriteHeader(http.StatusTeapot)
			write("later")(w, r)
		}, nil},
		"a status without a name": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(799) }, nil},
		"hints": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			write("a")(w, r)
		}, nil},
		"headers after the start": {func(w http.ResponseWriter, r *http.Request) { write("a")(w, r); w.Header().Set("X-Late", "1") }, nil},
		"values": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Values"] = []string{"a", "b,c"}
			w.Header().Add("vary", "Cookie")
		}, func(r *reply) { r.Header["X-Values"] = []string{"a, b,c"} }},
		"line ends":      {header("X-Text", "a\r\nSet-Cookie: b=c"), nil},
		"a wrong name":   {header("X Text\r\nX-Y: z", "a"), nil},
		"grüße":          {header("X-Text", "grüße", "grüße"), nil},
		"chunked":        {header("Transfer-Encoding", "chunked", "a"), func(r *reply) { r.Header.Set("Content-Type", "text/plain; charset=utf-8") }},
		"a length":       {header("Content-Length", "2", "ab"), nil},
		"a wrong length": {header("Content-Length", "x", "ab"), nil},
		"a long body": {func(w http.ResponseWriter, r *http.Request) {
			header("Content-Length", "2", "ab")(w, r)
			if n, err := w.Write([]byte("c")); n != 0 || !errors.Is(err, http.ErrContentLength) {
				panic(fmt.Sprint(n, err))
			}
		}, nil},
		"an error":   {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }, nil},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x?y=z", http.StatusFound) }, nil},
		"content": {func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), strings.NewReader("0123456789"))
		}, nil},
		"flushed": {func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(http.StatusTeapot)
			w.Header().Set("Content-Type", "text/css")
			write("a")(w, r)
		}, func(r *reply) { r.Header.Set("Content-Type", "text/plain; charset=utf-8") }},
		"controlled": {func(w http.ResponseWriter, _ *http.Request) {
			c := http.NewResponseController(w)
			later := time.Now().Add(time.Hour)
			fmt.Fprintln(w, c.SetReadDeadline(later), c.SetWriteDeadline(later), c.EnableFullDuplex())
		}, nil},
		"a short body": {header("Content-Length", "10", "a"), func(r *reply) {
			*r = reply{Err: "TriggerDispatchError: the answer's Content-Length is 10, and its body has 1 bytes"}
		}},
	} {
		for _, method := range []string{http.MethodPost, http.MethodHead} {
			if method == http.MethodHead && slices.Contains(notHead, name) {
				continue
			}
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				want, got := onServer(t, test.handler, method), dispatched(t, test.handler, method)
				if test.differs != nil {
					test.differs(&want)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-net/http +dispatched:\n%s", diff)
				}
			})
		}
	}
}

// onServer returns what a client of net/http's server gets.
func onServer(t *testing.T, h http.HandlerFunc, method string) reply {
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
	if _, err := io.WriteString(conn, method+" / HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	in, r := bufio.NewReader(conn), &http.Request{Method: method}
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
	if resp.TransferEncoding != nil {
		resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	got := reply{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}
	if err != nil {
		got.Err = err.Error()
	}
	return got
}

// dispatched returns what Dify sends: its parser takes the head as lines, and all that follows as the body.
func dispatched(t *testing.T, h http.HandlerFunc, method string) reply {
	t.Helper()
	got, failure := dispatch(t, func(w http.ResponseWriter, r *http.Request, _, _ string, _ *trigger.Dispatcher) error {
		h(w, r)
		return nil
	}, `{}`, httptest.NewRequest(method, "/", http.NoBody))
	if failure != "" {
		return reply{Err: failure}
	}
	head, body, _ := strings.Cut(got.Response, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	r := reply{Header: make(http.Header), Body: body}
	if n, err := fmt.Sscanf(lines[0], "HTTP/1.1 %d", &r.Status); n != 1 || err != nil {
		t.Fatalf("%q: %v", lines[0], err)
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		r.Header.Set(name, strings.TrimSpace(value))
	}
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(got.Response)), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	again, err := io.ReadAll(resp.Body)
	if diff := cmp.Diff(r, reply{Status: resp.StatusCode, Header: resp.Header, Body: string(again)}); diff != "" || err != nil {
		t.Errorf("%v (-Dify +net/http):\n%s", err, diff)
	}
	return r
}

func TestResponseBounded(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	for size, want := range map[int]string{limit: "", limit + 1: "TriggerDispatchError: the answer to a webhook has at most 1048576 bytes"} {
		for method, want := range map[string]string{http.MethodPost: want, http.MethodHead: ""} {
			got, failure := dispatch(t, func(w http.ResponseWriter, _ *http.Request, _, _ string, _ *trigger.Dispatcher) error {
				for rest := size; rest > 0; rest -= 1000 {
					_, _ = w.Write(bytes.Repeat([]byte("x"), min(rest, 1000))) // an error that the code ignores
				}
				return nil
			}, `{}`, httptest.NewRequest(method, "/", http.NoBody))
			if failure != want || failure == "" && !strings.Contains(got.Response, fmt.Sprintf("\r\nContent-Length: %d\r\n", size)) {
				t.Errorf("%s of %d bytes: got %s, want %s", method, size, failure, want)
			}
		}
	}
}

func TestWrongStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 99, 1000, -1} {
		func() {
			defer func() {
				if got, want := recover(), fmt.Sprintf("invalid status code %d", status); got != want {
					t.Errorf("got %v, want %s", got, want)
				}
			}()
			dispatched(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }, http.MethodGet)
		}()
	}
}
