package authcode_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/difygen/difygen/runtime"
)

// listen starts a server that responds to every request with raw bytes. Then it closes the
// connection, or, if it is silent, waits until the test ends.
func listen(t *testing.T, raw string, silent bool) (address string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				request := make([]byte, 64<<10)
				if _, err := conn.Read(request); err != nil { // all of it: requests are small
					return
				}
				if _, err := io.WriteString(conn, raw); err == nil && silent {
					<-end
				}
			})
		}
	})
	t.Cleanup(func() {
		close(end)
		_ = l.Close()
		conns.Wait()
	})
	return "http://" + l.Addr().String()
}

// TestRawResponses checks responses that do not keep to HTTP, or do not end.
func TestRawResponses(t *testing.T) {
	t.Parallel()
	const (
		ok      = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		token   = `{"access_token":"s3cret-1"}`
		noRead  = "could not reach the service: cannot read the token response"
		late    = "the service took too long to answer: the token endpoint did not respond in time"
		upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(make([]byte, 8<<20))
	_ = z.Close()
	for _, test := range []struct {
		name, raw string
		silent    bool
		want      string // "" for a token
	}{
		{"as it should be", ok + "\r\n" + token, false, ""},
		{"100 first", "HTTP/1.1 100 Continue\r\n\r\n" + ok + "\r\n" + token, false, ""},
		{"103 first", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok + "\r\n" + token, false, ""},
		{"101 and silence", upgrade, true, "the token endpoint returned status 101"},
		{"101 with a token", upgrade + token, true, "the token endpoint returned status 101"},
		{"101 without an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n", true, "the token endpoint returned status 101"},
		{"102 and silence", "HTTP/1.1 102 Processing\r\n\r\n", true, late},
		{"1xx without end", strings.Repeat("HTTP/1.1 102 Processing\r\nX: "+strings.Repeat("y", 1000)+"\r\n\r\n", 12000), true, noRead},
		{"199", "HTTP/1.1 199 Odd\r\n\r\n", true, late},
		{"status 0", "HTTP/1.1 000 None\r\n\r\n", false, "the token endpoint returned status 0"},
		{"status 999", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", false, "the token endpoint returned status 999"},
		{"negative status", "HTTP/1.1 -20 Odd\r\n\r\n", false, noRead},
		{"no response", "", false, noRead},
		{"silence", "", true, late},
		{"header without end", "HTTP/1.1 200 OK\r\nX-A: b\r\n", true, late},
		{"header that is cut", "HTTP/1.1 200 OK\r\nX-A", false, noRead},
		{"header with a secret", "HTTP/1.1 200 OK\r\n" + token + "\r\n\r\n", false, noRead},
		{"huge header", "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("s3cret", 2<<20) + "\r\n\r\n" + token, false, noRead},
		{"many headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: s3cret\r\n", 1<<20) + "\r\n" + token, false, noRead},
		{"huge status line", "HTTP/1.1 200 " + strings.Repeat("s3cret", 2<<20) + "\r\n\r\n", false, noRead},
		{"body that is cut", ok + "Content-Length: 100\r\n\r\n" + token, false, noRead},
		{"body that stops", ok + "Content-Length: 100\r\n\r\n" + token, true, late},
		{"body without a length", ok + "\r\n" + token, true, late},
		{"two lengths", ok + "Content-Length: 27\r\nContent-Length: 5\r\n\r\n" + token, false, noRead},
		{"negative length", ok + "Content-Length: -1\r\n\r\n" + token, false, noRead},
		{"chunks", ok + "Transfer-Encoding: chunked\r\n\r\n1b\r\n" + token + "\r\n0\r\n\r\n", false, ""},
		{"chunk that is cut", ok + "Transfer-Encoding: chunked\r\n\r\nff\r\n" + token, false, noRead},
		{"chunk that is not a number", ok + "Transfer-Encoding: chunked\r\n\r\ns3cret\r\n" + token, false, noRead},
		{"chunks without end", ok + "Transfer-Encoding: chunked\r\n\r\n1b\r\n" + token + "\r\n", true, late},
		{"unknown encoding of chunks", ok + "Transfer-Encoding: s3cret\r\n\r\n" + token, false, noRead},
		{"gzip", ok + "Content-Encoding: gzip\r\n\r\n" + zipped.String(), false, "larger than 1 MiB"},
		{"broken gzip", ok + "Content-Encoding: gzip\r\n\r\n" + token, false, noRead},
		{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n", false, noRead},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false, noRead},
		{"HTTP/0.9", token, false, noRead},
		{"redirect without a place", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", false, "the token endpoint redirects, with status 302"},
		{"redirect to a secret", "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://service.example/s3cret\r\nContent-Length: 0\r\n\r\n", false, "the token endpoint redirects, with status 307"},
		{"control character in a header", ok + "X-A: \x7fs3cret\r\n\r\n" + token, false, noRead},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", false, "the token response is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := respond(t, "")
			c.Endpoint.TokenURL = listen(t, test.raw, test.silent)
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			c.HTTPClient = &http.Client{Transport: transport}
			_, back := authorize(t, c)
			ctx := t.Context()
			if test.want == late {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 500*time.Millisecond)
				defer cancel()
			}
			_, err := flow(t, c).OAuthGetCredentials(ctx, redirect, app, callbackOf(back))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			check(t, err, test.want)
		})
	}
}

// TestSwitchingRefreshes checks that refreshes with a server that returns status 101 leave nothing
// behind.
func TestSwitchingRefreshes(t *testing.T) { // not parallel, since it counts goroutines
	ignore := goleak.IgnoreCurrent()
	t.Run("50", func(t *testing.T) {
		c := respond(t, "")
		c.Endpoint.TokenURL = listen(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", true)
		transport := &http.Transport{}
		c.HTTPClient = &http.Client{Transport: transport}
		f := flow(t, c)
		for i := range 50 {
			_, err := f.OAuthRefreshCredentials(t.Context(), redirect, app, creds{refresh: runtime.NewSecret(fmt.Sprint("s3cret-", i))})
			check(t, err, "the token endpoint returned status 101")
		}
	})
	goleak.VerifyNone(t, ignore)
}

// deaf is a transport that ignores the context: it returns a response, with a body that
// ends when it is closed, or waits for a release.
type deaf struct {
	requests atomic.Int32
	release  chan struct{} // nil to return a response
}

func (d *deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	d.requests.Add(1)
	if d.release != nil {
		<-d.release
		return nil, errors.New("s3cret")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: &deafBody{closed: make(chan struct{})}, Request: r}, nil
}

type deafBody struct {
	closed chan struct{}
	once   sync.Once
}

func (b *deafBody) Read([]byte) (int, error) {
	<-b.closed
	return 0, http.ErrBodyReadAfterClose
}

func (b *deafBody) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

// TestDeafTransport checks transports of the author that ignore the context: calls end all the
// same, and a refresh that is stuck does not block later ones.
func TestDeafTransport(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*deaf{"responds": {}, "stuck": {release: make(chan struct{})}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := respond(t, "")
			c.HTTPClient = &http.Client{Transport: d}
			f := flow(t, c)
			_, back := authorize(t, c)
			synctest.Test(t, func(t *testing.T) {
				if d.release != nil {
					d.release = make(chan struct{}) // of this bubble
				}
				old := creds{refresh: runtime.NewSecret("s3cret-deaf-" + name)}
				for attempt := range int32(2) {
					start := time.Now()
					_, err := f.OAuthRefreshCredentials(t.Context(), redirect, app, old)
					if took := time.Since(start); took != 10*time.Second || d.requests.Load() != attempt+1 {
						t.Errorf("after %v and %d requests: %v", took, d.requests.Load(), err)
					}
					check(t, err, "the token endpoint did not respond in time")
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				start := time.Now()
				_, err := f.OAuthGetCredentials(ctx, redirect, app, callbackOf(back))
				if took := time.Since(start); took != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %v: %v", took, err)
				}
				if d.release != nil {
					close(d.release)
				}
			})
		})
	}
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestBrokenTransports checks transports of the author that do not keep to their contract.
func TestBrokenTransports(t *testing.T) {
	t.Parallel()
	const none = "the transport of the author returns no response"
	for name, test := range map[string]struct {
		transport roundTrip
		want      string
	}{
		"nothing":  {func(*http.Request) (*http.Response, error) { return nil, nil }, none},
		"no body":  {func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: http.StatusOK}, nil }, none},
		"a panic":  {func(*http.Request) (*http.Response, error) { panic("s3cret") }, "the token request panicked with a string"},
		"a secret": {func(*http.Request) (*http.Response, error) { return nil, errors.New("s3cret") }, "cannot read the token response"},
	} {
		c := respond(t, "")
		c.HTTPClient = &http.Client{Transport: test.transport}
		_, back := authorize(t, c)
		_, err := exchange(t, c, back)
		check(t, err, test.want)
		_, err = flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, creds{refresh: runtime.NewSecret("s3cret-" + name)})
		check(t, err, test.want)
	}
}
