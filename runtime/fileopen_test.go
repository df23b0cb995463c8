package runtime_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

// fileServer answers with a body of 10 bytes, or as its path says.
func fileServer(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("the request has the header %v", r.Header)
		}
		switch r.URL.Path {
		case "/f":
			io.WriteString(w, "0123456789")
		case "/flushed": // without a Content-Length
			io.WriteString(w, "01234")
			w.(http.Flusher).Flush()
			io.WriteString(w, "56789")
		case "/huge":
			w.Header().Set("Content-Length", "104857601")
		case "/cut":
			w.Header().Set("Content-Length", "20")
			io.WriteString(w, "0123456789")
		case "/moved":
			http.Redirect(w, r, "/f?sign=secret", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/ftp":
			http.Redirect(w, r, "ftp://h/?sign=secret", http.StatusFound)
		case "/odd":
			w.Header().Set("Location", "http://h:x/?sign=secret")
			w.WriteHeader(http.StatusFound)
		case "/down":
			w.WriteHeader(http.StatusBadGateway)
		case "/gone":
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, "sign=secret")
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestOpenFile(t *testing.T) {
	t.Parallel()
	url := fileServer(t).URL
	closed := httptest.NewServer(nil)
	closed.Close()
	const tooLong = "the file has more bytes than Dify announced, or than can be opened"
	for _, test := range []struct {
		url  string
		size int64
		err  string // its start
		down bool
	}{
		{url + "/f?sign=secret", 10, "", false},
		{url + "/f", -1, "", false},
		{url + "/f", 0, "", false},
		{url + "/f", 11, "", false},
		{url + "/flushed", 10, "", false},
		{url + "/moved?sign=secret", -1, "", false},
		{url + "/f?sign=secret", 9, "opening the file: " + tooLong, false},
		{url + "/flushed?sign=secret", 9, tooLong, false},
		{url + "/huge?sign=secret", -1, "opening the file: " + tooLong, false},
		{url + "/f", 100<<20 + 1, "the file has 104857601 bytes, which is more than 104857600", false},
		{url + "/cut?sign=secret", -1, "reading the file: could not reach the service: unexpected EOF", true},
		{url + "/loop?sign=secret", -1, "opening the file: could not reach the service: more than 5 redirects", true},
		{url + "/ftp?sign=secret", -1, "opening the file: could not reach the service: the response redirects to an invalid URL", true},
		{url + "/odd?sign=secret", -1, "opening the file: could not reach the service: the response redirects to an invalid URL", true},
		{url + "/down?sign=secret", -1, "opening the file: the service returned status 502 Bad Gateway", true},
		{url + "/gone?sign=secret", -1, "opening the file: the service returned status 403 Forbidden", false},
		{closed.URL + "/?sign=secret", -1, "opening the file: could not reach the service: dial tcp", true},
		{"/files/1?sign=secret", -1, "opening the file: its URL has no scheme and host: FILES_URL is not set on the Dify host", false},
		{"ftp://h/f?sign=secret", -1, "opening the file: the URL is not valid", false},
		{"http://h:x/?sign=secret", -1, "opening the file: the URL is not valid", false},
		{"", -1, "no file was given", false},
	} {
		data, err := runtime.File{URL: test.url, Size: test.size}.ReadAll(t.Context())
		switch {
		case test.err == "":
			if err != nil || string(data) != "0123456789" {
				t.Errorf("%s of %d: %q, %v", test.url, test.size, data, err)
			}
		case err == nil || !strings.HasPrefix(err.Error(), test.err) || strings.Contains(err.Error(), "secret"):
			t.Errorf("%s of %d:\ngot  %v\nwant %s", test.url, test.size, err, test.err)
		case errors.Is(err, runtime.ErrUnreachable) != test.down:
			t.Errorf("%s: unreachable is not %v", test.url, test.down)
		}
	}
}

// slowBody is a body that has no end before its request does.
type slowBody struct{ ctx context.Context }

func (b slowBody) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (slowBody) Close() error { return nil }

// slow is a transport of such bodies.
type slow struct{ requests chan context.Context }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests <- r.Context()
	return &http.Response{StatusCode: http.StatusOK, Body: slowBody{r.Context()}, ContentLength: -1, Request: r}, nil
}

func TestFileDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := slow{make(chan context.Context, 2)}
		file := runtime.File{URL: "https://h/f", Size: -1}
		body, err := file.OpenWith(t.Context(), &http.Client{Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = io.ReadAll(body)
		if took := time.Since(start); took != 30*time.Second || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, runtime.ErrUnreachable) {
			t.Errorf("after %v: %v", took, err)
		}
		body.Close()
		body, err = file.OpenWith(t.Context(), &http.Client{Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		<-transport.requests
		if ctx := <-transport.requests; ctx.Err() == nil {
			t.Error("Close does not end the download")
		}
	})
}
