package model

import (
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// maxFields bounds the fields of a section, and the options of a field.
const maxFields = 10_000

// maxDeclarations bounds the declarations of one field of a form, exclusive. The host has
// at most 32 in all.
const maxDeclarations = 400

// Load loads a provider file of the given kind. It reads nothing from disk: file is the
// name that positions and messages use.
//
// The provider is nil if the host could not load the file; then at least one diagnostic is
// an error. A provider can also come with errors: the host loads it, but a field has no Go
// type. A provider without sections, such as that of an agent strategy, declares no
// credentials. Items that stand in the file are loaded, too, but not the files that it
// lists.
//
// Load returns an error only if the kind is unknown.
func Load(file string, data []byte, kind Kind) (*Provider, Findings, error) {
	info, ok := kind.info()
	if !ok {
		return nil, Findings{}, fmt.Errorf("%s: unknown kind: %s", file, text.Name(string(kind)))
	}
	l, ok := newLoader(file, data)
	if !ok {
		return nil, l.Findings, nil
	}
	p := info.load(l)
	var items ItemList
	if !l.failed {
		items = l.listItems(info)
	}
	l.findIgnores(l.doc, !l.failed)
	if l.failed {
		return nil, l.Findings, nil
	}
	p.Kind, p.File, p.Listed = kind, file, items
	l.nameFields(l.doc, p.fieldLists()...)
	checkKeys(&l.reporter, l.root, info.maps())
	return p, l.Findings, nil
}

// loader loads a document, or an item in one.
type loader struct {
	reporter
	doc    *yamldoc.Document
	root   *yamldoc.Node // what it loads; nil if the document is empty
	failed bool          // the host could not load it
}

// newLoader parses a document. It reports a syntax error, and then returns false.
func newLoader(file string, data []byte) (*loader, bool) {
	l := &loader{reporter: reporter{file: file}}
	doc, err := yamldoc.Parse(data)
	if err != nil {
		l.fail(err)
		return l, false
	}
	l.doc, l.root = doc, doc.Root
	if doc.Root == nil {
		l.report(Position{Line: 1, Column: 1}, ruleEmptyFile, "the file is empty")
	}
	if rest, ok := doc.Rest(); ok {
		l.report(Position{Line: rest.Line, Column: rest.Column}, ruleDropped,
			"the host ignores the file from here on, because line %d is indented more; indent both alike", doc.Root.Line)
	}
	return l, true
}

// fail reports why the host could not load the document.
func (l *loader) fail(err error) {
	l.failed = true
	var e *yamldoc.Error
	if errors.As(err, &e) {
		l.suggest(Position{Line: e.Line, Column: e.Column}, faultRules[e.Fault], e.Suggestion, "%s", e.Message)
	}
}

// faultRules are the rules of the errors that yamldoc finds.
var faultRules = map[yamldoc.Fault]Rule{
	yamldoc.Syntax: ruleSyntax, yamldoc.Type: ruleType, yamldoc.DuplicateKey: ruleDuplicateKey,
	yamldoc.Expansion: ruleAlias, yamldoc.TooLarge: ruleTooLarge,
}

// decode decodes n into a struct that mirrors the host's, and reports what is wrong.
func (l *loader) decode(n *yamldoc.Node, out any) {
	errs, ok := l.doc.Decode(n, out)
	if ok {
		return
	}
	l.failed = true
	for _, err := range errs {
		l.fail(err)
	}
}

// decodeRoot decodes what the loader loads. An empty document leaves the struct unchanged.
func (l *loader) decodeRoot(out any) {
	if l.root != nil {
		l.decode(l.root, out)
	}
}

// decodeNode decodes a node that the host decodes separately. It does nothing if the node
// is absent.
func (l *loader) decodeNode(n *yamldoc.Node, out any) {
	if n.Kind != 0 {
		l.decode(n, out)
	}
}

// section decodes a section that can be a list of fields or a map of fields by name.
func (l *loader) section(n *yamldoc.Node, path string) []Field {
	switch n.Kind {
	case yamldoc.Mapping:
		return l.mapSection(n)
	case yamldoc.Alias:
		l.failed = true
		l.report(at(n), ruleType, "%s must be a map or list of fields; the host does not follow an alias here", path)
	case yamldoc.Sequence:
		return l.listSection(n)
	case yamldoc.Scalar:
		l.decode(n, new(hostSection))
	}
	return nil
}

// mapSection decodes a map of fields by name. The host drops values that are not maps.
func (l *loader) mapSection(n *yamldoc.Node) []Field {
	var fields []Field
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yamldoc.Mapping || yamldoc.IsMerge(key) {
			l.warnDropped(key, value)
			continue
		}
		var host hostField
		l.decode(value, &host)
		host.Name = key.Value
		f := l.field(&host, value)
		f.Pos = l.at(key)
		fields = append(fields, f)
	}
	return fields
}

// warnDropped reports why the host drops a value of a map section.
func (l *loader) warnDropped(key, value *yamldoc.Node) {
	if yamldoc.IsMerge(key) {
		l.report(at(key), ruleDropped, "the host drops << among fields; it merges only inside a field")
		return
	}
	name := text.Name(key.Value)
	switch {
	case value.Kind == yamldoc.Alias:
		l.report(at(key), ruleDropped, "the host drops field %s because it is an alias; write the field out (<<: *%s works inside it)", name, text.Name(value.Value))
	case yamldoc.IsNull(value):
		l.report(at(key), ruleDropped, "the host drops field %s because it is empty", name)
	default:
		l.report(at(key), ruleDropped, "the host drops field %s: it must be a map, not %s", name, yamldoc.Found(value.ShortTag()))
	}
}

// listSection decodes a list of fields. The host drops items that are null.
func (l *loader) listSection(n *yamldoc.Node) []Field {
	var fields []Field
	for _, item := range n.Content {
		target := l.doc.Follow(item)
		if yamldoc.IsNull(target) {
			l.report(at(item), ruleDropped, "the host drops this field because it is empty")
			continue
		}
		var host hostField
		l.decode(target, &host)
		fields = append(fields, l.field(&host, target))
	}
	return fields
}

// hostDecoded is a field of a section as the host decodes it.
type hostDecoded interface{ field() Field }

// field returns a decoded field with its nodes and positions.
func (l *loader) field(host hostDecoded, n *yamldoc.Node) Field {
	f := host.field()
	f.host, f.node, f.Pos = host, n, l.at(n)
	for i := range f.Options {
		f.Options[i].Pos = l.at(f.Options[i].node)
	}
	return f
}

// fieldsOf returns the fields of a section that can only be a list.
func fieldsOf[T any, H interface {
	*T
	hostDecoded
}](l *loader, list []yamldoc.Sourced[T]) []Field {
	fields := make([]Field, len(list))
	for i := range list {
		fields[i] = l.field(H(&list[i].Value), list[i].Node)
	}
	return fields
}

// oauthSections returns the two sections of the oauth_schema at a path of keys, none if it
// is absent or null.
func (l *loader) oauthSections(host *hostOAuth, path ...string) []Section {
	if host == nil {
		return nil
	}
	at := func(key string) []string { return append(path[:len(path):len(path)], key) }
	client := l.newSection(SectionOAuthClient, fieldsOf(l, host.ClientSchema), at("client_schema")...)
	credentials := l.newSection(SectionOAuthCredentials, fieldsOf(l, host.CredentialsSchema), at("credentials_schema")...)
	checkOAuth(&l.reporter, &client, &credentials)
	return []Section{client, credentials}
}

// newSection makes the section at a path of keys from decoded fields, and checks it
// against the host's rules.
func (l *loader) newSection(name SectionName, fields []Field, path ...string) Section {
	s := Section{Name: name, Path: strings.Join(path, "."), Fields: fields}
	if key, _ := yamldoc.Lookup(l.root, path...); key != nil {
		s.Line, s.column = key.Line, key.Column
	}
	l.check(&s, name.info().rules)
	return s
}

// check checks a section against the rules, unless it is absurdly large.
func (l *loader) check(s *Section, rules *sectionRules) {
	if n := len(s.Fields); n > maxFields {
		l.refuse(s.Fields[maxFields].Pos, "a section of %d fields is too large; the limit is %d", n, maxFields)
		return
	}
	for i := range s.Fields {
		if n := len(s.Fields[i].Options); n > maxFields {
			l.refuse(s.Fields[i].Pos, "a field with %d options is too large; the limit is %d", n, maxFields)
			return
		}
		s.Fields[i].openNames = rules.plainOptions
	}
	checkSection(&l.reporter, s, rules)
}

func (l *loader) refuse(pos Position, format string, args ...any) {
	l.failed = true
	l.report(pos, ruleTooLarge, format, args...)
}

// at returns the position of n in the file.
func (r *reporter) at(n *yamldoc.Node) Position {
	pos := at(n)
	pos.File = r.file
	return pos
}

// at returns the position of n, without the file; the zero Position if n is nil.
func at(n *yamldoc.Node) Position {
	p := yamldoc.At(n)
	return Position{Line: p.Line, Column: p.Column}
}

// deepest returns the position of the last key of a path that is present in n, or else
// that of n.
func deepest(n *yamldoc.Node, path ...string) Position {
	if key := yamldoc.Deepest(n, path...); key != nil {
		return at(key)
	}
	if n != nil {
		return at(n)
	}
	return Position{Line: 1, Column: 1} // an empty document
}
