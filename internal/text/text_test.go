package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/text"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                        "",
		" a  b\t\nc ":             "a b c",
		"a\u2028b\u2029c\u0085d":  "a b c d",
		"a\x00b\x1b[31mc\x7f":     "ab[31mc",
		"\u202eevil\u2066x\u200b": "evilx",
		"bad\xffutf8\ufeff":       "badutf8",
		"日本語 é 🙂":                 "日本語 é 🙂",
	} {
		if got := text.Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	got := text.Lines("a\r\nb\rc\u2028d\n\n \n  e  f")
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e f"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"api_key": "api_key", "": `""`, "a b": `"a b"`, "a\nb": `"a b"`, "日本": "日本",
		strings.Repeat("x", 100): `"` + strings.Repeat("x", 60) + `…"`,
	} {
		if got := text.Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "ab": "ab", "abc": "abc", "abcd": "abc…", "éé": "éé", "éééé": "ééé…"} {
		if got := text.Cut(in, 3); got != want {
			t.Errorf("Cut(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                            "",
		"a.yaml:1:1: error: x":        "a.yaml:1:1: error: x",
		"  a\tb  c\n":                 "  a b  c ",
		"a\x1b[31m\u202eb\u009bc\xff": "a[31mbc",
		"::error::x":                  "./::error::x",
		"\n ::error::x":               "./  ::error::x",
		"\x00::error":                 "./::error",
		"a ::error":                   "a ::error",
		"x: ##[error]y ##vso[task]z":  "x: # #[error]y # #vso[task]z",
		"####[a] ## b #[c] ##d e[ ##": "###" + " #[a] ## b #[c] ##d e[ ##",
	} {
		if got := text.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("\u202e\x00::\n###[\xff")
	f.Fuzz(func(t *testing.T, s string) {
		line := text.Printable(s)
		command := strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[")
		if !utf8.ValidString(line) || text.Printable(line) != line || len(text.Lines(line)) > 1 || command {
			t.Errorf("Printable(%q) = %q", s, line)
		}
	})
}

func FuzzLine(f *testing.F) {
	f.Add("a\u202e\x00\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		line := text.Line(s)
		if !utf8.ValidString(line) || text.Line(line) != line || len(text.Lines(line)) > 1 {
			t.Errorf("Line(%q) = %q", s, line)
		}
	})
}
