package model

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// Load reads a provider file of a kind. The name file is only used in positions.
//
// The provider is nil if the host could not load the file; then at least one
// diagnostic is an error. A provider can also come with errors, for what the
// host loads but no Go type can stand for. A provider without sections, such as
// an agent strategy, declares no credentials.
//
// It fails only for a kind that it cannot read.
func Load(file string, data []byte, kind Kind) (*Provider, Diagnostics, error) {
	switch kind {
	case KindTool:
	case KindAgentStrategy:
		return &Provider{Kind: kind, File: file}, nil, nil
	case KindModel, KindDatasource, KindTrigger, KindEndpoint:
		return nil, nil, fmt.Errorf("%s: %w: %s", file, ErrUnsupportedKind, kind)
	default:
		return nil, nil, fmt.Errorf("%s: %w: %s", file, ErrUnknownKind, text.Name(string(kind)))
	}
	r := &reporter{file: file}
	root, ok := parse(r, data)
	if !ok {
		return nil, r.list.Sort(), nil
	}
	p := loadTool(&decoder{reporter: r, root: root})
	if p != nil {
		p.File = file
	}
	return p, r.list.Sort(), nil
}

// loadTool reads a tool provider; the root is nil for an empty document.
func loadTool(d *decoder) *Provider {
	var host hostTool
	if d.root != nil {
		d.decode(d.root, &host, "identity", "oauth_schema")
	}
	path, node := "credentials_for_provider", &host.CredentialsForProvider
	if len(host.CredentialsSchema.Content) > 0 {
		if key, _ := lookup(d.root, path); key != nil && len(node.Content) > 0 {
			d.warnf(at(key), RuleDropped, "the host ignores %s, since credentials_schema is there too", path)
		}
		path, node = "credentials_schema", &host.CredentialsSchema
	}
	fields := d.section(node, path)
	if d.failed {
		return nil
	}
	p := &Provider{Kind: KindTool, Name: host.Identity.Name, Label: host.Identity.Label.text()}
	p.Sections = append(p.Sections, d.newSection(SectionCredentials, fields, path))
	if host.OAuthSchema != nil {
		p.Sections = append(p.Sections,
			d.newSection(SectionOAuthClient, host.OAuthSchema.ClientSchema, "oauth_schema", "client_schema"),
			d.newSection(SectionOAuthCredentials, host.OAuthSchema.CredentialsSchema, "oauth_schema", "credentials_schema"))
	}
	checkIdentity(d.reporter, d.root, &host.Identity)
	return p
}

// section decodes a section that may be a map of fields by name or a list.
func (d *decoder) section(n *yaml.Node, path string) []hostField {
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
func (d *decoder) mapSection(n *yaml.Node) []hostField {
	var fields []hostField
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.MappingNode || isMerge(key) {
			d.warnDropped(key, value)
			continue
		}
		var f hostField
		d.decode(value, &f, fieldKeys...)
		f.Name, f.key, f.node = key.Value, key, value
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
func (d *decoder) listSection(n *yaml.Node) []hostField {
	var fields []hostField
	for _, item := range n.Content {
		target := resolve(item)
		if isNull(target) {
			d.warnf(at(item), RuleDropped, "the host drops this item: it is empty")
			continue
		}
		var f hostField
		d.decode(target, &f, fieldKeys...)
		f.node = target
		fields = append(fields, f)
	}
	return fields
}

// newSection turns decoded fields into the section at a path of keys.
func (d *decoder) newSection(name SectionName, fields []hostField, path ...string) Section {
	s := Section{Name: name, Path: path[0]}
	for _, key := range path[1:] {
		s.Path += "." + key
	}
	if key, _ := lookup(d.root, path...); key != nil {
		s.Line = key.Line
	}
	for i := range fields {
		s.Fields = append(s.Fields, d.newField(&fields[i]))
		checkField(d.reporter, &fields[i])
	}
	checkNames(d.reporter, fields)
	return s
}

func (d *decoder) newField(f *hostField) Field {
	field := Field{
		Name:        f.Name,
		Type:        FieldType(f.Type),
		Required:    f.Required,
		Default:     f.Default,
		Scope:       f.Scope,
		Multiple:    f.Multiple,
		Label:       f.Label.text(),
		Help:        f.Help.textPtr(),
		Placeholder: f.Placeholder.textPtr(),
		Pos:         f.position(),
	}
	field.Pos.File = d.file
	if f.URL != nil {
		field.URL = *f.URL
	}
	for i := range f.Options {
		o := &f.Options[i]
		pos := at(o.node)
		pos.File = d.file
		field.Options = append(field.Options, Option{Value: o.Value, Label: o.Label.text(), Pos: pos})
	}
	return field
}

// position is where a field stands: its key in a map, else its first key.
func (f *hostField) position() Position {
	if f.key != nil {
		return at(f.key)
	}
	return at(f.node)
}
