package runtime_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/runtime"
)

// items returns endpoints for GET /items/<int:id>/<name> and POST /fail.
func items() runtime.Endpoints {
	return runtime.NewEndpoints(runtime.EndpointsConfig[string]{
		Name: "items",
		DecodeSettings: func(settings map[string]any) (string, error) {
			token, _ := settings["token"].(string)
			if token == "" {
				return "", errors.New("there is no token")
			}
			return token, nil
		},
		Endpoints: []runtime.EndpointBinding[string]{
			{
				Method: http.MethodGet, Pattern: "/items/<int(min=1, max=7):id>/<name>",
				Segments: []runtime.PathSegment{{Text: "items"}, {Expression: "([0-9]+)"}, {Expression: "([^/]+)"}},
				Values:   []runtime.PathValue{{Name: "id", Type: runtime.PathInt, Min: runtime.Some(1.0), Max: runtime.Some(7.0)}, {Name: "name"}},
				Serve: func(w http.ResponseWriter, r *http.Request, call runtime.EndpointCall, settings string, values runtime.PathValues) error {
					_, err := fmt.Fprintf(w, "%v %q %v %q %q %s %s %q %q", values.Int("id"), values.Text("name"), values.Float("none"), settings, call.EndpointID,
						call.URL("a"), r.Pattern, r.PathValue("id"), r.PathValue("name"))
					return err
				},
			},
			{
				Method: http.MethodPost, Pattern: "/fail", Segments: []runtime.PathSegment{{Text: "fail"}},
				Serve: func(w http.ResponseWriter, r *http.Request, _ runtime.EndpointCall, _ string, _ runtime.PathValues) error {
					switch r.URL.RawQuery {
					case "begun":
						_, _ = io.WriteString(w, "so far")
					case "flushed":
						w.(http.Flusher).Flush()
					case "copied":
						_, _ = io.Copy(w, strings.NewReader("so far"))
					case "unreadable":
						_, err := io.Copy(w, iotest.ErrReader(errors.New("the upstream failed")))
						return err
					case "aborted":
						return http.ErrAbortHandler
					case "early":
						w.WriteHeader(http.StatusEarlyHints)
					case "deadline":
						return http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Hour))
					}
					return errors.New("a secret of the database")
				},
			},
		},
	})
}

// TestEndpointHandler serves endpoints with net/http.
func TestEndpointHandler(t *testing.T) {
	t.Parallel()
	h, err := items().Handler(map[string]any{"token": "t"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	const internal = "500 text/plain; charset=utf-8 Internal Server Error\n"
	for request, want := range map[string]string{
		"GET /items/7/a%2Fb":    "404 text/plain; charset=utf-8 404 page not found\n",
		"GET /items/7/%C3%BC":   `200 text/plain; charset=utf-8 7 "ü" 0 "t" "" ` + server.URL + `/a GET /items/<int(min=1, max=7):id>/<name> "7" "ü"`,
		"HEAD /items/7/a":       "200 text/plain; charset=utf-8 ",
		"GET /items/8/a":        "404 text/plain; charset=utf-8 404 page not found\n",
		"GET /items/7/a/":       "404 text/plain; charset=utf-8 404 page not found\n",
		"GET /items//7/a":       "404 text/plain; charset=utf-8 404 page not found\n",
		"POST /items/7/a":       "404 text/plain; charset=utf-8 404 page not found\n",
		"OPTIONS /items/7/a":    "404 text/plain; charset=utf-8 404 page not found\n",
		"POST /fail":            internal,
		"POST /fail?early":      internal,
		"POST /fail?unreadable": internal,
		"POST /fail?aborted":    "broken off",
		"POST /fail?begun":      "broken off",
		"POST /fail?copied":     "broken off",
		"POST /fail?flushed":    "broken off",
		"POST /fail?deadline":   "200  ",
	} {
		method, target, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		got := "broken off"
		if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
			if body, err := io.ReadAll(resp.Body); err == nil {
				got = fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Content-Type"), " ", string(body))
			}
			_ = resp.Body.Close()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", request, diff)
		}
	}
	w := httptest.NewRecorder()
	if err := h(w, httptest.NewRequest(http.MethodPost, "/fail", http.NoBody)); err == nil || err.Error() != "a secret of the database" || w.Body.Len() > 0 {
		t.Errorf("as a function: got %v, and it answers %s", err, w.Body)
	}
	if _, err := items().Handler(nil); err == nil || err.Error() != "there is no token" {
		t.Errorf("without settings: %v", err)
	}
}

// TestEndpointRoute checks that a request that no endpoint answers is not found, even if the settings
// are wrong, and what the others get.
func TestEndpointRoute(t *testing.T) {
	t.Parallel()
	serve := items().Routes()[0].Serve
	if _, err := serve(t.Context(), new(runtime.Request)); typedText(err) != "ValidationError: the request has no raw_http_request" {
		t.Errorf("without an HTTP request: got %v", err)
	}
	for request, want := range map[string]string{
		"GET /nothing t":                   "404 404 page not found\n",
		"GET /nothing ":                    "404 404 page not found\n",
		"GET /items/8/a ":                  "404 404 page not found\n",
		"GET /items/7/a ":                  "EndpointSetupFailedError: there is no token",
		"GET /items/7/a?b t":               `200 7 "a" 0 "t" "e" http://example.com/e/h%201/a GET /items/<int(min=1, max=7):id>/<name> "7" "a"`,
		"GET //items/7/b?x=/../../items t": `200 7 "b" 0 "t" "e" http://example.com/e/h%201/a GET /items/<int(min=1, max=7):id>/<name> "7" "b"`,
	} {
		i := strings.LastIndexByte(request, ' ')
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request[:i] + " HTTP/1.1\r\nHost: example.com\r\nDify-Hook-Id: h 1\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		result, err := serve(t.Context(), &runtime.Request{Call: runtime.Call{EndpointID: "e"}, Data: map[string]any{"settings": map[string]any{"token": request[i+1:]}}, HTTP: r})
		var got string
		if h, ok := result.(runtime.HTTPHandler); ok {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			got = fmt.Sprint(w.Code, " ", w.Body)
		} else {
			got = typedText(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", request, diff)
		}
	}
}

// TestEndpointURL checks the public addresses of paths.
func TestEndpointURL(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hookURL, proto, path, want string
	}{
		"as Dify says":           {"https://dify.example/e/h1/items/7", "", "/a?b=c", "https://dify.example/e/h1/a?b=c"},
		"with a prefix":          {"https://dify.example/x/y/e/h1/items", "", "/a", "https://dify.example/x/y/e/h1/a"},
		"with a port":            {"http://dify.example:8080/e/h1", "", "", "http://dify.example:8080/e/h1"},
		"without a slash":        {"http://dify.example/e/h1/", "", "a", "http://dify.example/e/h1/a"},
		"with a query alone":     {"http://dify.example/e/h1/", "", "?a=b", "http://dify.example/e/h1?a=b"},
		"a path that is decoded": {"https://dify.example/e/h1/a?b c#d%", "", "/a", "https://dify.example/e/h1/a"},
		"the hook in its path":   {"https://dify.example/e/h1/e/h1/x", "", "/a", "https://dify.example/e/h1/a"},
		"a longer hook first":    {"https://dify.example/e/h12/e/h1/x", "", "/a", "https://dify.example/e/h12/e/h1/a"},
		"another hook":           {"https://dify.example/e/h12/x", "", "/a", "http://example.com/e/h1/a"},
		"no URL":                 {"", "", "/a", "http://example.com/e/h1/a"},
		"behind a proxy":         {"", "https", "/a", "https://example.com/e/h1/a"},
		"behind two proxies":     {"", "HTTPS, http", "/a", "https://example.com/e/h1/a"},
		"another scheme":         {"javascript://dify.example/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"no host":                {"https:///e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"no scheme":              {"//dify.example/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"with a user":            {"https://dify.example@evil.example/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"with a query":           {"https://evil.example/?/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"with an empty query":    {"https://evil.example?/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"with a fragment":        {"https://evil.example/#/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
		"malformed":              {"https://evil.example:x/e/h1/x", "", "/a", "http://example.com/e/h1/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/x", http.NoBody)
			r.Header.Set("Dify-Hook-Id", "h1")
			r.Header.Set("Dify-Hook-Url", test.hookURL)
			r.Header.Set("X-Forwarded-Proto", test.proto)
			if got := endpointURL(t, r, test.path); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// endpointURL returns the public address of a path, as the endpoint for GET /x gets it.
func endpointURL(t *testing.T, r *http.Request, path string) (got string) {
	t.Helper()
	endpoints := runtime.NewEndpoints(runtime.EndpointsConfig[int]{
		DecodeSettings: func(map[string]any) (int, error) { return 0, nil },
		Endpoints: []runtime.EndpointBinding[int]{{Method: http.MethodGet, Segments: []runtime.PathSegment{{Text: "x"}},
			Serve: func(_ http.ResponseWriter, _ *http.Request, call runtime.EndpointCall, _ int, _ runtime.PathValues) error {
				got = call.URL(path)
				return nil
			}}},
	})
	h, err := endpoints.Handler(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	return got
}

// TestEndpointHost checks the public addresses of paths if somebody else than Dify says what the host is.
func TestEndpointHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ host, hook, hookURL, want string }{
		{"a_b.example:8080", "", "", "http://a_b.example:8080/x"},
		{"[::1]:80", "h 1", "http://[::1]:80/e/h%201/y", "http://[::1]:80/e/h%201/x"},
		{"", "", "", "/x"},
		{"", "h1", "", "/e/h1/x"},
		{`"<x>`, "", "", "/x"},
		{`"<x>`, "h1", "", "/e/h1/x"},
		{"user@example.com", "h1", "", "/e/h1/x"},
		{"example.com/y", "h1", "", "/e/h1/x"},
		{"example.com'y", "h1", "", "/e/h1/x"},
		{"example.com:y", "h1", "", "/e/h1/x"},
		{"example.com", "h1", `http://a"><script>alert(1)</script>/e/h1/y`, "http://example.com/e/h1/x"},
		{"example.com", "h1", `http://a/"><script>alert(1)</script>/e/h1/y`, "http://example.com/e/h1/x"},
		{"example.com", "h1", "http://a/'onclick=alert(1)/e/h1/y", "http://example.com/e/h1/x"},
		{"example.com", "h1", "http://a/b c/e/h1/y", "http://example.com/e/h1/x"},
		{"example.com", "h1", "HTTP://a/e/h1/y", "http://example.com/e/h1/x"},
		{"example.com", `"<'>`, "", "http://example.com/e/%22%3C%27%3E/x"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/x", http.NoBody)
		r.Host = test.host
		r.Header.Set("Dify-Hook-Id", test.hook)
		r.Header.Set("Dify-Hook-Url", test.hookURL)
		if got := endpointURL(t, r, "/x"); got != test.want {
			t.Errorf("%q: got %s, want %s", test, got, test.want)
		}
	}
}

// TestEndpointTLS checks the address of a path at a server that speaks TLS itself.
func TestEndpointTLS(t *testing.T) {
	t.Parallel()
	h, err := items().Handler(map[string]any{"token": "t"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/items/7/a", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || !strings.Contains(string(body), " "+server.URL+"/a ") {
		t.Errorf("got %s, %v", body, err)
	}
	if got := (runtime.EndpointCall{}).URL("a"); got != "/a" {
		t.Errorf("without a request: got %s", got)
	}
}

// TestUsualPattern checks that the expression which is matched without package regexp is that of a value
// without a type, of which most paths are made.
func TestUsualPattern(t *testing.T) {
	t.Parallel()
	p, err := pathpattern.Parse("/<name>")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Segments[0].Expression; got != runtime.UsualPattern {
		t.Errorf("got %s, want %s", got, runtime.UsualPattern)
	}
}

// TestWrongPaths checks that parts which no generated code has are an error, not a panic.
func TestWrongPaths(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]runtime.EndpointBinding[int]{
		"the path /<x>: error parsing regexp: missing closing ): `\\A(?:()\\z`": {Pattern: "/<x>", Segments: []runtime.PathSegment{{Expression: "("}}},
		"the path /<x> has 1 values, and groups for 0":                          {Pattern: "/<x>", Segments: []runtime.PathSegment{{Expression: "x"}}, Values: []runtime.PathValue{{Name: "x"}}},
	} {
		endpoints := runtime.NewEndpoints(runtime.EndpointsConfig[int]{
			DecodeSettings: func(map[string]any) (int, error) { return 0, nil }, Endpoints: []runtime.EndpointBinding[int]{e},
		})
		if _, err := endpoints.Handler(nil); typedText(err) != "EndpointSetupFailedError: "+want {
			t.Errorf("got %v", err)
		}
		request := &runtime.Request{HTTP: httptest.NewRequest(http.MethodGet, "/x", http.NoBody)}
		if _, err := endpoints.Routes()[0].Serve(t.Context(), request); typedText(err) != "EndpointSetupFailedError: "+want {
			t.Errorf("got %v", err)
		}
	}
}

// hijackable is a response whose connection can be taken over, but which cannot be flushed.
type hijackable struct{ http.ResponseWriter }

func (hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }

// TestBegun checks when an error is still answered.
func TestBegun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begin func(http.ResponseWriter)
		want  string
	}{
		"flushed, which it cannot be": {func(w http.ResponseWriter) { w.(http.Flusher).Flush() }, "500 Internal Server Error\n"},
		"copied nothing":              {func(w http.ResponseWriter) { _, _ = io.Copy(w, iotest.HalfReader(strings.NewReader(""))) }, "500 Internal Server Error\n"},
		"hijacked":                    {func(w http.ResponseWriter) { _, _, _ = w.(http.Hijacker).Hijack() }, "broken off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoints := runtime.NewEndpoints(runtime.EndpointsConfig[int]{
				DecodeSettings: func(map[string]any) (int, error) { return 0, nil },
				Endpoints: []runtime.EndpointBinding[int]{{Method: http.MethodGet, Segments: []runtime.PathSegment{{}},
					Serve: func(w http.ResponseWriter, _ *http.Request, _ runtime.EndpointCall, _ int, _ runtime.PathValues) error {
						test.begin(w)
						return errors.New("a secret of the database")
					}}},
			})
			h, err := endpoints.Handler(nil)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			got := func() (got string) {
				defer func() {
					if recover() == http.ErrAbortHandler { //nolint:errorlint // like net/http
						got = "broken off"
					}
				}()
				h.ServeHTTP(hijackable{w}, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
				return fmt.Sprint(w.Code, " ", w.Body)
			}()
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestHijack checks that an endpoint that is served with net/http can take over the connection.
func TestHijack(t *testing.T) {
	t.Parallel()
	endpoints := runtime.NewEndpoints(runtime.EndpointsConfig[int]{
		DecodeSettings: func(map[string]any) (int, error) { return 0, nil },
		Endpoints: []runtime.EndpointBinding[int]{{Method: http.MethodGet, Segments: []runtime.PathSegment{{}},
			Serve: func(w http.ResponseWriter, _ *http.Request, _ runtime.EndpointCall, _ int, _ runtime.PathValues) error {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					return err
				}
				_, err = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
				return errors.Join(err, conn.Close())
			}}},
	})
	h, err := endpoints.Handler(nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusNoContent {
		t.Errorf("got %s, %v", resp.Status, err)
	}
}
