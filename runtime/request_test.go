package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

type answer struct {
	Name  string
	Inner struct{ N int }
}

func TestDoJSON(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		body := map[string]string{
			"/ok": `{"Name":"n"}`, "/html": "<secret>", "/type": `{"Inner":{"N":"secret"}}`, "/list": `["secret"]`, "/more": `{} secret`,
			"/large": `"` + strings.Repeat("secret", 1<<21) + `"`, "/empty": "", "/denied": `{"Name":"secret"}`,
		}[r.URL.Path]
		switch r.URL.Path {
		case "/empty":
			status = http.StatusNoContent
		case "/denied":
			status = http.StatusUnauthorized
		case "/limit":
			w.Header().Set("Retry-After", "7")
			status = http.StatusTooManyRequests
		case "/down":
			status = http.StatusServiceUnavailable
		case "/same":
			status = http.StatusNotModified
		case "/odd":
			status = 799
		case "/cut":
			w.Header().Set("Content-Length", "99")
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	for _, test := range []struct {
		path, err   string
		unreachable bool
	}{
		{"/ok", "", false},
		{"/empty", "", false},
		{"/html", "the response is not JSON", false},
		{"/more", "the response is not JSON", false},
		{"/type", "Inner.N in the response has the wrong type", false},
		{"/list", "the response is JSON of the wrong type", false},
		{"/large", "the response has more than 8388608 bytes", false},
		{"/denied", "the service returned status 401 Unauthorized", false},
		{"/same", "the service returned status 304 Not Modified", false},
		{"/limit", "the service returned status 429 Too Many Requests", true},
		{"/down", "the service returned status 503 Service Unavailable", true},
		{"/odd", "the service returned status 799", true},
		{"/cut", "could not reach the service: unexpected EOF", true},
	} {
		req, err := runtime.NewJSONRequest(t.Context(), http.MethodGet, s.URL+test.path+"?key=secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		var got answer
		err = runtime.DoJSON(nil, req, &got)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != test.err || errors.Is(err, runtime.ErrUnreachable) != test.unreachable {
			t.Errorf("%s: got %q, want %q; unreachable should be %v", test.path, message, test.err, test.unreachable)
		}
		var status *runtime.StatusError
		switch errors.As(err, &status); test.path {
		case "/denied":
			if code := runtime.StatusCode(fmt.Errorf("asking: %w", err)); code != http.StatusUnauthorized || runtime.StatusCode(nil) != 0 {
				t.Errorf("the status is %d", code)
			}
			if err := status.DecodeBody(&got); err != nil || got.Name != "secret" {
				t.Errorf("the body of an error is %+v, %v", got, err)
			}
			body := status.Body()
			if string(body) != `{"Name":"secret"}` {
				t.Errorf("the body of an error is %q", body)
			}
			body[0] = 'x'
			if status.DecodeBody(&got) != nil || (&runtime.StatusError{}).Body() != nil {
				t.Error("who changes the body changes the error")
			}
		case "/limit":
			if status.Header.Get("Retry-After") != "7" || status.DecodeBody(&got) == nil {
				t.Errorf("got %#v", status)
			}
		case "/ok":
			if header, err := runtime.DoJSONHeader(s.Client(), req, nil); err != nil || header.Get("Content-Length") != "12" || got.Name != "n" {
				t.Errorf("%+v, %v, %v", got, header, err)
			}
		}
	}
}

func TestNewJSONRequest(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "/path?key=secret", "api.example.com", "http://", "ftp://h", "http://h:x/?key=secret", "http://h/\x00secret"} {
		if _, err := runtime.NewJSONRequest(t.Context(), http.MethodGet, bad, nil); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for want, err := range map[string]error{
		"body of the request: json: unsupported type: chan int": second(runtime.NewJSONRequest(t.Context(), http.MethodPost, "https://h", make(chan int))),
		`the method "GE T" is not valid`:                        second(runtime.NewJSONRequest(t.Context(), "GE T", "https://h", nil)),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	req, err := runtime.NewJSONRequest(t.Context(), http.MethodPost, "https://h", map[string]int{"a": 1})
	if err != nil || req.Header.Get("Content-Type") != "application/json" || req.GetBody == nil {
		t.Fatalf("%+v, %v", req, err)
	}
	if body, _ := io.ReadAll(req.Body); string(body) != `{"a":1}` {
		t.Errorf("body %s", body)
	}
}

func second[T any](_ T, err error) error { return err }

// TestRedirects checks which headers another host receives.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var got http.Header
	final := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		json.NewEncoder(w).Encode(answer{Name: r.URL.Path})
	}))
	t.Cleanup(final.Close)
	other := strings.Replace(final.URL, "127.0.0.1", "localhost", 1)
	for _, test := range []struct {
		name   string
		secure bool
		to     string
	}{
		{"another host", false, other}, {"another port", false, final.URL}, {"to HTTP", true, final.URL},
	} {
		first := httptest.NewUnstartedServer(http.RedirectHandler(test.to+"/final", http.StatusTemporaryRedirect))
		if test.secure {
			first.StartTLS()
		} else {
			first.Start()
		}
		req, err := runtime.NewJSONRequest(t.Context(), http.MethodGet, first.URL+"/?key=secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer secret")
		req.Header.Set("X-Api-Key", "secret")
		var result answer
		if err := runtime.DoJSON(first.Client(), req, &result); err != nil || result.Name != "/final" {
			t.Errorf("%s: %+v, %v", test.name, result, err)
		}
		if got.Get("Authorization") != "" || got.Get("X-Api-Key") != "" || got.Get("Referer") != "" || got.Get("Accept") != "application/json" {
			t.Errorf("%s: the other host receives %v", test.name, got)
		}
		first.Close()
	}
	// The policy of the author's client holds, too.
	first := httptest.NewServer(http.RedirectHandler(final.URL, http.StatusFound))
	t.Cleanup(first.Close)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, _ := runtime.NewJSONRequest(t.Context(), http.MethodGet, first.URL, nil)
	if err := runtime.DoJSON(client, req, nil); err == nil || err.Error() != "the service returned status 302 Found" {
		t.Errorf("got %v", err)
	}
}

func TestJSONDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: slow{make(chan context.Context, 2)}}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, test := range []struct {
			ctx  context.Context
			want time.Duration
		}{{short, time.Second}, {t.Context(), 30 * time.Second}} {
			req, err := runtime.NewJSONRequest(test.ctx, http.MethodGet, "https://h", nil)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			err = runtime.DoJSON(client, req, new(answer))
			if took := time.Since(start); took != test.want || !errors.Is(err, runtime.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after %v: %v", took, err)
			}
		}
	})
}
