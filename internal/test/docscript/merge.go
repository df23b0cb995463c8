package docscript

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

var keyRE = regexp.MustCompile(`(?m)^[\w-]+:`)

// mergeYAML returns a text in which the top-level keys of a part replace those of the same name.
func mergeYAML(text, part string) string {
	sections, order := keys(text)
	changed, added := keys(part)
	for _, key := range added {
		if _, ok := sections[key]; !ok {
			order = append(order, key)
		}
		sections[key] = changed[key]
	}
	var all strings.Builder
	for _, key := range order {
		all.WriteString(sections[key])
	}
	return all.String()
}

// keys returns what stands below each key at the top level, and the keys in order. What stands
// before the first one has the key "".
func keys(text string) (sections map[string]string, order []string) {
	sections = make(map[string]string)
	at := keyRE.FindAllStringIndex(text, -1)
	if len(at) == 0 || at[0][0] > 0 {
		at = append([][]int{{0, 0}}, at...)
	}
	for i, span := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		key := text[span[0]:span[1]]
		sections[key] = text[span[0]:end]
		order = append(order, key)
	}
	return sections, order
}

// mergeGo returns a file in which the declarations of a part replace those of the same name.
// The part has no package clause, and need not import: packages has the paths of those that it
// can name.
func mergeGo(text, part string, packages map[string]string) (string, error) {
	clause := packageRE.FindString(text)
	if clause == "" {
		return "", errors.New("the file has no package clause")
	}
	changed, err := declarations(clause + "\n" + part)
	if err != nil {
		return "", err
	}
	for _, d := range changed {
		olds, err := declarations(text)
		if err != nil {
			return "", err
		}
		replaced := false
		for _, old := range olds {
			if old.name == d.name {
				text, replaced = text[:old.start]+d.text+text[old.end:], true
				break
			}
		}
		if !replaced {
			text += "\n" + d.text + "\n"
		}
	}
	return fixImports(text, packages)
}

var packageRE = regexp.MustCompile(`(?m)^package \w+$`)

// declaration is a top-level declaration with its comment.
type declaration struct {
	name       string // with the type of a method's receiver
	text       string
	start, end int
}

func declarations(text string) ([]declaration, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var all []declaration
	for _, d := range f.Decls {
		start, end := set.Position(d.Pos()).Offset, set.Position(d.End()).Offset
		name, doc := declared(d)
		if doc != nil {
			start = set.Position(doc.Pos()).Offset
		}
		all = append(all, declaration{name, text[start:end], start, end})
	}
	return all, nil
}

// declared returns the name of a declaration, or the first one, and its comment.
func declared(d ast.Decl) (string, *ast.CommentGroup) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name, d.Doc
		}
		receiver := d.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		return fmt.Sprintf("%v.%s", receiver, d.Name.Name), d.Doc
	case *ast.GenDecl:
		if d.Tok == token.IMPORT || len(d.Specs) == 0 {
			return d.Tok.String(), d.Doc
		}
		switch spec := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return spec.Name.Name, d.Doc
		case *ast.ValueSpec:
			return spec.Names[0].Name, d.Doc
		}
	}
	return "", nil
}

// fixImports adds the imports that a file needs, and removes those that it does not.
func fixImports(text string, packages map[string]string) (string, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		return "", err
	}
	for _, unknown := range f.Unresolved {
		if to, ok := packages[unknown.Name]; ok && !imports(f, unknown.Name) {
			astutil.AddNamedImport(set, f, aliasOf(unknown.Name, to), to)
		}
	}
	for _, spec := range slices.Clone(f.Imports) {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return "", err
		}
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name != "_" && !used(f, name, to) {
			astutil.DeleteNamedImport(set, f, name, to)
		}
	}
	var out bytes.Buffer
	if err := format.Node(&out, set, f); err != nil {
		return "", err
	}
	return out.String(), nil
}

func aliasOf(name, to string) string {
	if name == path.Base(to) {
		return ""
	}
	return name
}

func imports(f *ast.File, name string) bool {
	for _, spec := range f.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err == nil && (spec.Name == nil && path.Base(to) == name || spec.Name != nil && spec.Name.Name == name) {
			return true
		}
	}
	return false
}

func used(f *ast.File, name, to string) bool {
	if name == "" {
		name = path.Base(to)
	}
	for _, unknown := range f.Unresolved {
		if unknown.Name == name {
			return true
		}
	}
	return false
}

// packages returns the import paths of packages by name: those of the document's module, of
// difygen, and of others that documents use.
func (s *script) packages() map[string]string {
	all := map[string]string{
		"oauth2": "golang.org/x/oauth2", "http": "net/http", "httptest": "net/http/httptest", "url": "net/url", "json": "encoding/json", "rand": "crypto/rand",
		"base64": "encoding/base64", "crc32": "hash/crc32", "sha1": "crypto/sha1",
		"slog": "log/slog", "runtime": modulePath + "/runtime", "serve": modulePath + "/serve",
	}
	for _, name := range []string{"agent", "authcode", "difytest", "embedding", "invoke", "llm", "webhook"} {
		all[name] = modulePath + "/runtime/" + name
	}
	for _, name := range []string{"bufio", "cmp", "context", "errors", "fmt", "io", "iter", "net", "os", "slices", "strings", "strconv", "testing", "testing/synctest", "time"} {
		all[path.Base(name)] = name
	}
	mod, err := os.ReadFile(filepath.Join(s.dir, "go.mod"))
	if err != nil {
		return all
	}
	module := moduleRE.FindSubmatch(mod)
	if module == nil {
		return all
	}
	_ = filepath.WalkDir(s.dir, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_dify.go") {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(s.dir, filepath.Dir(file))
		if name, ok := strings.CutPrefix(packageRE.FindString(string(text)), "package "); ok && name != "main" {
			all[name] = path.Join(string(module[1]), filepath.ToSlash(folder))
		}
		return err
	})
	return all
}

var moduleRE = regexp.MustCompile(`(?m)^module (\S+)$`)
