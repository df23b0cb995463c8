package gen

import (
	"cmp"
	"go/token"
	"slices"
	"strings"
	"unicode"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// plan is everything that the generated code of one provider declares.
type plan struct {
	source *Source
	pkg    string
	file   string // how the names of its files start

	kind     kind
	identity string // by which Dify addresses the provider; of an endpoint provider, its file's name
	label    string // shown to users
	// inComment are the labels of the providers in the package's comment, if the stub has it.
	inComment []string

	names    names
	sections []*section
	whole    bool               // the code covers all that the plugin runs
	items    []plannedItem      // those that the author has methods for, if whole
	models   *models            // if whole; nil if there are none
	options  []*choices         // of the subscription's parameters, if whole
	services []permittedService // what the plugin can ask of Dify, if whole
}

// names are the package-level identifiers that do not depend on fields. Those that the
// provider does not need are empty.
type names struct {
	provider             string // the author's type
	newAdapter           string
	newProvider          string // the author's function that makes the type, if there is one
	structs              map[model.SectionName]structNames
	contracts            map[*contract]string
	anyCredentials       string
	decodeAnyCredentials string
	isAnyCredentials     string // the method that seals AnyCredentials
	subscription         string
	decodeSubscription   string
	draftSubscription    string // the function that reads one that may be incomplete
	dispatchCall         string
	dispatcher           string
	dify                 string // the struct with what the plugin can ask of Dify
	difyFromContext      string
}

// structNames are the identifiers of a section.
type structNames struct {
	typ    string
	decode string // the function that reads it
}

// section is a struct of values.
type section struct {
	sectionKind
	structNames
	yaml        *model.Section
	label       string // of what has it, shown to users
	place       string // of the YAML, safe to show
	note        string // what else the comment of the struct says
	own         string // how the names of types of selects start that others have, too
	isValidated bool   // the struct has a method Validate
	isConverted bool   // it has a method that makes what calls get
	read        string // the function that reads it with a decoder; empty if only decode does
	fields      []*field
}

// field is a field of a section.
type field struct {
	name     string // in Go
	key      string // in the YAML and on the wire
	label    string // on one line, safe to show
	path     string // in the YAML
	file     string // that has it, safe to show
	shape    shape
	enum     *enum // of a select
	variants []*variant

	about *model.Field // help and URL for the comment
}

// enums are the types of selects that are declared with the section. Its fields never
// share one, since their names differ.
func (s *section) enums() []*enum {
	var list []*enum
	for _, f := range s.fields {
		if f.enum != nil && f.enum.section == s.typ {
			list = append(list, f.enum)
		}
	}
	return list
}

// newPlan chooses every name in the code for a provider. It returns nil if the
// provider declares nothing to generate code for. Diagnostics are warnings about names.
func newPlan(s *Source, n naming, opts Options, sc *scope) (*plan, model.Diagnostics) {
	k := kinds[s.Provider.Kind]
	pl := &planner{source: s, prefix: k.prefix(n, opts), scope: sc, methods: newScope(), enumsOf: make(map[string][]*enum), structsOf: make(map[string]*outputStruct)}
	sections := withStruct(s.Provider, opts.Whole)
	hasItems := opts.Whole && k.hasItems(s)
	if hasItems && k.section != nil {
		sections = append(sections, k.section(pl))
	}
	if len(sections) == 0 && !hasItems {
		return nil, nil
	}
	pl.claim(generatedName(n.file))
	p := &plan{
		source: s, pkg: opts.Package, file: n.file, kind: k, identity: s.Provider.Name, whole: opts.Whole,
		label: cmp.Or(text.Cut(text.Line(s.Provider.Label.Best()), 80), text.Cut(text.Line(n.name), 80), "the service"),
	}
	p.names = pl.names(p, sections, hasItems, opts.Type)
	if k.isNamedByFile {
		p.identity = n.name
	}
	for _, section := range sections {
		p.sections = append(p.sections, pl.section(p, section))
	}
	if hasItems && k.plan != nil {
		k.plan(pl, p)
	} else {
		pl.claimMethods(p)
	}
	if opts.Whole {
		p.options = pl.subscriptionOptions(p)
		p.services = permittedBy(opts.Permitted)
	}
	pl.nameEnums()
	if p.models != nil {
		pl.modelConstants(p.models)
	}
	for _, s := range p.allSections() {
		s.planVariants()
	}
	return p, pl.diags
}

// plannedItem is everything that the generated code declares for an item.
type plannedItem interface {
	// yaml is the item.
	yaml() *model.Item
	// name is what the names of the item in Go are made of.
	name() string
	// word says what the item is, in the name of a file; "tool" for example.
	word() string
	// parameters is the section with the parameters of calls; nil if there is none.
	parameters() *section
	// types emits the types of the item.
	types(p *plan, f *file)
	// methods are the author's methods for the item, and what its stub has.
	methods(p *plan) []contractMethod
	// fetches reports whether the author has a method for the item that is only called with credentials.
	fetches() bool
	// authorTypes are the types that only the author can declare, and what its stub has before them.
	authorTypes() []authorType
}

// itemsOf are the items of a type.
func itemsOf[T plannedItem](p *plan) []T {
	var list []T
	for _, item := range p.items {
		if t, ok := item.(T); ok {
			list = append(list, t)
		}
	}
	return list
}

// allSections are the sections of the provider and the parameters of its items.
func (p *plan) allSections() []*section {
	all := slices.Clone(p.sections)
	for _, item := range p.items {
		if params := item.parameters(); params != nil {
			all = append(all, params)
		}
	}
	return all
}

// itemMethods are the author's methods for items.
func (p *plan) itemMethods() []contractMethod {
	var methods []contractMethod
	for _, item := range p.items {
		methods = append(methods, item.methods(p)...)
	}
	return methods
}

// hasItems reports whether the author has methods that run the items of a provider.
func (k kind) hasItems(s *Source) bool {
	if k.asks != nil {
		return k.asks(s)
	}
	return k.items != nil && len(s.Items) > 0
}

// prefix is what the names of a provider's types start with.
func (k kind) prefix(n naming, opts Options) string {
	if opts.Prefix != nil {
		return *opts.Prefix
	}
	prefix := goName(n.name)
	// A package cannot be called main, for example.
	if pkg := fold(opts.Package); fold(prefix) == pkg || fold(prefix)+packageSuffix == pkg {
		prefix = ""
	}
	if n.withKind {
		prefix += k.word
	}
	return prefix
}

// packageSuffix follows a provider's name in that of its package, if the package cannot have the
// name itself.
const packageSuffix = "plugin"

// PackageName is the name of a package for a provider, in which names need no prefix. It is made
// of the provider's name or, if it has none, of that of the source's file. A name that a package
// cannot have, or that has a meaning of its own, gets a suffix. id is the source's.
func PackageName(p *model.Provider, id string) string {
	name := strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII {
			return -1
		}
		return unicode.ToLower(c)
	}, goName(providerName(p, id)))
	if !token.IsIdentifier(name) || name == "main" || name == Ignored {
		name += packageSuffix
	}
	return name
}

// goName is the Go name of a provider.
func goName(provider string) string { return exported(provider, "Plugin") }

// section returns the section of that name, or nil.
func (p *plan) section(name model.SectionName) *section {
	for _, s := range p.sections {
		if s.yaml.Name == name {
			return s
		}
	}
	return nil
}
