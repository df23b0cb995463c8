package docscript

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

var (
	linkRE  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	titleRE = regexp.MustCompile(`^#{1,6} (.*)$`)
	// codeRE matches code within a line.
	codeRE = regexp.MustCompile("`[^`]*`")
)

// prose returns the lines of a document that are not in fenced blocks; the others are empty.
func prose(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	fence := ""
	for i, line := range lines {
		m := fenceRE.FindStringSubmatch(line)
		switch {
		case fence != "":
			if line == fence {
				fence = ""
			}
			lines[i] = ""
		case m != nil:
			fence, lines[i] = m[1]+m[2], ""
		}
	}
	return lines
}

// checkLinks checks that what a document links to in the repository exists: files, folders, and
// headings of documents.
func checkLinks(root, name, text string) error {
	for i, line := range prose(text) {
		for _, m := range linkRE.FindAllStringSubmatch(codeRE.ReplaceAllString(line, "x"), -1) {
			if err := checkLink(root, name, m[1]); err != nil {
				return fmt.Errorf("line %d: %w", i+1, err)
			}
		}
	}
	return nil
}

func checkLink(root, name, link string) error {
	if strings.Contains(link, ":") { // elsewhere
		return nil
	}
	file, heading, _ := strings.Cut(link, "#")
	at := name
	if file != "" {
		at = path.Join(path.Dir(name), file)
	}
	full := filepath.Join(root, filepath.FromSlash(at))
	if _, err := os.Stat(full); err != nil || !filepath.IsLocal(filepath.FromSlash(at)) {
		return fmt.Errorf("the link to %s: there is no %s", link, at)
	}
	if heading == "" {
		return nil
	}
	text, err := os.ReadFile(full)
	if err != nil {
		return fmt.Errorf("the link to %s: %w", link, err)
	}
	for _, line := range prose(string(text)) {
		if m := titleRE.FindStringSubmatch(line); m != nil && anchor(m[1]) == heading {
			return nil
		}
	}
	return fmt.Errorf("the link to %s: %s has no such heading", link, at)
}

// anchor returns the name by which GitHub links to a heading.
func anchor(title string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-' || c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c):
			return unicode.ToLower(c)
		}
		return -1
	}, title)
}
