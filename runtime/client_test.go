package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

func TestDo(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/move":
			w.WriteHeader(http.StatusMultiStatus)
			fmt.Fprint(w, r.Method)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/cut":
			w.Header().Set("Content-Length", "9")
			fmt.Fprint(w, "12345")
		}
	}))
	t.Cleanup(s.Close)
	for _, test := range []struct {
		address, body, err string
		down               bool
	}{
		{s.URL + "/move", "MOVE", "", false},
		{s.URL + "/gone?key=secret", "", "the service returned status 410 Gone", false},
		{s.URL + "/cut?key=secret", "12345", "could not reach the service: unexpected EOF", true},
		{"ftp://h/?key=secret", "", "the URL is not valid: it must be one such as https://api.example.com", false},
		{"http://127.0.0.1:1/?key=secret", "", "could not reach the service: dial tcp 127.0.0.1:1: connect: connection refused", true},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "MOVE", test.address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		var body []byte
		resp, err := runtime.Do(nil, req)
		if err == nil {
			body, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if string(body) != test.body || message != test.err || errors.Is(err, runtime.ErrUnreachable) != test.down {
			t.Errorf("%s: got %q, %q, want %q, %q; unreachable should be %t", test.address, body, message, test.body, test.err, test.down)
		}
	}
}

// endless is a transport of bodies without end.
type endless struct{}

func (endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: endless{}, ContentLength: -1, Request: r}, nil
}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
func (endless) Close() error               { return nil }

func TestDoLimits(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://h", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := runtime.Do(&http.Client{Transport: endless{}}, req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if n != runtime.MaxFile || err == nil || err.Error() != "the response has more than 104857600 bytes" {
		t.Errorf("%d bytes, %v", n, err)
	}
	synctest.Test(t, func(t *testing.T) {
		transport := slow{make(chan context.Context, 3)}
		for timeout, want := range map[time.Duration]time.Duration{0: 30 * time.Second, 2 * time.Minute: 2 * time.Minute} {
			start := time.Now()
			resp, err := runtime.Do(&http.Client{Transport: transport, Timeout: timeout}, req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if took := time.Since(start); took != want || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, runtime.ErrUnreachable) {
				t.Errorf("after %v: %v", took, err)
			}
			<-transport.requests
		}
		resp, err := runtime.Do(&http.Client{Transport: transport}, req)
		if err != nil {
			t.Fatal(err)
		}
		ctx := <-transport.requests
		if ctx.Err() != nil {
			t.Error("the request has ended before its body")
		}
		resp.Body.Close()
		if ctx.Err() == nil {
			t.Error("Close does not end the request")
		}
	})
}

// TestDoOfModel checks that a request of a call of a model may take as long as the call.
func TestDoOfModel(t *testing.T) {
	t.Parallel()
	const check = "validate_model_credentials"
	for _, test := range []struct {
		action            string
		deadline, timeout time.Duration
		want              time.Duration
	}{
		{"invoke_llm", 0, 0, 10 * time.Minute},
		{"invoke_llm", 7 * time.Minute, 0, 7 * time.Minute},
		{"invoke_llm", 20 * time.Minute, 0, 20 * time.Minute},
		{"invoke_llm", 20 * time.Minute, 11 * time.Minute, 11 * time.Minute},
		{"invoke_llm", time.Minute, 2 * time.Minute, time.Minute},
		{"invoke_llm", 0, time.Second, time.Second},
		{check, 0, 0, 10 * time.Minute},
		{check, 5 * time.Minute, 0, 5 * time.Minute},
		{"get_ai_model_schemas", 5 * time.Minute, 0, 5 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			call := func(ctx context.Context) error {
				req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://h?key=secret", nil)
				if err != nil {
					return err
				}
				return runtime.DoJSON(&http.Client{Transport: slow{make(chan context.Context, 1)}, Timeout: test.timeout}, req, new(any))
			}
			p := runtime.NewModel(runtime.ModelConfig{
				Name: "p",
				ValidateModelCredentials: func(ctx context.Context, _ runtime.ModelType, _ string, _ map[string]any) (map[string]any, error) {
					return nil, call(ctx)
				},
				Models: []string{`{"model":"m","model_type":"llm"}`},
				CustomModel: func(ctx context.Context, _ runtime.ModelCall, _ map[string]any) (*runtime.ModelSchema, error) {
					return nil, call(ctx)
				},
				Actions: []runtime.ModelAction{{Type: "llm", Name: "invoke_llm", Serve: func(ctx context.Context, _ *runtime.ModelRequest) (any, error) {
					return nil, call(ctx)
				}}},
			})
			model := "m"
			if test.action == "get_ai_model_schemas" {
				model = "custom"
			}
			ctx := t.Context()
			if test.deadline > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.deadline)
				defer cancel()
			}
			start := time.Now()
			_, err := answerModelWithin(ctx, t, p, test.action, `{"model_type":"llm","model":"`+model+`"}`)
			took := time.Since(start)
			if took != test.want || err == nil || err.Error() != "the service took too long to answer" || !errors.Is(err, runtime.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%+v: after %v: %v", test, took, err)
			}
		})
	}
}

// TestTooLong checks which errors say that a service took too long, and which that it cannot be reached.
func TestTooLong(t *testing.T) {
	t.Parallel()
	timeout := &net.DNSError{Err: "i/o timeout", IsTimeout: true}
	for _, test := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, "the service took too long to answer"},
		{&url.Error{Op: "Get", URL: "https://h?key=secret", Err: context.DeadlineExceeded}, "the service took too long to answer"},
		{&net.OpError{Op: "read", Net: "tcp", Err: timeout}, "the service took too long to answer: read tcp: lookup : i/o timeout"},
		{fmt.Errorf("listing: %w", context.DeadlineExceeded), "the service took too long to answer: listing"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: timeout}, "could not reach the service: dial tcp: lookup : i/o timeout"},
		{context.Canceled, "could not reach the service: context canceled"},
	} {
		if got := runtime.Unreachable(test.err); got.Error() != test.want || !errors.Is(got, runtime.ErrUnreachable) {
			t.Errorf("%v: got %v, want %s", test.err, got, test.want)
		}
	}
}

// TestDoSwitching checks a service that answers 101, whose body net/http does not end with
// the context, and then says nothing.
func TestDoSwitching(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		<-release
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	done := make(chan error, 1)
	go func() {
		req, err := runtime.NewJSONRequest(t.Context(), http.MethodGet, s.URL, nil)
		if err == nil {
			err = runtime.DoJSON(nil, req, nil)
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || err.Error() != "the service returned status 101 Switching Protocols" {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the request does not end")
	}
}

// deaf is a transport of a body that does not know the context and ends when it is closed.
type deaf struct {
	closed chan struct{}
	once   *sync.Once
}

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: d, ContentLength: -1, Request: r}, nil
}

func (d deaf) Read([]byte) (int, error) {
	<-d.closed
	return 0, http.ErrBodyReadAfterClose
}

func (d deaf) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func TestDoDeafBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://h", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		resp, err := runtime.Do(&http.Client{Transport: deaf{make(chan struct{}), new(sync.Once)}}, req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		if took := time.Since(start); took != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, runtime.ErrUnreachable) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestNewFormRequest(t *testing.T) {
	t.Parallel()
	req, err := runtime.NewFormRequest(t.Context(), http.MethodPost, "https://h", url.Values{"b": {"2 3"}, "a": {"1"}})
	if err != nil || req.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || req.Header.Get("Accept") != "application/json" || req.GetBody == nil {
		t.Fatalf("%+v, %v", req, err)
	}
	if body, _ := io.ReadAll(req.Body); string(body) != "a=1&b=2+3" {
		t.Errorf("body %s", body)
	}
	if _, err := runtime.NewFormRequest(t.Context(), http.MethodPost, "h?key=secret", nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// TestRedirectedBody checks that a redirect takes no body to another host.
func TestRedirectedBody(t *testing.T) {
	t.Parallel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.Copy(w, r.Body)
	})
	service, other := httptest.NewServer(echo), httptest.NewServer(echo)
	t.Cleanup(service.Close)
	t.Cleanup(other.Close)
	for _, test := range []struct{ method, to, body, err string }{
		{http.MethodPost, service.URL, "key=secret", ""},
		{http.MethodPost, other.URL, "", "could not reach the service: the response redirects a request with a body to another host"},
		{http.MethodGet, other.URL, "", ""},
	} {
		var values url.Values
		if test.method == http.MethodPost {
			values = url.Values{"key": {"secret"}}
		}
		req, err := runtime.NewFormRequest(t.Context(), test.method, service.URL+"?to="+url.QueryEscape(test.to), values)
		if err != nil {
			t.Fatal(err)
		}
		var body []byte
		resp, err := runtime.Do(nil, req)
		if err == nil {
			body, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if string(body) != test.body || message != test.err {
			t.Errorf("%s to %s: got %q, %q, want %q, %q", test.method, test.to, body, message, test.body, test.err)
		}
	}
}

// TestUpload checks whom the error of a request that sends a file blames.
func TestUpload(t *testing.T) {
	t.Parallel()
	files := fileServer(t).URL
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(service.Close)
	for _, test := range []struct {
		path    string
		size    int64
		service string
		err     string
	}{
		{"/flushed", 10, service.URL, ""},
		{"/flushed?sign=secret", 9, service.URL, "the file has more bytes than Dify announced, or than can be opened"},
		{"/cut?sign=secret", -1, service.URL, "reading the file: could not reach the service: unexpected EOF"},
		{"/flushed", 10, "http://127.0.0.1:1", "could not reach the service: dial tcp 127.0.0.1:1: connect: connection refused"},
	} {
		file, err := runtime.File{URL: files + test.path, Size: test.size}.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, test.service+"/?key=secret", file)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := runtime.Do(nil, req)
		if err == nil {
			resp.Body.Close()
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != test.err {
			t.Errorf("%s of %d: got %q, want %q", test.path, test.size, message, test.err)
		}
	}
}
