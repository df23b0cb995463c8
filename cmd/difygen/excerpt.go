package main

import (
	"io"
	"os"
	"regexp"
	"slices"
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

// excerpt returns the line of a file at a position, with a caret under the column, or "" if
// there is nothing to show.
func excerpt(lines []string, at model.Position) string {
	const before, width = 60, 100 // characters shown before the column, and in total
	if at.Line < 1 || at.Line > len(lines) || isInDefault(lines, at.Line-1) {
		return ""
	}
	line := []rune(withoutValues(lines[at.Line-1]))
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

// sourceLines returns the lines of a file for excerpts; none if it is not UTF-8.
func sourceLines(source []byte) []string {
	if !utf8.Valid(source) {
		return nil
	}
	return text.SourceLines(strings.TrimPrefix(string(source), "\ufeff"))
}

// shownKeys are the keys whose values are words of Dify, or names. Other values can be
// secrets, or be where a secret should not be.
var shownKeys = []string{
	"type", "name", "variable", "form", "scope", "method", "model_type", "use_template", "provider_type",
	"supported_model_types", "configurate_methods", "features", "tags", "arch", "language",
}

// withoutValues returns a line without the values that could be secrets. A line that does
// not start with a key has nothing to show.
func withoutValues(line string) string {
	start := strings.TrimLeft(line, " \t-{[\"'")
	keys := keyRE().FindAllStringSubmatchIndex(line, -1)
	if len(keys) == 0 || keys[0][2] != len(line)-len(start) {
		return ""
	}
	for _, at := range keys {
		key, value := line[at[2]:at[3]], strings.TrimLeft(line[at[1]:], " \t")
		isMap := strings.HasPrefix(value, "{") && !isDefault(key)
		if value != "" && !isMap && !slices.Contains(shownKeys, key) || strings.HasPrefix(value, "&") {
			return line[:at[1]] + "…"
		}
	}
	return line
}

// isDefault reports whether a key is that of a default, even if it is misspelled.
func isDefault(key string) bool { return text.Nearest(key, []string{"default"}) != "" }

// isInDefault reports whether a line can be a part of a default whose key is on a line
// above: it is indented more, or is not a key.
func isInDefault(lines []string, i int) bool {
	const most = 1000 // lines to look at
	startsDefault := func(line string) bool {
		at := keyRE().FindStringSubmatchIndex(line)
		return at != nil && isDefault(line[at[2]:at[3]])
	}
	indent, nearest := indentOf(lines[i]), !keyRE().MatchString(lines[i])
	for last := max(0, i-most); i > last; {
		i--
		if strings.TrimSpace(lines[i]) == "" {
			continue
		}
		above := indentOf(lines[i])
		if (above < indent || nearest) && startsDefault(lines[i]) {
			return true
		}
		indent, nearest = min(indent, above), false
		if above == 0 {
			return false
		}
	}
	return false
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// keyRE is compiled when first used: most runs show no excerpt.
var keyRE = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\w-]+)["']?[ \t]*:(?:[ \t]|$)`) })

// columns returns how many columns of a terminal a character takes.
func columns(r rune) int {
	if unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0xff01 && r <= 0xff60 {
		return 2
	}
	return 1
}
