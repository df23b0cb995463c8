package model

import (
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

type hostAgentStrategy struct {
	Identity   hostIdentity `yaml:"identity"`
	Strategies yamldoc.Node `yaml:"strategies"`
	Extra      yamldoc.Node `yaml:"extra"`
	Meta       yamldoc.Node `yaml:"meta"`
}

// loadAgentStrategy loads a provider of agent strategies, which declares no credentials.
func loadAgentStrategy(l *loader) *Provider {
	var host hostAgentStrategy
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	checkIdentity(&l.reporter, l.root, &host.Identity)
	return &Provider{host: &host, Name: host.Identity.Name, Label: host.Identity.Label.text(), Icons: host.Identity.icons(l)}
}

type hostStrategy struct {
	Identity     hostItemIdentity                         `yaml:"identity"`
	Description  hostText                                 `yaml:"description"`
	Parameters   []yamldoc.Sourced[hostStrategyParameter] `yaml:"parameters"`
	OutputSchema map[string]any                           `yaml:"output_schema"`
	Features     []string                                 `yaml:"features"`
	Extra        yamldoc.Node                             `yaml:"extra"`
	Meta         yamldoc.Node                             `yaml:"meta"`
}

type hostStrategyParameter struct {
	hostItemParameter `yaml:",inline"`
	Help              hostText `yaml:"help"`
}

func (h *hostStrategyParameter) field() Field {
	f := h.hostItemParameter.field()
	if h.Help != (hostText{}) { // the host checks no empty one
		f.Help = h.Help.textPtr()
	}
	return f
}

func loadStrategy(l *loader) *Item {
	var host hostStrategy
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	c := l.checker()
	c.itemIdentity(&host.Identity.hostItemName, true)
	c.text(host.Description, "description")
	for _, n := range texts(c.value("features")) {
		c.knownFeature(n, strategyFeatures)
	}
	item := l.newItem(&host, host.Identity.Name, host.OutputSchema, SectionStrategyParameters, fieldsOf(l, host.Parameters))
	item.Features = host.Features
	item.Label, item.Description = host.Identity.Label.text(), host.Description.text()
	for _, f := range item.Parameters.Effective() {
		if f.Type == TypeFile || f.Type == TypeFiles {
			l.report(f.Pos, RuleUnsentParameter, "parameter %s: Dify has no input for the type %s in a strategy, so nobody can set it; "+
				"let users choose a variable: type: any, with scope: array[file] for several files", text.Name(f.Name), f.Type)
		}
	}
	return item
}

// FeatureHistory is the feature of strategies that take part in a conversation.
const FeatureHistory = "history-messages"

// strategyFeatures are the features of strategies that Dify's API knows.
var strategyFeatures = valuesOf(strategyFeatureWords)
