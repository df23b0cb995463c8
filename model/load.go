package model

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// ErrUnknownKind is the error of Load for a kind that it cannot read.
var ErrUnknownKind = errors.New("unknown kind")

// Load reads a provider file of a kind. The name file is only used in positions.
//
// The provider is nil if the host could not load the file; then at least one
// diagnostic is an error. A provider can also come with errors, for what the
// host loads but no Go type can stand for. A provider without sections, such as
// an agent strategy, declares no credentials.
//
// It fails only for a kind that it cannot read.
func Load(file string, data []byte, kind Kind) (*Provider, Diagnostics, error) {
	if kind == KindAgentStrategy {
		return &Provider{Kind: kind, File: file}, nil, nil
	}
	load, ok := loaders[kind]
	if !ok {
		return nil, nil, fmt.Errorf("%s: %w: %s", file, ErrUnknownKind, text.Name(string(kind)))
	}
	r := &reporter{file: file}
	root, ok := parse(r, data)
	if !ok {
		return nil, r.list.Sort(), nil
	}
	d := &decoder{reporter: r, root: root}
	p := load(d)
	ignore := r.silencer(data, root)
	if d.failed {
		return nil, ignore.Silence(r.list).Sort(), nil
	}
	p.Kind, p.File, p.silencer = kind, file, ignore
	checkKeys(r, root, kind)
	return p, onceALanguage(p.Silence(r.list, append(loadRules, RuleManifest)...).Sort()), nil
}

// loaders read a document of each kind. The root is nil for an empty document,
// and the provider is nil if the host could not load it.
var loaders = map[Kind]func(*decoder) *Provider{
	KindTool:       loadTool,
	KindModel:      loadModel,
	KindDatasource: loadDatasource,
	KindTrigger:    loadTrigger,
	KindEndpoint:   loadEndpoint,
}

// section decodes a section that may be a map of fields by name or a list.
func (d *decoder) section(n *yaml.Node, path string) []sourced[hostField] {
	switch n.Kind {
	case yaml.MappingNode:
		return d.mapSection(n)
	case yaml.AliasNode:
		d.failed = true
		d.errorf(at(n), RuleType, "%s must be a map or list of fields, the host takes no alias here", path)
	case yaml.SequenceNode:
		return d.listSection(n)
	case yaml.ScalarNode:
		d.decode(n, new(hostSection))
	}
	return nil
}

// mapSection decodes the entries that are maps. The host drops the others.
func (d *decoder) mapSection(n *yaml.Node) []sourced[hostField] {
	var fields []sourced[hostField]
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.MappingNode || isMerge(key) {
			d.warnDropped(key, value)
			continue
		}
		var f sourced[hostField]
		d.decode(value, &f, fieldKeys...)
		f.host.Name, f.key, f.node = key.Value, key, value
		fields = append(fields, f)
	}
	return fields
}

// warnDropped says why an entry of a map section never reaches the host's form.
func (d *decoder) warnDropped(key, value *yaml.Node) {
	if isMerge(key) {
		d.warnf(at(key), RuleDropped, "the host drops << here: it merges inside a field, not among fields")
		return
	}
	name := text.Name(key.Value)
	switch {
	case value.Kind == yaml.AliasNode:
		d.warnf(at(key), RuleDropped, "the host drops field %s: it takes no alias here, write the field out (<<: *%s inside it works)", name, text.Name(value.Value))
	case isNull(value):
		d.warnf(at(key), RuleDropped, "the host drops field %s: it is empty", name)
	default:
		d.warnf(at(key), RuleDropped, "the host drops field %s: it must be a map, not %s", name, found(value.ShortTag()))
	}
}

// listSection decodes the items of a list; the host drops null ones.
func (d *decoder) listSection(n *yaml.Node) []sourced[hostField] {
	var fields []sourced[hostField]
	for _, item := range n.Content {
		target := resolve(item)
		if target != item {
			d.spend(target)
			d.gain += plainSize(target, 0)
		}
		if isNull(target) {
			d.warnf(at(item), RuleDropped, "the host drops this item: it is empty")
			continue
		}
		var f sourced[hostField]
		d.decode(target, &f, fieldKeys...)
		f.node = target
		fields = append(fields, f)
	}
	return fields
}

// decodeRoot decodes the document into the host's struct; an empty document
// leaves it zero.
func (d *decoder) decodeRoot(out any, keys ...string) {
	if d.root != nil {
		d.decode(d.root, out, keys...)
	}
}

// oauthSections are the two sections of an oauth_schema at a path of keys, none
// if it is absent or null.
func (d *decoder) oauthSections(host *hostOAuth, path ...string) []Section {
	if host == nil {
		return nil
	}
	at := func(key string) []string { return append(path[:len(path):len(path)], key) }
	client := d.newSection(SectionOAuthClient, host.ClientSchema, at("client_schema")...)
	credentials := d.newSection(SectionOAuthCredentials, host.CredentialsSchema, at("credentials_schema")...)
	checkOAuth(d.reporter, &client, &credentials)
	return []Section{client, credentials}
}

// emptySection is the section at a path of keys, without its fields.
func (d *decoder) emptySection(name SectionName, path ...string) Section {
	s := Section{Name: name, Path: strings.Join(path, ".")}
	if key, _ := lookup(d.root, path...); key != nil {
		s.Line, s.column = key.Line, key.Column
	}
	return s
}

// newSection turns decoded fields into the section at a path of keys, and checks
// it against the host's rules.
func (d *decoder) newSection(name SectionName, fields []sourced[hostField], path ...string) Section {
	s := d.emptySection(name, path...)
	for i := range fields {
		s.Fields = append(s.Fields, d.newField(&fields[i]))
	}
	rules := &credentialRules
	if name == SectionSubscription {
		rules = &subscriptionRules
	}
	d.check(&s, rules)
	return s
}

// check holds a section to the rules, if it is of a size that anyone can have
// meant.
func (d *decoder) check(s *Section, rules *sectionRules) {
	if n := len(s.Fields); n > maxFields {
		d.refuse(s.Fields[maxFields].Pos, "a section of %d fields is too large, the most is %d", n, maxFields)
		return
	}
	for i := range s.Fields {
		if n := len(s.Fields[i].Options); n > maxFields {
			d.refuse(s.Fields[i].Pos, "a field with %d options is too large, the most is %d", n, maxFields)
			return
		}
	}
	checkSection(d.reporter, s, rules)
}

func (d *decoder) refuse(pos Position, format string, args ...any) {
	d.failed = true
	d.errorf(pos, RuleTooLarge, format, args...)
}

func (d *decoder) newField(f *sourced[hostField]) Field {
	h := &f.host
	field := Field{
		Name: h.Name, Type: FieldType(h.Type), Required: h.Required, Default: h.Default,
		Scope: h.Scope, Multiple: h.Multiple, Label: h.Label.text(),
		Help: h.Help.textPtr(), Placeholder: h.Placeholder.textPtr(), URL: value(h.URL),
		Pos: d.at(f.node), key: f.key, node: f.node,
	}
	if f.key != nil {
		field.Pos = d.at(f.key)
	}
	for _, o := range h.Options {
		field.Options = append(field.Options, Option{Value: o.host.Value, Label: o.host.Label.text(), Pos: d.at(o.node), node: o.node})
	}
	return field
}

// at is the position of n in the file.
func (d *decoder) at(n *yaml.Node) Position {
	pos := at(n)
	pos.File = d.file
	return pos
}
