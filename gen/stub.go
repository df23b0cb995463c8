package gen

import (
	"slices"
	"strings"
)

// stub is the file that becomes the author's, with the type. Its comment lists the methods
// that the author must add.
func (p *plan) stub() ([]byte, error) {
	f := newFile(p.pkg)
	if p.inComment != nil {
		f.packageComment(doc("Package %s connects Dify to %s.", p.pkg, listed(p.inComment, "and"))...)
	}
	about := doc("%s connects %s. This file is yours: difygen wrote it once and will not touch it again.", p.names.provider, p.label)
	for _, c := range p.demanded() {
		if c.stubbed != nil || c == p.kind.items {
			continue
		}
		lines, err := p.missing(c)
		if err != nil {
			return nil, err
		}
		about = append(append(about, ""), lines...)
	}
	f.add(about, structType(p.names.provider, p.stubFields()))
	p.assertions(f)
	for _, m := range p.stubbed() {
		p.addMethod(f, m)
	}
	return f.render()
}

// stubFields are the fields of the author's type in the stub: the client that its methods
// send requests with.
func (p *plan) stubFields() []member {
	if len(p.demanded()) == 0 {
		return nil
	}
	return []member{{nil, withComment(structField(clientField, ptr(std(httpPath, "Client"))), clientAbout)}}
}

// clientField is the field of the author's type with the HTTP client.
const (
	clientField = "HTTPClient"
	clientAbout = "nil means http.DefaultClient"
)

// stubbed are the author's methods that the stub has.
func (p *plan) stubbed() []contractMethod {
	var methods []contractMethod
	for _, c := range p.demanded() {
		if c.stubbed != nil {
			methods = append(methods, c.stubbed(p)...)
		}
	}
	return methods
}

// missing are the lines of a comment that lists the methods of a contract or, if there is one,
// the function that replaces them.
func (p *plan) missing(c *contract) ([]string, error) {
	if c.constructor != nil {
		constructor := c.constructor(p, p.names.contracts[c])
		f, err := constructor.source()
		lines := doc("You must write the methods of %s, or embed a flow that has them. For that, add this field to %s:", p.names.contracts[c], p.names.provider)
		lines = append(lines, "", "\t"+constructor.fields[0], "")
		lines = append(lines, doc("Then paste this function, import %s, and run go mod tidy.", listed(f.Imports, "and"))...)
		return append(append(lines, ""), indented(f.Code)...), err
	}
	lines := append(doc("You must write the methods of %s:", p.names.contracts[c]), "")
	for _, m := range c.methods(p) {
		src, err := source(methodHeader("p", ptr(id(p.names.provider)), m.name, m.signature))
		if err != nil {
			return nil, err
		}
		lines = append(lines, indented(src)...)
	}
	return lines, nil
}

// indented returns the lines of code as they are in a comment.
func indented(src string) []string {
	var lines []string
	for line := range strings.Lines(src) {
		lines = append(lines, "\t"+strings.TrimSuffix(line, "\n"))
	}
	return lines
}

// addMethod adds a method that its author completes.
func (p *plan) addMethod(f *file, m contractMethod) {
	f.add(m.stub, method("p", ptr(id(p.names.provider)), m.name, m.signature, m.code()...))
}

// itemStub is the file that becomes the author's, with some types and the methods of an item.
func (p *plan) itemStub(item plannedItem, types []string) ([]byte, error) {
	f := newFile(p.pkg)
	for _, t := range item.authorTypes() {
		if slices.Contains(types, t.name) {
			f.add(t.about, t.code())
		}
	}
	for _, m := range item.methods(p) {
		p.addMethod(f, m)
	}
	return f.render()
}

// stub is the comment of a tool's method in the stub: what the tool does, and how a
// parameter becomes a result.
func (t *tool) stub() []string {
	lines := append(doc("%s is the tool %s.", t.method, t.label), separated(t.item.Description.Best())...)
	for _, f := range t.params.fields {
		if v, isValue := f.shape.(valueShape); isValue && v.method == fileShape.method {
			return append(append(lines, "", "It returns a file, for example, like this:", ""), fileExample("call.Parameters."+f.name)...)
		}
	}
	return append(lines, "", "It returns text, for example, like this:", "", "	return out.Text("+t.params.exampleText()+")")
}

// fileExample is the code that returns the file of a parameter as it is.
func fileExample(parameter string) []string {
	return []string{
		"	data, err := " + parameter + ".ReadAll(ctx)",
		"	if err != nil {",
		"		return err",
		"	}",
		"	return out.File(data, runtime.FileMeta{Name: " + parameter + ".Filename})",
	}
}

// exampleText is the text of a parameter or, if none is text that everyone may see, a constant.
func (s *section) exampleText() string {
	if parameter, ok := s.textParameter(); ok {
		return parameter
	}
	return `"done"`
}

// textParameter returns the code for the first parameter of a call that is text, and that everyone may see.
func (s *section) textParameter() (parameter string, ok bool) {
	for _, f := range s.fields {
		if _, isText := f.shape.(textShape); isText {
			return "call.Parameters." + f.name, true
		}
	}
	return "", false
}
