package serve

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	folder "github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
	"github.com/difygen/difygen/runtime"
)

// identity is what a request names a provider by.
type identity struct {
	kind runtime.Kind
	name string
}

// plugin is what the YAML declares and the parts that answer for it.
type plugin struct {
	folder    *folder.Plugin
	providers map[identity]runtime.Provider
	endpoints runtime.Endpoints
	tools     map[string]*toolPart
	options   map[string]*optionsPart
	// public and secret are the fields of credentials and settings, and secret also
	// the parameters of tools, by whether they hold a secret.
	public, secret map[string]bool
}

// names are the providers that the YAML declares, in the manifest's order.
func (p *plugin) names() []identity {
	list := make([]identity, 0, len(p.folder.Providers))
	for _, d := range p.folder.Providers {
		list = append(list, identity{runtime.Kind(d.Kind), d.Name})
	}
	return list
}

// assembler puts a plugin together, and collects what does not fit.
type assembler struct {
	*plugin
	errs     []error
	warnings []string
}

// assemble reads the plugin's folder and finds the part that answers for each of its
// providers. Warnings are lines for the log.
func assemble(fsys fs.FS, parts []Part) (p *plugin, warnings []string, err error) {
	loaded, diags, err := folder.Load(fsys)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: run the plugin in its folder", err)
	}
	a := &assembler{plugin: &plugin{
		folder: loaded, providers: make(map[identity]runtime.Provider),
		tools: make(map[string]*toolPart), options: make(map[string]*optionsPart),
	}}
	for _, d := range diags {
		switch {
		case d.Severity == model.SeverityError:
			a.errs = append(a.errs, errors.New(d.String()))
		case d.Rule == model.RuleManifest: // difygen has told the author of the others
			a.warnings = append(a.warnings, d.String())
		}
	}
	if loaded == nil {
		return nil, a.warnings, errors.Join(a.errs...)
	}
	generated := make(map[identity]runtime.Declared)
	for _, part := range parts {
		a.add(part, generated)
	}
	a.match(generated)
	a.checkTools()
	a.checkOptions()
	a.public, a.secret = sortFields(loaded)
	return a.plugin, a.warnings, errors.Join(a.errs...)
}

func (a *assembler) fail(format string, args ...any) {
	a.errs = append(a.errs, fmt.Errorf(format, args...))
}

// add takes a part of the plugin.
func (a *assembler) add(part Part, generated map[identity]runtime.Declared) {
	switch part := part.(type) {
	case Option:
	case runtime.Provider:
		id := identity{part.Kind(), part.Name()}
		if generated[id] != nil {
			a.fail("two parts answer for %s provider %s", id.kind, text.Name(id.name))
		}
		a.providers[id], generated[id] = part, part
	case runtime.Endpoints:
		if a.endpoints != nil {
			a.fail("two parts answer for the endpoints")
		}
		a.endpoints = part
	case *toolPart:
		if a.tools[part.name] != nil {
			a.fail("two parts answer for tool %s", text.Name(part.name))
		}
		if part.invoke == nil {
			a.fail("tool %s is nil", text.Name(part.name))
		}
		a.tools[part.name] = part
	case *optionsPart:
		if a.options[part.name] != nil {
			a.fail("two parts have the parameter options of %s", text.Name(part.name))
		}
		a.options[part.name] = part
	default:
		a.fail("package serve cannot use a part of type %T", part)
	}
}

// match compares the generated parts with the providers of the YAML.
func (a *assembler) match(generated map[identity]runtime.Declared) {
	hasEndpoints := false
	for _, d := range a.folder.Providers {
		var part runtime.Declared
		if d.Kind == model.KindEndpoint {
			if hasEndpoints {
				continue // the host takes the first group only
			}
			hasEndpoints = true
			if a.endpoints != nil {
				part = a.endpoints
			}
		} else {
			id := identity{runtime.Kind(d.Kind), d.Name}
			part = generated[id]
			delete(generated, id)
		}
		switch {
		case part != nil:
			a.compare(d, part)
		case needsPart(d.Provider):
			a.fail("%s: no part answers for this %s provider: pass what its generated function New… returns", d.File, d.Kind)
		}
	}
	for id := range generated {
		a.fail("%s lists no %s provider %s: if it has another name now, run go generate", folder.ManifestName, id.kind, text.Name(id.name))
	}
	if a.endpoints != nil && !hasEndpoints {
		a.fail("%s lists no endpoints", folder.ManifestName)
	}
}

// needsPart reports whether a provider can be asked something that only code answers.
func needsPart(p *model.Provider) bool {
	if p.Kind == model.KindEndpoint {
		return true
	}
	for i := range p.Sections {
		if s := &p.Sections[i]; s.Name != model.SectionSubscription && len(s.Effective()) > 0 {
			return true
		}
	}
	return false
}

// compare reports every field whose code does not fit the YAML.
func (a *assembler) compare(d folder.Declared, part runtime.Declared) {
	was, is := part.Schema(), d.Schema()
	if was == nil {
		return // written by hand
	}
	before := len(a.errs)
	positions := fieldPositions(d.Provider)
	paths := slices.Sorted(maps.Keys(is))
	for path := range was {
		if _, ok := is[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range paths {
		switch old, now := was[path], is[path]; {
		case old == now:
		case old == "":
			a.fail("%s: field %s is new: the code was generated without it", positions[path], text.Name(path))
		case now == "":
			a.fail("%s: field %s is gone: the code was generated with it", d.File, text.Name(path))
		default:
			a.fail("%s: field %s is %s: the code was generated for %s", positions[path], text.Name(path),
				text.Cut(text.Line(now), 200), text.Cut(text.Line(old), 200))
		}
	}
	if len(a.errs) > before {
		a.fail("%s and the code do not fit: run go generate, then build the plugin again", d.File)
	}
}

// fieldPositions says where fields are declared, by their paths.
func fieldPositions(p *model.Provider) map[string]string {
	at := make(map[string]string)
	for i := range p.Sections {
		s := &p.Sections[i]
		for _, f := range s.Effective() {
			at[s.FieldPath(f.Name)] = fmt.Sprintf("%s:%d:%d", p.File, f.Pos.Line, f.Pos.Column)
		}
	}
	return at
}

// checkTools compares the tools of the YAML with those that have code.
func (a *assembler) checkTools() {
	declared := make(map[string]bool)
	for _, d := range a.folder.Providers {
		if d.Kind != model.KindTool {
			continue
		}
		for _, item := range d.Items {
			declared[item.Name] = true
			if a.tools[item.Name] == nil {
				a.warnings = append(a.warnings, fmt.Sprintf("%s:%d:%d: tool %s has no code: calls of it fail",
					item.Pos.File, item.Pos.Line, item.Pos.Column, text.Name(item.Name)))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.tools)) {
		if !declared[name] {
			a.fail("no provider lists a tool %s: it has %s", text.Name(name),
				cmp.Or(strings.Join(slices.Sorted(maps.Keys(declared)), ", "), "none"))
		}
	}
}

// checkOptions wants parameter options to belong to something.
func (a *assembler) checkOptions() {
	for _, name := range slices.Sorted(maps.Keys(a.options)) {
		if !slices.ContainsFunc(a.folder.Providers, func(d folder.Declared) bool {
			return d.Name == name || slices.ContainsFunc(d.Items, func(i folder.Item) bool { return i.Name == name })
		}) {
			a.fail("parameter options of %s: there is no tool, event or provider of that name", text.Name(name))
		}
	}
}

// sortFields are the names of fields that hold no secret in any section, and of those
// that do in one.
func sortFields(p *folder.Plugin) (public, secret map[string]bool) {
	public, secret = make(map[string]bool), make(map[string]bool)
	for _, d := range p.Providers {
		for i := range d.Sections {
			for _, f := range d.Sections[i].Fields {
				if f.HoldsSecret() {
					secret[f.Name] = true
				} else {
					public[f.Name] = true
				}
			}
		}
	}
	for _, d := range p.Providers {
		for _, name := range d.SecretParameters() {
			secret[name] = true
		}
	}
	maps.DeleteFunc(public, func(name string, _ bool) bool { return secret[name] })
	return public, secret
}
