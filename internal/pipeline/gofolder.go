package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
)

// maxAliases is how many aliases of aliases are followed. They can form a circle.
const maxAliases = 10

// GoFolder is what the Go files of a folder say.
type GoFolder struct{ files map[string]goFile }

// NewGoFolder reads the Go files among the files of a folder, by name, which need not be
// valid Go. Tests count by their names alone.
func NewGoFolder(files map[string][]byte) GoFolder {
	folder := GoFolder{make(map[string]goFile, len(files))}
	for name, src := range files {
		folder.files[name] = goFile{}
		if isCode(name) {
			folder.files[name] = parseGo(name, src)
		}
	}
	return folder
}

// readGoFolder reads the Go files of a folder, which need not exist.
func readGoFolder(fsys fs.FS, at string) (GoFolder, error) {
	entries, err := fs.ReadDir(fsys, at)
	if errors.Is(err, fs.ErrNotExist) {
		return NewGoFolder(nil), nil
	}
	if err != nil {
		return GoFolder{}, fmt.Errorf("%s: %w", at, plugin.Reason(err))
	}
	return readEntries(entries, func(name string) ([]byte, error) {
		data, err := regular.Read(fsys, path.Join(at, name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Join(at, name), plugin.Reason(err))
		}
		return data, nil
	})
}

// readEntries reads the Go files among the entries of a folder.
func readEntries(entries []fs.DirEntry, read func(name string) ([]byte, error)) (GoFolder, error) {
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		files[e.Name()] = nil
		if e.IsDir() || !isCode(e.Name()) {
			continue
		}
		data, err := read(e.Name())
		if err != nil {
			return GoFolder{}, err
		}
		files[e.Name()] = data
	}
	return NewGoFolder(files), nil
}

// isCode reports whether a file of that name belongs to a package, and is not a test. The
// go command ignores names that start with _ or a dot.
func isCode(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name[0] != '_' && name[0] != '.'
}

// names are the names of all files.
func (f GoFolder) names() []string { return slices.Collect(maps.Keys(f.files)) }

// declares returns the name of the author's file that declares a type, "" if none does.
func (f GoFolder) declares(typ string) string {
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		if slices.Contains(f.files[name].types, typ) {
			return name
		}
	}
	return ""
}

// resolve returns the type of the author that an alias stands for, or else typ.
func (f GoFolder) resolve(typ string) string {
	for range maxAliases {
		other := ""
		for _, file := range f.files {
			other = cmp.Or(other, file.aliases[typ])
		}
		if other == "" || f.declares(other) == "" {
			break
		}
		typ = other
	}
	return typ
}

// hasMethod reports whether an author's file declares a method.
func (f GoFolder) hasMethod(typ, name string) bool {
	typ = f.resolve(typ)
	for _, file := range f.files {
		for receiver, methods := range file.methods {
			if slices.Contains(methods, name) && f.resolve(receiver) == typ {
				return true
			}
		}
	}
	return false
}

// embeds reports whether a type of the author can have methods of an unknown one.
func (f GoFolder) embeds(typ string) bool {
	typ = f.resolve(typ)
	for _, file := range f.files {
		if file.embeds[typ] {
			return true
		}
	}
	return false
}

// hasFunc reports whether an author's file declares a function.
func (f GoFolder) hasFunc(name string) bool {
	for _, file := range f.files {
		if slices.Contains(file.funcs, name) {
			return true
		}
	}
	return false
}

// packages returns the names of the packages of the files, sorted; with authorsOnly, not
// those of generated files.
func (f GoFolder) packages(authorsOnly bool) []string {
	var names []string
	for _, file := range f.files {
		if file.pkg != "" && (!file.generated || !authorsOnly) {
			names = append(names, file.pkg)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// packageOf returns the package of the files. Without any, it makes a name from base, a
// folder or the last element of an import path.
func (f GoFolder) packageOf(base string) (string, error) {
	switch names := f.packages(false); len(names) {
	case 0:
		return packageName(base), nil
	case 1:
		return names[0], nil
	default:
		return "", fmt.Errorf("there are several packages: %s", strings.Join(names, ", "))
	}
}

// packageName turns base into the name of a package.
func packageName(base string) string {
	name := strings.Map(func(c rune) rune {
		if c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			return unicode.ToLower(c)
		}
		return -1
	}, base)
	if name = strings.TrimLeftFunc(name, unicode.IsDigit); !token.IsIdentifier(name) || name == gen.Ignored {
		return "provider"
	}
	return name
}

// freeName returns the name of a stub, with a suffix if another file has it: a file that is
// there is never replaced.
func freeName(stub, suffix string, taken []string) string {
	name := stub
	for n := 1; slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(name, other) }); n++ {
		name = strings.TrimSuffix(stub, ".go") + suffix
		if n > 1 {
			name += strconv.Itoa(n)
		}
		name += ".go"
	}
	return name
}
