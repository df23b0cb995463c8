package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/redact"
)

const odd = "p\"q/ü\n+1 ok"

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text    string
		secrets []string
		want    string
	}{
		{"the key sk-123 is wrong", []string{"sk-123"}, "the key [redacted] is wrong"},
		{"nothing", nil, "nothing"},
		{"nothing", []string{"", "  ", "\u200b"}, "nothing"},
		{"", []string{"secret"}, ""},
		{"abcdefgh", []string{"abcdef", "cdefgh"}, "[redacted]"},
		{"abcdefcdefgh", []string{"abcdef", "cdefgh"}, "[redacted][redacted]"},
		{"sk-12345 and sk-123456", []string{"sk-12345", "sk-123456"}, "[redacted] and [redacted]"},
		{"aaaaaaaaaa", []string{"aaaaaa"}, "[redacted]"},
		{"it has zero\u200bwidth and soft\u00adhyphens", []string{"zerowidth", "softhyphens"}, "it has [redacted] and [redacted]"},
		{"zerowidth", []string{"zero\u200bwidth"}, "[redacted]"},
		{"bytes ab\xffcdef here", []string{"abcdef"}, "bytes [redacted] here"},
		{"two\n  words", []string{"two words"}, "[redacted]"},
		{"trimmed: secret-word!", []string{" secret-word\n"}, "trimmed: [redacted]!"},
		{"status 401: 1 problem with a1", []string{"1"}, "status 401: [redacted] problem with a1"},
		{"it is a cat", []string{"a"}, "it is [redacted] cat"},
		{"pinch the pin: 12345, not 123456", []string{"12345"}, "pinch the pin: [redacted], not 123456"},
		{"the session of sessions", []string{"session"}, "the [redacted] of sessions"},
		{"InvokeErrors: InvokeError", []string{"InvokeError"}, "InvokeErrors: [redacted]"},
		{"https://user:pass%2Fword@host/", []string{"pass/word"}, "https://user:[redacted]@host/"},
		{"100% of 50%zz + \\ \\q \\u12 \\x1", []string{"secret"}, "100% of 50%zz + \\ \\q \\u12 \\x1"},
		{`{"a":"{\"k\":\"pa\\\"ss\\\"word\"}"}`, []string{`pa"ss"word`}, `{"a":"{\"k\":\"[redacted]\"}"}`},
		{`p\u0061ssw\u006Frd \ud83d\ude00secret`, []string{"password", "😀secret"}, `[redacted] [redacted]`},
		{"%70%61ssword and %2570assword", []string{"password"}, "[redacted] and [redacted]"},
		{"%A2%2Fabcdef", []string{"2/abcdef"}, "%A[redacted]"},
		{`\U0001f600secret and a` + "\u2028" + `line`, []string{"😀secret", "a line"}, "[redacted] and [redacted]"},
		{"in hex 736563726574 and 736563726574AB", []string{"secret"}, "in hex [redacted] and [redacted]AB"},
		{"Basic " + base64.StdEncoding.EncodeToString([]byte("user:secret")) + "!", []string{"secret"}, "Basic dXNlcj[redacted]!"},
	} {
		if got := redact.New(test.secrets...).Redact(test.text); got != test.want {
			t.Errorf("%q without %q: got %q, want %q", test.text, test.secrets, got, test.want)
		}
	}
}

// TestStart checks that a long text is cut, and that no part of a secret is left at its end.
func TestStart(t *testing.T) {
	t.Parallel()
	r := redact.New("secret-secret", "a b")
	for in, want := range map[string]string{
		"short": "short", "secret-secret": "[redacted]", "0123456789abc": "0123456789", "01234secret-secret": "01234[redacted]",
		"012345678secret-secret, secret-secret": "012345678[redacted]", "0123456789secret-secret": "0123456789",
		"0123%73%65cret-\\u0073ecret": "0123[redacted]", "secret-secret-and-more": "[redacted]", "": "",
	} {
		if got := redact.Start(in, 10, r); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestMemory checks that the memory for a text with all kinds of escapes is a small multiple of it.
func TestMemory(t *testing.T) { //nolint:paralleltest // measures memory
	text := strings.Repeat("%41\\n+b", 1<<20/7)
	r := redact.New("some secret")
	var before, after runtime.MemStats
	peak := int64(0)
	runtime.GC()
	runtime.ReadMemStats(&before)
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Redact(text)
	}()
	for open := true; open; {
		select {
		case <-done:
			open = false
		default:
			runtime.ReadMemStats(&after)
			peak = max(peak, int64(after.HeapAlloc)-int64(before.HeapAlloc)) //nolint:gosec // far less
		}
	}
	if limit := int64(40 * len(text)); peak > limit {
		t.Errorf("%d bytes take %d, want at most %d", len(text), peak, limit)
	}
}

// TestRedactors checks that several redactors find what overlaps.
func TestRedactors(t *testing.T) {
	t.Parallel()
	a, b := redact.New("abcdef"), redact.New("cdefgh", "redacted")
	if got := redact.Redact("abcdefgh, redacted", a, new(redact.Redactor), b); got != "[redacted], [redacted]" {
		t.Errorf("got %q", got)
	}
}

// spellings are the ways in which texts may repeat a secret.
var spellings = map[string]func(string) string{
	"plain":        func(s string) string { return s },
	"query":        url.QueryEscape,
	"path":         url.PathEscape,
	"lower query":  func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
	"query twice":  func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"userinfo":     func(s string) string { return url.UserPassword("user", s).String() },
	"JSON":         inJSON,
	"JSON twice":   func(s string) string { return inJSON(inJSON(s)) },
	"JSON of form": func(s string) string { return inJSON(url.Values{"k": {s}}.Encode()) },
	"quoted":       strconv.Quote,
	"ASCII":        strconv.QuoteToASCII,
	"hex":          func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":          func(s string) string { return fmt.Sprintf("%X", s) },
	"base64":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 1":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
	"base64 2":     func(s string) string { return base64.URLEncoding.EncodeToString([]byte("xy" + s + "z")) },
	"raw base64":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("xyz" + s)) },
	"HTTP Basic":   func(s string) string { return basic("client-id", s) },
	"OAuth Basic":  func(s string) string { return basic("client id", url.QueryEscape(s)) },
	"base64 query": func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("k" + s))) },
	"base64 JSON":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(`{"k":"` + inJSON(s) + `"}`)) },
	"invisible": func(s string) string {
		return strings.Join(strings.Split(s, ""), "\u200b\ufe0f")
	},
	"invisible JSON": func(s string) string {
		return strings.ReplaceAll(inJSON(strings.ReplaceAll(s, "e", "\u200be")), "\u200b", `\u200b`)
	},
}

func inJSON(s string) string {
	data, _ := json.Marshal(s)
	return string(data[1 : len(data)-1])
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	for name, spell := range spellings {
		for _, secret := range []string{"sk-live-1234", odd, "ÄÖÜäöü", "??>>~~??", "secret"} {
			spelled := spell(secret)
			got := redact.New(secret).Redact("the value " + spelled + " is wrong")
			if strings.Contains(got, spelled) || !strings.Contains(got, redact.Redacted) ||
				!strings.HasPrefix(got, "the value ") || !strings.HasSuffix(got, " is wrong") {
				t.Errorf("%s of %q: got %q", name, secret, got)
			}
			if name != "plain" && redact.New("another secret").Redact(spelled) != spelled {
				t.Errorf("%s of %q is redacted without being a secret", name, secret)
			}
		}
	}
}
