// Package directive finds the commands that go generate runs, and which of them run difygen.
// The rules are those of go help generate.
package directive

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	start = "//go:generate"
	// maxLine is how long the go command takes a directive to be, with its newline.
	maxLine = 4096
	// documentation is the package whose files the go command leaves out.
	documentation = "documentation"
)

// Directive is a command that go generate runs.
type Directive struct {
	File    string // its name, without the folder, where the command runs
	Line    int
	Package string // $GOPACKAGE
	Words   []string
}

// Error is what is wrong with a directive, or with what it runs.
type Error struct {
	File string // as shown, with its folder
	Line int
	Err  error
}

// Error returns FILE:LINE: and what is wrong.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// Find returns the directives of a Go file in a folder, which errors show as shown. A directive
// that names difygen, and that go generate would not accept, is an [Error]; several are joined.
func Find(dir, name, shown string, src []byte) ([]Directive, error) {
	if !bytes.Contains(src, []byte(start)) || !isBuilt(dir, name, src) {
		return nil, nil
	}
	file, _ := parser.ParseFile(token.NewFileSet(), name, src, parser.PackageClauseOnly)
	if file == nil || file.Name == nil || file.Name.Name == "" || file.Name.Name == documentation {
		return nil, nil // the go command leaves it out, or fails
	}
	r := reader{dir: dir, file: name, pkg: file.Name.Name, commands: make(map[string][]string)}
	var list []Directive
	var errs []error
	number := 0
	for line := range bytes.Lines(src) {
		number++
		words, err := r.read(string(line), number)
		switch {
		case err != nil && strings.Contains(string(line), command):
			errs = append(errs, &Error{shown, number, err})
		case err == nil && len(words) > 0:
			list = append(list, Directive{name, number, r.pkg, words})
		}
	}
	return list, errors.Join(errs...)
}

// isBuilt reports whether go generate looks into a file: whether its build constraints hold
// with the tag generate.
func isBuilt(dir, name string, src []byte) bool {
	ctxt := build.Default
	ctxt.BuildTags = append(slices.Clip(ctxt.BuildTags), "generate")
	ctxt.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(src)), nil }
	built, err := ctxt.MatchFile(dir, name)
	return built && err == nil
}

// reader reads the lines of a file.
type reader struct {
	dir, file, pkg string
	commands       map[string][]string // by the names that directives give them
}

// read returns the words of the command in a line; none if it has no command.
func (r *reader) read(line string, number int) ([]string, error) {
	rest, ok := strings.CutPrefix(line, start)
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return nil, nil
	}
	if len(line) > maxLine {
		return nil, errors.New("the go command takes no directive this long")
	}
	rest, ok = strings.CutSuffix(rest, "\n")
	if !ok {
		return nil, errors.New("the go command needs a newline after this directive")
	}
	words, err := split(strings.TrimSuffix(rest, "\r"))
	switch {
	case err != nil:
		return nil, err
	case len(words) == 0:
		return nil, errors.New("this directive has no command")
	}
	if of, ok := r.commands[words[0]]; ok {
		words = append(slices.Clone(of), words[1:]...)
	}
	for i, word := range words {
		words[i] = os.Expand(word, func(name string) string { return r.variable(name, number) })
	}
	if words[0] != "-command" {
		return words, nil
	}
	if len(words) < 2 {
		return nil, errors.New("-command needs a name")
	}
	if _, again := r.commands[words[1]]; again {
		return nil, fmt.Errorf("-command defines %q again", words[1])
	}
	r.commands[words[1]] = words[2:]
	return nil, nil
}

// variable returns the value of a variable in a directive.
func (r *reader) variable(name string, line int) string {
	switch name {
	case "GOARCH":
		return build.Default.GOARCH
	case "GOOS":
		return build.Default.GOOS
	case "GOROOT":
		return build.Default.GOROOT
	case "GOFILE":
		return r.file
	case "GOLINE":
		return strconv.Itoa(line)
	case "GOPACKAGE":
		return r.pkg
	case "PWD":
		return r.dir
	case "DOLLAR":
		return "$"
	}
	return os.Getenv(name)
}

// split splits a line into words. A word in double quotes is a Go string.
func split(line string) ([]string, error) {
	const blank = " \t"
	var words []string
	for line = strings.TrimLeft(line, blank); line != ""; line = strings.TrimLeft(line, blank) {
		if line[0] != '"' {
			end := strings.IndexAny(line+" ", blank)
			words, line = append(words, line[:end]), line[end:]
			continue
		}
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, errors.New("a quoted word of this directive is not a Go string")
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, errors.New("a quoted word of this directive is not a Go string")
		}
		words, line = append(words, word), line[len(quoted):]
		if line != "" && !strings.ContainsRune(blank, rune(line[0])) {
			return nil, errors.New("a quoted word of this directive needs a space after it")
		}
	}
	return words, nil
}
