package directive

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// command is the name of difygen, and cmd the last elements of its package.
const (
	command = "difygen"
	cmd     = "cmd/difygen"
)

// The flags of go tool and go run that take the next word as their value.
var (
	toolValues = []string{"C", "modfile", "overlay"}
	runValues  = []string{
		"C", "asmflags", "buildmode", "compiler", "covermode", "coverpkg", "exec", "gccgoflags", "gcflags", "installsuffix", "ldflags",
		"mod", "modfile", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
	}
)

// Run returns the arguments of difygen in the words of a command that runs it: difygen, go tool
// difygen, or go run of its package. In is the folder that the go command changes to first, if
// any. It returns false for other commands, those that only print what they would run among them.
func Run(words []string) (args []string, in string, ok bool) {
	if len(words) == 0 {
		return nil, "", false
	}
	switch name := program(words[0]); {
	case name == command:
		return words[1:], "", true
	case name != "go":
		return nil, "", false
	}
	words, in = changeFolder(words)
	if len(words) < 2 {
		return nil, "", false
	}
	values, isIt := runValues, isPackage
	if words[1] == "tool" {
		values, isIt = toolValues, isTool
	} else if words[1] != "run" {
		return nil, "", false
	}
	for i := 2; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") {
			return words[i+1:], in, isIt(word)
		}
		name, value, given := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"), "=")
		if name == "n" {
			return nil, "", false
		}
		if !given && slices.Contains(values, name) && i+1 < len(words) {
			i++
			value = words[i]
		}
		if name == "C" {
			in = value
		}
	}
	return nil, "", false
}

// changeFolder returns the words of a go command without its own -C, which can only come first,
// and the folder that it names.
func changeFolder(words []string) (without []string, in string) {
	if len(words) < 2 {
		return words, ""
	}
	flag := strings.TrimPrefix(words[1], "-")
	switch name, value, given := strings.Cut(strings.TrimPrefix(flag, "-"), "="); {
	case flag == words[1] || name != "C":
		return words, ""
	case given:
		return words[1:], value
	case len(words) > 2:
		return words[2:], words[2]
	}
	return nil, ""
}

// Mentions reports whether the words of a command have the name of difygen, or of its package, as
// in those that [Run] does not know: env A=b difygen, or sh -c "difygen x.yaml".
func Mentions(words []string) bool {
	for _, word := range words {
		names := strings.FieldsFunc(word, func(c rune) bool {
			return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune(`-_./\@:`, c)
		})
		if slices.ContainsFunc(names, func(name string) bool { return program(name) == command || isPackage(name) }) {
			return true
		}
	}
	return false
}

// program is the name of a program without its folder, and without the extension that it has on
// Windows.
func program(word string) string {
	return strings.TrimSuffix(path.Base(filepath.ToSlash(word)), ".exe")
}

func isTool(word string) bool { return word == command || isPackage(word) }

// isPackage reports whether a word is the package of difygen, with or without a version.
func isPackage(word string) bool {
	pkg, _, _ := strings.Cut(filepath.ToSlash(word), "@")
	pkg = path.Clean(pkg)
	return pkg == cmd || strings.HasSuffix(pkg, "/"+cmd)
}
