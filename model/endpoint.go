package model

import "github.com/difygen/difygen/internal/yamldoc"

type hostEndpoint struct {
	Settings  []yamldoc.Sourced[hostField] `yaml:"settings"`
	Endpoints yamldoc.Node                 `yaml:"endpoints"`
	Extra     yamldoc.Node                 `yaml:"extra"`
}

// loadEndpoint loads an endpoint provider, which has no name.
func loadEndpoint(l *loader) *Provider {
	var host hostEndpoint
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	return &Provider{Sections: []Section{l.newSection(SectionSettings, fieldsOf(l, host.Settings), "settings")}}
}

func endpointMaps() []yamldoc.Map { return yamldoc.Maps[hostEndpoint]() }
