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
	at   []int // of each byte, and of the end; nil if the text is the original
}

// span returns the range of the original from which a range of the view is.
func (v view) span(start, end int) span {
	if v.at == nil {
		return span{start, end}
	}
	return span{v.at[start], v.at[end]}
}

func (v view) offset(i int) int { return v.span(i, i).start }

// viewsOf returns a text as it is, and with its escapes resolved. If plus is set, also with each
// plus as a space, as in forms.
func viewsOf(s string, plus bool) []view {
	views := []view{normalize(view{text: s})}
	for level, from := 0, 0; level < maxUnescaped; level++ {
		to := len(views)
		for ; from < to; from++ {
			views = appendUnescaped(views, views[from], plus)
		}
	}
	return views
}

// appendUnescaped appends what a view is without one layer of escapes: those of strings in JSON
// and Go, those of URLs, and those of forms.
func appendUnescaped(views []view, v view, plus bool) []view {
	if strings.Contains(v.text, `\`) {
		views = append(views, normalize(unescape(v, unescapeString)))
	}
	if strings.Contains(v.text, "%") {
		views = append(views, normalize(unescape(v, unescapeURL)))
	}
	if plus && strings.Contains(v.text, "+") {
		views = append(views, normalize(unescape(v, unescapeForm)))
	}
	return views
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
	at := make([]int, 0, len(v.text)+1)
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
	at := make([]int, 0, len(v.text)+1)
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
