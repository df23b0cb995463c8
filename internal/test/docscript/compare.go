package docscript

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

const dots = "…"

// asideRE matches heartbeats and lines of the log, which a plugin may print at any time.
var asideRE = regexp.MustCompile(`(?m)^(?:\{"event":"heartbeat"|time=\S+ level=).*\n`)

// compare compares a text with the output of the last commands.
func (s *script) compare(text string) error {
	if s.output == nil {
		return errors.New("no command before this output")
	}
	got := asideRE.ReplaceAllString(*s.output, "")
	if matches(lines(text), lines(got)) {
		return nil
	}
	return fmt.Errorf("output (-document +got):\n%s", cmp.Diff(text, got))
}

// lines returns the lines of a text without the space at their ends, and without blank lines at
// the end of the text.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimRight(text, " \t\r\n")) {
		all = append(all, strings.TrimRight(line, " \t\r\n"))
	}
	return all
}

// matches reports whether lines fit a pattern, in which dots stand for any text, and a line
// of dots for any lines.
func matches(pattern, got []string) bool {
	if len(pattern) == 0 {
		return len(got) == 0
	}
	if strings.TrimSpace(pattern[0]) == dots {
		for skip := range len(got) + 1 {
			if matches(pattern[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && matchesLine(pattern[0], got[0]) && matches(pattern[1:], got[1:])
}

func matchesLine(pattern, got string) bool {
	parts := strings.Split(pattern, dots)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(got)
}

// missing returns the first line of a text whose words a source does not have after those of
// the line before; "" if there is none. Where there are dots, the source can have any words.
// The marks of comments do not count, so that comments can be wrapped anew.
func missing(source, text string) string {
	rest := words(source)
	for line := range strings.Lines(text) {
		for part := range strings.SplitSeq(line, dots) {
			want := words(part)
			at := index(rest, want)
			if at < 0 {
				return strings.TrimSpace(line)
			}
			rest = rest[at+len(want):]
		}
	}
	return ""
}

// wordRE matches a word, or a character that is in none.
var wordRE = regexp.MustCompile(`//|\w+|[^\w\s]`)

func words(text string) []string {
	return slices.DeleteFunc(wordRE.FindAllString(text, -1), func(word string) bool { return word == "//" || word == "#" })
}

// index returns where a list has the words in a row, or -1.
func index(list, words []string) int {
	for i := range len(list) - len(words) + 1 {
		if slices.Equal(list[i:i+len(words)], words) {
			return i
		}
	}
	return -1
}
