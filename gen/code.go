package gen

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
)

// This file wraps jennifer: no other file imports it, so it can be replaced here. It
// offers the few constructs of Go that generated code needs. Identifiers come from the
// plan, which checked them. Each line of a comment becomes a // comment of its own:
// jennifer would use /* */, which text could close.

// code is some Go: an expression, a statement or a declaration.
type code = jen.Code

// file is a Go file under construction.
type file struct{ jen *jen.File }

func newFile(pkg string) *file {
	f := jen.NewFile(pkg)
	f.ImportName(runtimePath, "runtime")
	f.ImportName(servePath, "serve")
	f.ImportName("embed", "embed")
	f.ImportName("context", "context")
	f.ImportName("time", "time")
	f.ImportName(httpPath, "http")
	f.ImportName(authcodePath, "authcode")
	f.ImportName(agentPath, "agent")
	f.ImportName(triggerPath, "trigger")
	f.ImportName(datasourcePath, "datasource")
	f.ImportName(invokePath, "invoke")
	f.ImportName(difytestPath, "difytest")
	for _, name := range []string{"llm", "embedding", "rerank", "speech", "moderation"} {
		f.ImportName(modelPath(name), name)
	}
	f.ImportName("slices", "slices")
	f.ImportName("testing", "testing")
	f.ImportName(oauth2Path, "oauth2")
	return &file{f}
}

// importAs gives the package of a path a name in the file, which it has in the import, too.
func (f *file) importAs(path, alias string) { f.jen.ImportAlias(path, alias) }

// packageComment puts the package's comment above its clause.
func (f *file) packageComment(lines ...string) {
	for _, line := range lines {
		f.jen.PackageComment(commentLine(line))
	}
}

// directive puts a line that is an instruction for a tool between declarations.
func (f *file) directive(line string) {
	f.jen.Comment(line)
	f.jen.Line()
}

// addWith appends a declaration with a directive above it.
func (f *file) addWith(directive string, decl code) {
	f.jen.Comment(directive)
	f.jen.Add(decl)
	f.jen.Line()
}

// header puts a comment line above the package clause.
func (f *file) header(line string) { f.jen.HeaderComment(line) }

// add appends a declaration with its doc comment and a blank line after it.
func (f *file) add(comment []string, decl code) {
	for _, line := range comment {
		f.jen.Comment(commentLine(line))
	}
	f.jen.Add(decl)
	f.jen.Line()
}

// imports are the paths of the packages that the file imports, sorted.
func (f *file) imports() ([]string, error) {
	src, err := f.render()
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("parse Go: %w", err)
	}
	var paths []string
	for _, spec := range parsed.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	slices.Sort(paths)
	return paths, nil
}

func (f *file) render() ([]byte, error) {
	var b bytes.Buffer
	if err := f.jen.Render(&b); err != nil {
		return nil, fmt.Errorf("render Go: %w", err)
	}
	return groupImports(b.Bytes()), nil
}

func commentLine(line string) string {
	if line == "" {
		return "//"
	}
	return "// " + line
}

// Expressions.

func id(name string) code                   { return jen.Id(name) }
func ptr(t code) code                       { return jen.Op("*").Add(t) }
func address(x code) code                   { return jen.Op("&").Add(x) }
func rt(name string) code                   { return jen.Qual(runtimePath, name) }
func srv(name string) code                  { return jen.Qual(servePath, name) }
func std(path, name string) code            { return jen.Qual(path, name) }
func dot(x code, name string) code          { return jen.Add(x).Dot(name) }
func lit(v any) code                        { return jen.Lit(v) }
func not(x code) code                       { return jen.Op("!").Add(x) }
func parens(x code) code                    { return jen.Parens(x) }
func null() code                            { return jen.Nil() }
func call(f code, args ...code) code        { return jen.Add(f).Call(args...) }
func index(x, key code) code                { return jen.Add(x).Index(key) }
func binary(x code, op string, y code) code { return jen.Add(x).Op(op).Add(y) }
func slice(t code) code                     { return jen.Index().Add(t) }
func generic(t code, args ...code) code     { return jen.Add(t).Types(args...) }
func stringMap() code                       { return jen.Map(jen.String()).Any() }
func textMap() code                         { return jen.Map(jen.String()).String() }
func variadic(t code) code                  { return jen.Op("...").Add(t) }

// composite is a composite literal with one element per line; without elements it
// is T{}.
func composite(t code, elements ...code) code {
	if len(elements) == 0 {
		return jen.Add(t).Values()
	}
	return jen.Add(t).Custom(perLine, elements...)
}

// element is a composite literal in another one, which says its type.
func element(elements ...code) code { return jen.Custom(perLine, elements...) }

var perLine = jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}

// rawText is a string literal with the lines of s, which holds neither a backquote nor a
// carriage return.
func rawText(s string) code { return jen.Op("`" + s + "`") }

// oneLine is a composite literal on one line.
func oneLine(t code, elements ...code) code { return jen.Add(t).Values(elements...) }

// wrapped is a composite literal of short values: on one line or, if there are many, with a few
// per line.
func wrapped(t code, elements ...code) code {
	const perLine = 6
	if len(elements) <= perLine {
		return oneLine(t, elements...)
	}
	lines := make([]code, 0, len(elements)/perLine+1)
	for row := range slices.Chunk(elements, perLine) {
		lines = append(lines, jen.List(row...))
	}
	return composite(t, lines...)
}

// row is a composite literal on one line in another one, which says its type.
func row(elements ...code) code { return jen.Values(elements...) }

// literal is a function literal.
func literal(s signature, body ...code) code { return s.after(jen.Func()).Block(body...) }

// callLines is a call with one argument per line.
func callLines(f code, args ...code) code {
	return jen.Add(f).Custom(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, args...)
}

func keyed(key, value code) code { return jen.Add(key).Op(":").Add(value) }

// Statements.

func define(name string, value code) code { return jen.Id(name).Op(":=").Add(value) }

func define2(a, b string, value code) code {
	return jen.List(jen.Id(a), jen.Id(b)).Op(":=").Add(value)
}

func assign(target, value code) code { return jen.Add(target).Op("=").Add(value) }

func ret(values ...code) code { return jen.Return(values...) }

func when(condition code, body ...code) code { return jen.If(condition).Block(body...) }

func whenDefined(init, condition code, body ...code) code {
	return jen.If(init, condition).Block(body...)
}

// chooseFirst is a switch over conditions.
func chooseFirst(cases ...code) code { return jen.Switch().Block(cases...) }

func otherwise(body ...code) code { return jen.Default().Block(body...) }

func declare(name string, typ code) code { return jen.Var().Id(name).Add(typ) }

func choose(x code, cases ...code) code { return jen.Switch(x).Block(cases...) }

// caseOf is a case of a switch, with a few values per line.
func caseOf(values []code, body ...code) code {
	const perLine = 4
	list := make([]code, len(values))
	for i, v := range values {
		if list[i] = v; i > 0 && i%perLine == 0 {
			list[i] = jen.Line().Add(v)
		}
	}
	return jen.Case(list...).Block(body...)
}

// Declarations.

// param is a parameter, with or without a name.
type param struct {
	name string
	typ  code
}

func params(list []param) []code {
	var out []code
	for _, p := range list {
		if p.name == "" {
			out = append(out, p.typ)
			continue
		}
		out = append(out, jen.Id(p.name).Add(p.typ))
	}
	return out
}

// signature is the parameters and results of a function or method.
type signature struct {
	params  []param
	results []code
}

func (s signature) after(start *jen.Statement) *jen.Statement {
	start = start.Params(params(s.params)...)
	if len(s.results) == 1 {
		return start.Add(s.results[0])
	}
	if len(s.results) > 1 {
		return start.Params(s.results...)
	}
	return start
}

func function(name string, s signature, body ...code) code {
	return s.after(jen.Func().Id(name)).Block(body...)
}

func funcType(s signature) code { return s.after(jen.Func()) }

func method(receiver string, typ code, name string, s signature, body ...code) code {
	return methodHeader(receiver, typ, name, s).Block(body...)
}

// methodHeader is a method without its body.
func methodHeader(receiver string, typ code, name string, s signature) *jen.Statement {
	return s.after(jen.Func().Params(params([]param{{receiver, typ}})...).Id(name))
}

// source is the text of a declaration, formatted.
func source(decl code) (string, error) {
	var b strings.Builder
	if err := jen.Add(decl).Render(&b); err != nil {
		return "", fmt.Errorf("render Go: %w", err)
	}
	return b.String(), nil
}

// member is a field of a struct or a method of an interface.
type member struct {
	comment []string
	decl    code
}

func structField(name string, typ code) code { return jen.Id(name).Add(typ) }

// taggedField is a field with a JSON tag.
func taggedField(name string, typ code, tag string) code {
	return jen.Id(name).Add(typ).Tag(map[string]string{"json": tag})
}

// withComment puts a comment at the end of a line.
func withComment(line code, comment string) code {
	return jen.Add(line).Comment(commentLine(comment))
}

func interfaceMethod(name string, s signature) code { return s.after(jen.Id(name)) }

func members(list []member) []code {
	var out []code
	for i, m := range list {
		if i > 0 && len(m.comment) > 0 {
			out = append(out, jen.Line())
		}
		for _, line := range m.comment {
			out = append(out, jen.Comment(commentLine(line)))
		}
		out = append(out, m.decl)
	}
	return out
}

func structType(name string, fields []member) code {
	return jen.Type().Id(name).Struct(members(fields)...)
}

func interfaceType(name string, methods []member) code {
	return jen.Type().Id(name).Interface(members(methods)...)
}

// aliases are declarations of types, in one block.
func aliases(list []member) code { return jen.Type().Defs(lines(list)...) }

func namedType(name string, underlying code) code { return jen.Type().Id(name).Add(underlying) }

func constants(list []member) code { return jen.Const().Defs(lines(list)...) }

// lines are declarations in a block, without space between them.
func lines(list []member) []code {
	var out []code
	for _, m := range list {
		for _, line := range m.comment {
			out = append(out, jen.Comment(commentLine(line)))
		}
		out = append(out, m.decl)
	}
	return out
}

// alias is a specification within aliases.
func alias(name string, of code) code { return jen.Id(name).Op("=").Add(of) }

// variable is a variable with a value.
func variable(name string, value code) code { return jen.Var().Id(name).Op("=").Add(value) }

func untypedConst(name, value string) code { return jen.Id(name).Op("=").Lit(value) }

func typedConst(name, typ, value string) code {
	return jen.Id(name).Id(typ).Op("=").Lit(value)
}

// blankConst is a declaration that only has to compile.
func blankConst(value code) code { return jen.Const().Id("_").Op("=").Add(value) }

// blank is a specification within variables.
func blank(typ, value code) code { return jen.Id("_").Add(typ).Op("=").Add(value) }

func variables(specs ...code) code {
	if len(specs) == 1 {
		return jen.Var().Add(specs...)
	}
	return jen.Var().Defs(specs...)
}
