package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// color returns s in the color of a severity, unless standard error is not a terminal or
// NO_COLOR is set (https://no-color.org).
func (std streams) color(severity model.Severity, s string) string {
	if !std.terminal || os.Getenv("NO_COLOR") != "" {
		return s
	}
	if severity == model.SeverityError {
		return "\x1b[1;31m" + s + "\x1b[0m"
	}
	return "\x1b[1;33m" + s + "\x1b[0m"
}

// excerpt returns the line of source at a position, with a caret under the column, or "" if
// there is nothing to show.
func excerpt(source []byte, at model.Position) string {
	const before, width = 60, 100 // characters shown before the column, and in total
	if at.Line < 1 || !utf8.Valid(source) {
		return ""
	}
	lines := strings.Split(strings.ReplaceAll(string(source), "\r\n", "\n"), "\n")
	if at.Line > len(lines) || isInDefault(lines, at.Line-1) {
		return ""
	}
	line := []rune(withoutDefault(strings.TrimPrefix(lines[at.Line-1], "\ufeff")))
	column := min(max(at.Column-1, 0), len(line))
	start := max(column-before, 0)
	line = line[start:min(start+width, len(line))]
	var shown, caret strings.Builder
	for i, r := range line {
		switch {
		case r == '\t':
			r = ' '
		case !text.Visible(r):
			r = '?'
		}
		shown.WriteRune(r)
		if i < column-start {
			caret.WriteString(strings.Repeat(" ", columns(r)))
		}
	}
	if strings.TrimSpace(shown.String()) == "" {
		return ""
	}
	return "    " + strings.TrimRight(shown.String(), " ") + "\n    " + caret.String() + "^\n"
}

// withoutDefault removes the value of a default from a line, because it may be a secret. The
// key can be misspelled.
func withoutDefault(line string) string {
	for _, at := range keyRE().FindAllStringSubmatchIndex(line, -1) {
		if text.Nearest(line[at[2]:at[3]], []string{"default"}) != "" {
			return line[:at[1]] + " …"
		}
	}
	return line
}

// isInDefault reports whether a line can be a part of a default whose key is on a line
// above: it is indented more, or is no key.
func isInDefault(lines []string, i int) bool {
	isDefault := func(line string) bool { return withoutDefault(line) != line }
	indent := indentOf(lines[i])
	isKey, nearest := keyRE().MatchString(lines[i]), true
	for i--; i >= 0 && indent >= 0; i-- {
		if strings.TrimSpace(lines[i]) == "" {
			continue
		}
		above := indentOf(lines[i])
		if (above < indent || nearest && !isKey) && isDefault(lines[i]) {
			return true
		}
		indent, nearest = min(indent, above), false
		if above == 0 {
			break
		}
	}
	return false
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// keyRE is compiled when first used: most runs show no excerpt.
var keyRE = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\w-]+)["']?[ \t]*:`) })

// columns returns how many columns of a terminal a character takes.
func columns(r rune) int {
	if unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0xff01 && r <= 0xff60 {
		return 2
	}
	return 1
}
