// Package gen turns a provider of package model into Go: first a Plan, in which
// every identifier and constant is decided, then files. It touches no disk and
// knows nothing of YAML.
package gen

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Options say how the generated code is named.
type Options struct {
	// Package is the name of the package that the code is for.
	Package string
	// Source names the YAML file in the header of the generated file.
	Source string
	// Prefix stands before every package-level name. If nil, it is the Go name
	// of the provider, or nothing if the package has that name already.
	Prefix *string
	// Type is the type of the author that the code binds. If empty, it is
	// Provider with the prefix.
	Type string
	// Name stands for the name of a provider that has none, such as an endpoint
	// group.
	Name string
	// Kind puts the kind of the provider into its Go name, for plugins that have
	// another provider of that name.
	Kind bool
}

// kindWords are the words for kinds in Go names.
var kindWords = map[model.Kind]string{
	model.KindTool: "Tool", model.KindModel: "Model", model.KindDatasource: "Datasource",
	model.KindTrigger: "Trigger", model.KindEndpoint: "Endpoint",
}

// GoName is the Go name of a provider of that name, which stands before the names
// of its types.
func GoName(provider string) string { return exported(provider, "Plugin") }

// Plan is everything that the generated code of one provider declares.
type Plan struct {
	Package string
	Source  string

	Kind     model.Kind
	Identity string // by which Dify addresses the provider; of an endpoint group, its file's name
	Label    string // by which people know it

	Names    Names
	Sections []*Section
	Schema   map[string]string // what the code is generated from, by path of field

	enums []*enum
}

// Names are the package-level identifiers that do not come from fields. Those of
// parts that the provider does not have are empty.
type Names struct {
	Provider             string // the author's type
	NewProvider          string
	NewEndpoints         string
	CredentialsValidator string
	OAuthFlow            string
	AnyCredentials       string
	DecodeAnyCredentials string
	IsAnyCredentials     string // the method that seals AnyCredentials

	Subscription            string
	DecodeSubscription      string
	SubscriptionConstructor string
}

// Section is a struct of credentials.
type Section struct {
	Name   model.SectionName
	Path   string // in the YAML
	Type   string
	Decode string
	IsForm bool // whether fields can have conditions

	fields []*field
}

// field is a field of a struct of credentials.
type field struct {
	name     string // in Go
	key      string // in the YAML and on the wire
	label    string // on one line, safe to show
	shape    shape
	enum     *enum // of a select
	required bool  // always
	variants []*variant

	about *model.Field // help and URL for the comment
}

// enum is the type of a select, with its options as constants.
type enum struct {
	typ     string
	values  string // the function that lists the options
	label   string // of the field
	options []option
	isBool  bool // the options are exactly "true" and "false"

	section model.SectionName // where it is declared
}

// option is an option of a select.
type option struct {
	constant string
	value    string
	label    string // as in the YAML
}

// option is the option of a select with that value.
func (f *field) option(value string) (option, bool) {
	if f.enum == nil {
		return option{}, false
	}
	i := slices.IndexFunc(f.enum.options, func(o option) bool { return o.value == value })
	if i < 0 {
		return option{}, false
	}
	return f.enum.options[i], true
}

// NewPlan decides every name of the code for p. The plan is nil if p has nothing
// to generate code for. Diagnostics are warnings about names. It fails if an
// option is no Go identifier.
func NewPlan(p *model.Provider, opts Options) (*Plan, model.Diagnostics, error) {
	if err := opts.check(); err != nil {
		return nil, nil, err
	}
	name := cmp.Or(p.Name, opts.Name)
	goName := GoName(name)
	label := cmp.Or(text.Cut(text.Line(p.Label.Best()), 80), text.Cut(text.Line(name), 80), "the service")
	pl := &planner{
		plan:  &Plan{Package: opts.Package, Source: text.Line(opts.Source), Kind: p.Kind, Identity: p.Name, Label: label, Schema: p.Schema()},
		scope: newScope(),
		enums: make(map[string][]*enum),
	}
	if opts.Prefix != nil {
		pl.prefix = *opts.Prefix
	} else {
		if fold(goName) != fold(opts.Package) {
			pl.prefix = goName
		}
		if opts.Kind {
			pl.prefix += kindWords[p.Kind]
		}
	}
	sections := pl.sections(p)
	if len(sections) == 0 {
		return nil, nil, nil
	}
	if p.Kind == model.KindEndpoint {
		pl.plan.Identity = name
	}
	pl.names(opts.Type)
	for i, s := range pl.plan.Sections {
		pl.fields(s, sections[i])
		s.variants(sections[i])
	}
	return pl.plan, pl.diags, nil
}

func (o Options) check() error {
	switch {
	case !token.IsIdentifier(o.Package) || o.Package == "_":
		return fmt.Errorf("%s is no Go package name", text.Name(o.Package))
	case o.Type != "" && !exportedIdentifier(o.Type):
		return fmt.Errorf("%s is no exported Go name for a type", text.Name(o.Type))
	case o.Prefix != nil && *o.Prefix != "" && !exportedIdentifier(*o.Prefix):
		return fmt.Errorf("%s is no prefix for exported Go names", text.Name(*o.Prefix))
	case strings.Contains(o.Source, "DO NOT EDIT"):
		return errors.New("the source's name cannot stand in a header")
	}
	return nil
}

func exportedIdentifier(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }

// Section returns the section of that name, or nil.
func (p *Plan) Section(name model.SectionName) *Section {
	for _, s := range p.Sections {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Declarations returns every package-level name of the generated file, sorted;
// a method as TYPE.METHOD. The author's type is not among them.
func (p *Plan) Declarations() []string {
	var names []string
	add := func(list ...string) {
		for _, n := range list {
			if n != "" {
				names = append(names, n)
			}
		}
	}
	n := p.Names
	add(n.NewProvider, n.NewEndpoints, n.CredentialsValidator, n.OAuthFlow, n.AnyCredentials, n.DecodeAnyCredentials)
	if n.Subscription != "" {
		add(n.Subscription, n.DecodeSubscription, n.SubscriptionConstructor, n.Subscription+".Wire")
	}
	for _, s := range p.Sections {
		add(s.Type, s.Decode, s.Type+".Values", s.Type+".Validate")
		if n.AnyCredentials != "" && s.authorizes() {
			add(s.Type + "." + n.IsAnyCredentials)
		}
	}
	for _, e := range p.enums {
		add(e.typ, e.values, e.typ+".Valid")
		if e.isBool {
			add(e.typ + ".Bool")
		}
		for _, o := range e.options {
			add(o.constant)
		}
	}
	slices.Sort(names)
	return names
}

// ways are the sections with whose values a user authorizes.
func (p *Plan) ways() []*Section {
	var ways []*Section
	for _, s := range p.Sections {
		if s.authorizes() {
			ways = append(ways, s)
		}
	}
	return ways
}

// authorizes reports whether a tool can be called with the section's values.
func (s *Section) authorizes() bool {
	return s.Name == model.SectionCredentials || s.Name == model.SectionOAuthCredentials
}
