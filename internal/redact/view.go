package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
)

// maxUnescaped is how often escapes within escapes are resolved.
const maxUnescaped = 2

// view is a text as it is after decoding, which knows where in the original each byte is from.
type view struct {
	text string
	at   []int32 // of each byte, and of the end; nil if the text is the original
}

// span returns the range of the original from which a range of the view is.
func (v view) span(start, end int) span {
	if v.at == nil {
		return span{start, end}
	}
	return span{int(v.at[start]), int(v.at[end])}
}

func (v view) offset(i int) int32 { return int32(v.span(i, i).start) } //nolint:gosec // texts have up to maxText bytes

// visit calls f with a view and, so often, with what it is without a layer of escapes: those of
// strings in JSON and Go, those of URLs and, if plus is set, those of forms, in which a plus is a
// space. It keeps few views at a time.
func visit(v view, layers int, plus bool, f func(view)) {
	v = normalize(v)
	f(v)
	if layers == 0 {
		return
	}
	if strings.Contains(v.text, `\`) {
		visit(unescape(v, unescapeString), layers-1, plus, f)
	}
	if strings.Contains(v.text, "%") {
		visit(unescape(v, unescapeURL), layers-1, plus, f)
	}
	if plus && strings.Contains(v.text, "+") {
		visit(unescape(v, unescapeForm), layers-1, plus, f)
	}
}

// invisible reports whether a character is one that nobody sees.
func invisible(c rune) bool {
	return !text.Visible(c) || c >= 0x34f && unicode.In(c, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func isSpace(c rune) bool { return unicode.IsSpace(c) || c == '\u2028' || c == '\u2029' }

// normalize makes runs of white space one space, and removes what nobody sees.
func normalize(v view) view {
	if isNormal(v.text) {
		return v
	}
	out := make([]byte, 0, len(v.text))
	at := make([]int32, 0, len(v.text)+1)
	space := false // the last byte is one
	for i, c := range v.text {
		switch {
		case isSpace(c):
			if !space {
				out, at = append(out, ' '), append(at, v.offset(i))
			}
			space = true
		case !invisible(c):
			out = utf8.AppendRune(out, c)
			for range len(out) - len(at) {
				at = append(at, v.offset(i))
			}
			space = false
		}
	}
	return view{string(out), append(at, v.offset(len(v.text)))}
}

// isNormal reports whether a text is ASCII that normalize does not change.
func isNormal(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && i > 0 && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// unescape resolves the escapes of a view.
func unescape(v view, next unescaper) view {
	out := make([]byte, 0, len(v.text))
	at := make([]int32, 0, len(v.text)+1)
	for i := 0; i < len(v.text); {
		var size int
		if out, size = next(out, v.text[i:]); size == 0 {
			out = append(out, v.text[i])
			size = 1
		}
		for range len(out) - len(at) {
			at = append(at, v.offset(i))
		}
		i += size
	}
	return view{string(out), append(at, v.offset(len(v.text)))}
}
