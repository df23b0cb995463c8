// Package session handles what a Dify host sends to a plugin: it finds the route of each
// request, runs it under a deadline, and sends its results. It knows no kind of provider and
// no transport. Package serve runs it on a host, and package difytest in memory.
package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

// Declaration is what the host is told about a plugin. It is generated from the plugin's
// YAML.
type Declaration struct {
	Author, Name, Version string
	// Manifest is the JSON of the manifest.
	Manifest string
	// Providers are in the order of the manifest. Of each type, only the first is declared.
	Providers []ProviderDeclaration
	// Assets holds the icons. Their names start with "_assets/". It is nil for none.
	Assets fs.FS
	// Sources is the SHA-256 in hexadecimal of each YAML file, with CRLF as LF, by its path
	// with slashes.
	Sources map[string]string
}

// ProviderDeclaration is what the host is told about a provider.
type ProviderDeclaration struct {
	Type string // of the message, such as "tool_declaration"
	Data string // the JSON of the provider
}

// Plugin is a declaration and the code that answers for it.
type Plugin struct {
	declaration Declaration
	options     []Option
	adapters    []runtime.Adapter
	routes      map[action][]*route
	errs        []error // of the adapters
}

// NewPlugin returns a plugin. What is wrong with the arguments is returned by Check and
// Configure.
func NewPlugin(d Declaration, options []Option, adapters ...runtime.Adapter) *Plugin {
	p := &Plugin{declaration: d, options: slices.Clone(options), routes: make(map[action][]*route)}
	type identity struct {
		kind runtime.Kind
		name string
	}
	seen := make(map[identity]bool)
	for i, a := range adapters {
		if a == nil {
			p.fail("provider %d of %d is nil", i+1, len(adapters))
			continue
		}
		id := identity{a.Kind(), a.Name()}
		if seen[id] {
			p.fail("%s provider %s is there twice", id.kind, text.Name(id.name))
			continue
		}
		seen[id] = true
		p.adapters = append(p.adapters, a)
		p.addRoutes(a)
	}
	return p
}

func (p *Plugin) fail(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf(format, args...))
}

// Declaration returns what the host is told about the plugin.
func (p *Plugin) Declaration() Declaration { return p.declaration }

// Adapters returns the adapters of the plugin's providers.
func (p *Plugin) Adapters() []runtime.Adapter { return slices.Clone(p.adapters) }

// Check returns an error that names all that is wrong with the declaration and the adapters.
// It can be called on a nil Plugin, which is wrong, too.
func (p *Plugin) Check() error {
	if p == nil {
		return errors.New("the plugin is nil")
	}
	errs := slices.Clone(p.errs)
	if !json.Valid([]byte(p.declaration.Manifest)) {
		errs = append(errs, errors.New("the declaration of the manifest is not JSON"))
	}
	for _, d := range p.declaration.Providers {
		if !json.Valid([]byte(d.Data)) {
			errs = append(errs, fmt.Errorf("%s is not JSON", text.Name(d.Type)))
		}
	}
	return errors.Join(errs...)
}
