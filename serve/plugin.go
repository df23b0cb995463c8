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

// identity identifies a provider in a request.
type identity struct {
	kind runtime.Kind
	name string
}

// plugin is what the YAML declares and the code that is bound to it.
type plugin struct {
	folder    *folder.Plugin
	providers map[identity]runtime.Provider
	endpoints runtime.Endpoints
	tools     map[string]*toolBinding
	options   map[string]*optionsBinding
	// secret holds the names of credential fields, settings and tool parameters that
	// are secret; public holds the names of the other fields and settings.
	public, secret map[string]bool
}

// names returns the providers that the YAML declares, in the manifest's order.
func (p *plugin) names() []identity {
	list := make([]identity, 0, len(p.folder.Providers))
	for _, d := range p.folder.Providers {
		list = append(list, identity{runtime.Kind(d.Kind), d.Name})
	}
	return list
}

// assembler builds a plugin and collects errors and warnings.
type assembler struct {
	*plugin
	errs     []error
	warnings []string
}

// assemble reads the plugin's folder and matches the bindings with its providers.
// Warnings are for the log.
func assemble(fsys fs.FS, bindings []Binding) (p *plugin, warnings []string, err error) {
	loaded, diags, err := folder.Load(fsys)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: run the plugin in its folder", err)
	}
	a := &assembler{plugin: &plugin{
		folder: loaded, providers: make(map[identity]runtime.Provider),
		tools: make(map[string]*toolBinding), options: make(map[string]*optionsBinding),
	}}
	for _, d := range diags {
		switch {
		case d.Severity == model.SeverityError:
			a.errs = append(a.errs, errors.New(d.String()))
		case d.Rule == model.RuleManifest: // the difygen command reports the others
			a.warnings = append(a.warnings, d.String())
		}
	}
	if loaded == nil {
		return nil, a.warnings, errors.Join(a.errs...)
	}
	generated := make(map[identity]runtime.Declared)
	for _, b := range bindings {
		a.bind(b, generated)
	}
	a.match(generated)
	a.checkTools()
	a.checkOptions()
	a.public, a.secret = fieldNames(loaded)
	return a.plugin, a.warnings, errors.Join(a.errs...)
}

func (a *assembler) fail(format string, args ...any) {
	a.errs = append(a.errs, fmt.Errorf(format, args...))
}

// bind adds a binding to the plugin.
func (a *assembler) bind(binding Binding, generated map[identity]runtime.Declared) {
	switch b := binding.(type) {
	case Option:
	case runtime.Provider:
		id := identity{b.Kind(), b.Name()}
		if generated[id] != nil {
			a.fail("%s provider %s is bound twice", id.kind, text.Name(id.name))
		}
		a.providers[id], generated[id] = b, b
	case runtime.Endpoints:
		if a.endpoints != nil {
			a.fail("the endpoint provider is bound twice")
		}
		a.endpoints = b
	case *toolBinding:
		if a.tools[b.name] != nil {
			a.fail("tool %s is bound twice", text.Name(b.name))
		}
		if b.invoke == nil {
			a.fail("tool %s is nil", text.Name(b.name))
		}
		a.tools[b.name] = b
	case *optionsBinding:
		if a.options[b.name] != nil {
			a.fail("the parameter options of %s are bound twice", text.Name(b.name))
		}
		a.options[b.name] = b
	default:
		a.fail("package serve cannot bind a %T", binding)
	}
}

// match compares the generated code with the providers of the YAML.
func (a *assembler) match(generated map[identity]runtime.Declared) {
	hasEndpoints := false
	for _, d := range a.folder.Providers {
		var code runtime.Declared
		if d.Kind == model.KindEndpoint {
			if hasEndpoints {
				continue // the host uses only the first endpoint provider
			}
			hasEndpoints = true
			if a.endpoints != nil {
				code = a.endpoints
			}
		} else {
			id := identity{runtime.Kind(d.Kind), d.Name}
			code = generated[id]
			delete(generated, id)
		}
		switch {
		case code != nil:
			a.compare(d, code)
		case needsCode(d.Provider):
			a.fail("%s: nothing is bound to this %s provider: pass the result of its generated New… function", d.File, d.Kind)
		}
	}
	for id := range generated {
		a.fail("%s lists no file of a %s provider named %s: if it was renamed, run go generate", folder.ManifestName, id.kind, text.Name(id.name))
	}
	if a.endpoints != nil && !hasEndpoints {
		a.fail("%s does not list an endpoint provider", folder.ManifestName)
	}
}

// needsCode reports whether the host can send the provider requests that need code.
func needsCode(p *model.Provider) bool {
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

// compare reports every field for which the code does not match the YAML.
func (a *assembler) compare(d folder.Declared, code runtime.Declared) {
	was, is := code.Fingerprint(), d.Fingerprint()
	if was == nil {
		return // the provider is not generated
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
			a.fail("%s: field %s is %s, but the code was generated for %s", positions[path], text.Name(path),
				text.Cut(text.Line(now), 200), text.Cut(text.Line(old), 200))
		}
	}
	if len(a.errs) > before {
		a.fail("%s and the code do not match: run go generate, then rebuild the plugin", d.File)
	}
}

// fieldPositions returns the positions of fields by their paths.
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

// checkTools reports tools without code and code without a tool.
func (a *assembler) checkTools() {
	declared := make(map[string]bool)
	for _, d := range a.folder.Providers {
		if d.Kind != model.KindTool {
			continue
		}
		for _, item := range d.Items {
			declared[item.Name] = true
			if a.tools[item.Name] == nil {
				a.warnings = append(a.warnings, fmt.Sprintf("%s:%d:%d: tool %s has no code: calls to it fail",
					item.Pos.File, item.Pos.Line, item.Pos.Column, text.Name(item.Name)))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.tools)) {
		if !declared[name] {
			a.fail("no provider lists tool %s; this plugin has %s", text.Name(name),
				cmp.Or(strings.Join(slices.Sorted(maps.Keys(declared)), ", "), "none"))
		}
	}
}

// checkOptions reports parameter options that do not belong to a tool, event or
// provider.
func (a *assembler) checkOptions() {
	for _, name := range slices.Sorted(maps.Keys(a.options)) {
		if !slices.ContainsFunc(a.folder.Providers, func(d folder.Declared) bool {
			return d.Name == name || slices.ContainsFunc(d.Items, func(i folder.Item) bool { return i.Name == name })
		}) {
			a.fail("parameter options of %s: no tool, event or provider has that name", text.Name(name))
		}
	}
}

// fieldNames returns the names of fields that are not secret in any section, and of
// fields and tool parameters that are secret in at least one.
func fieldNames(p *folder.Plugin) (public, secret map[string]bool) {
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
