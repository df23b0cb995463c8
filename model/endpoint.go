package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

type hostEndpoint struct {
	Settings     []yamldoc.Sourced[hostField] `yaml:"settings"`
	Endpoints    yamldoc.Node                 `yaml:"endpoints"`
	Declarations yamldoc.Node                 `yaml:"endpoint_declarations"` // decoded, and not used
	Extra        yamldoc.Node                 `yaml:"extra"`
}

// loadEndpoint loads an endpoint provider, which has no name.
func loadEndpoint(l *loader) *Provider {
	var host hostEndpoint
	l.decodeRoot(&host)
	l.decodeNode(&host.Declarations, new([]hostEndpointItem))
	if l.failed {
		return nil
	}
	return &Provider{host: &host, Sections: []Section{l.newSection(SectionSettings, fieldsOf(l, host.Settings), "settings")}}
}

type hostEndpointItem struct {
	Path   string       `yaml:"path"`
	Method string       `yaml:"method"`
	Hidden bool         `yaml:"hidden"`
	Extra  yamldoc.Node `yaml:"extra"`
	Meta   yamldoc.Node `yaml:"meta"`
}

// endpointMethods are the methods that the host routes.
var endpointMethods = valuesOf(endpointMethodWords)

// EndpointMethods are the methods of HTTP that requests to endpoints can have.
func EndpointMethods() []string { return slices.Clone(endpointMethods) }

func loadEndpointItem(l *loader) *Item {
	var host hostEndpointItem
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	c := l.checker()
	c.name(host.Path, "path")
	c.required(host.Method, "method")
	c.word(host.Method, endpointMethods, "method")
	return &Item{Name: strings.TrimSpace(host.Method + " " + host.Path), EndpointMethod: host.Method, EndpointPath: host.Path, host: &host}
}
