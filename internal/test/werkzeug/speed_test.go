package werkzeug_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/runtime"
)

// endpoints returns the handler of endpoints for GET.
func endpoints(tb testing.TB, serve serveFunc, patterns ...string) http.Handler {
	tb.Helper()
	var s set
	var parsed []*pathpattern.Pattern
	for _, pattern := range patterns {
		p, err := pathpattern.Parse(pattern)
		if err != nil {
			tb.Fatal(err)
		}
		s.Rules, parsed = append(s.Rules, [2]string{http.MethodGet, pattern}), append(parsed, p)
	}
	pathpattern.Rank(parsed)
	h, err := handler(s, parsed, serve)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// hyphens returns a part with the most values, and hyphens between them.
func hyphens(value func(i int) string) string {
	var values []string
	for i := range 20 {
		values = append(values, value(i))
	}
	return "/-" + strings.Join(values, "-") + "-"
}

// TestLongPaths checks that no path takes long, whatever the patterns.
func TestLongPaths(t *testing.T) {
	t.Parallel()
	h := endpoints(t, writeResult, "/<path:p>/x", "/a/<path:p>/<path:q>/<path:r>/y", "/<a>/<b>/<c>/<d>/<e>", "/a<string(minlength=400):s>b<path:p>", "/<int:i>/<path:p>/", "/", hyphens(func(i int) string { return fmt.Sprintf("<path:p%d>", i) }), hyphens(func(i int) string { return fmt.Sprintf("<p%d>", i) }))
	for name, path := range map[string]string{
		"slashes":       strings.Repeat("/", 1<<20),
		"parts":         "/" + strings.Repeat("a/", 1<<19),
		"a part":        "/" + strings.Repeat("a", 1<<20),
		"digits":        "/" + strings.Repeat("7", 1<<20),
		"no text":       "/" + strings.Repeat("\xff", 1<<20),
		"short slashes": "/a" + strings.Repeat("/", 60<<10),
		"hyphens":       "/-" + strings.Repeat("-", 60<<10) + "!",
		"short parts":   "/" + strings.Repeat("a/", 30<<10),
		"a short part":  "/" + strings.Repeat("a", 60<<10) + "/b",
		"short digits":  "/" + strings.Repeat("7", 60<<10) + "/",
	} {
		start := time.Now()
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.URL.Path = path
		h.ServeHTTP(w, r)
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: %v", name, d)
		} else {
			t.Logf("%s: %d, %v", name, w.Code, d)
		}
	}
}

// TestDifferences checks what is not found on purpose, and values at their limits, which random tests
// do not reach.
func TestDifferences(t *testing.T) {
	t.Parallel()
	h := endpoints(t, writeResult, "/text/<t>", "/least/<int(min=9223372036854775808):n>", "/most/<int(max=9223372036854775808):n>")
	const maxPath, maxInt = 64 << 10, "9223372036854775807"
	longest := "/text/" + strings.Repeat("a", maxPath-len("/text/"))
	for path, status := range map[string]int{
		longest:                           http.StatusOK,
		longest + "a":                     http.StatusNotFound,
		"/least/" + maxInt:                http.StatusNotFound,
		"/most/" + maxInt:                 http.StatusOK,
		"/most/9223372036854775808":       http.StatusNotFound,
		"/text/\xff\n":                    http.StatusOK,
		"/text/" + strings.Repeat("/", 2): http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.URL.Path = path
		if h.ServeHTTP(w, r); w.Code != status {
			t.Errorf("%.50q, %d bytes: got %d, want %d", path, len(path), w.Code, status)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/items/<int:id>\n/items/<path:p>/\n/<a>-<b>", "/items/7")
	f.Add("/<float(min=1, signed=True):f>\n/<any(a, 'b'):x>\n/<uuid:u>", "/1.5")
	f.Add("/<string(length=2):s>/\n/<s>", "/\xff\xe2\x82/")
	f.Fuzz(func(t *testing.T, patterns, path string) {
		var s set
		var parsed []*pathpattern.Pattern
		for pattern := range strings.SplitSeq(patterns, "\n") {
			if p, err := pathpattern.Parse(pattern); err == nil {
				s.Rules, parsed = append(s.Rules, [2]string{http.MethodGet, pattern}), append(parsed, p)
			}
		}
		pathpattern.Rank(parsed)
		h, err := handler(s, parsed, writeResult)
		if err != nil {
			t.Fatalf("%q: %v", patterns, err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusNotFound || w.Code == http.StatusOK && !utf8.Valid(w.Body.Bytes()) {
			t.Errorf("%q: %q: got %d, %s", patterns, path, w.Code, w.Body)
		}
	})
}

// BenchmarkMatch compares finding an endpoint with what http.ServeMux takes.
func BenchmarkMatch(b *testing.B) {
	var mux http.ServeMux
	for _, pattern := range []string{"/items/{id}", "/items/{id}/{name}", "/files/{path...}", "/ask"} {
		mux.HandleFunc("GET "+pattern, func(http.ResponseWriter, *http.Request) {})
	}
	h := endpoints(b, nothing, "/items/<int:id>", "/items/<id>/<name>", "/files/<path:path>", "/ask")
	for name, h := range map[string]http.Handler{"difygen": h, "ServeMux": &mux} {
		for _, path := range []string{"/ask", "/items/7", "/items/a/b", "/files/a/b/c"} {
			b.Run(name+path, func(b *testing.B) {
				w, r := silence{make(http.Header)}, httptest.NewRequest(http.MethodGet, path, http.NoBody)
				b.ReportAllocs()
				for b.Loop() {
					h.ServeHTTP(w, r)
				}
			})
		}
	}
}

func nothing(http.ResponseWriter, int, runtime.PathValues) error { return nil }

// silence is a response that is not looked at.
type silence struct{ header http.Header }

func (w silence) Header() http.Header          { return w.header }
func (silence) Write(data []byte) (int, error) { return len(data), nil }
func (silence) WriteHeader(int)                {}
