package httphead

import (
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	t.Parallel()
	h := http.Header{
		"X-Plain": {"a"}, "X-Many": {"a", "b"}, "X-None": {}, "x-lower": {"l"}, "X-Lower": {"u"},
		"X-Split": {"a\r\nInjected: b\x00c\x7f "}, "X-Tab": {"\ta\tb"}, "X-Text": {"grüße"},
		"Bad Name": {"a"}, "Bad\r\nName": {"a"}, "": {"a"}, "Bad:Name": {"a"},
		"Content-Length": {"12"}, "Transfer-Encoding": {"chunked"}, "connection": {"close"}, "Trailer": {"X"}, "Trailer:X": {"x"},
		"Set-Cookie": {"a=secret; Path=/", "b\n=2", "c=3"},
	}
	want := map[string]string{
		"X-Plain": "a", "X-Many": "a, b", "X-Lower": "u, l", "X-Split": "a  Injected: b c", "X-Tab": "a\tb", "X-Text": "grüße", "Set-Cookie": "c=3",
	}
	got, dropped := Clean(h, false)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	wantDropped := []string{`""`, `"Bad Name"`, `"Bad Name"`, `"Bad:Name"`, "the cookie a", `the cookie "b"`}
	if diff := cmp.Diff(wantDropped, dropped); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
	for value, want := range map[string]string{"12": "12", "012": "12", "-1": "", "x": "", "9999999999999999999": ""} {
		if got, _ := Clean(http.Header{"Content-Length": {value}}, true); got["Content-Length"] != want {
			t.Errorf("HEAD with the length %s: got %q, want %q", value, got["Content-Length"], want)
		}
	}
}

// FuzzClean checks that what the host gets is one header each, whatever the code sets.
func FuzzClean(f *testing.F) {
	f.Add("X-A", "b", "c", false)
	f.Add("a\r\nb", "c\r\nd", "\x00\xff", true)
	f.Add("Set-Cookie", "a=b", "c", false)
	f.Fuzz(func(t *testing.T, name, value, other string, head bool) {
		clean, _ := Clean(http.Header{name: {value, other}, strings.ToLower(name): {other}}, head)
		for name, value := range clean {
			if !IsToken(name) || textproto.CanonicalMIMEHeaderKey(name) != name {
				t.Errorf("the name %q", name)
			}
			if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) || textproto.TrimString(value) != value {
				t.Errorf("the value %q", value)
			}
		}
		if len(clean) > 1 {
			t.Errorf("%q from one name", clean)
		}
	})
}
