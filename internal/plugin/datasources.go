package plugin

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// unsentParameters reports the data sources with parameters that Dify never sends.
func (l *itemLoader) unsentParameters(p *model.Provider) {
	if p.DatasourceType != model.DatasourceOnlineDrive {
		return
	}
	for _, item := range l.Items {
		if fields := item.Parameters.Effective(); len(fields) > 0 {
			l.Add(diagnostic(fields[0].Pos, model.SeverityWarning, model.RuleUnsentParameter, "data source %s has parameters, but Dify sends none to an %s: nobody sees them, and Go gets none",
				text.Name(item.Name), model.DatasourceOnlineDrive))
		}
	}
}

// ownOutputs are the outputs that Dify sets for data sources by the type of their provider. Those of
// other types are the plugin's.
var ownOutputs = map[string][]string{
	model.DatasourceWebsiteCrawl: {"source_url", "content", "title", "description"},
	model.DatasourceOnlineDrive:  {"file"},
}

// unsetOutputs reports the outputs of data sources that neither Dify nor the plugin sets.
func (l *itemLoader) unsetOutputs(p *model.Provider) {
	own, ok := ownOutputs[p.DatasourceType]
	if p.Kind != model.KindDatasource || !ok {
		return
	}
	for _, item := range l.Items {
		for _, o := range item.Outputs {
			if slices.Contains(own, o.Name) {
				continue
			}
			l.Add(diagnostic(item.At(&o), model.SeverityWarning, model.RuleUnsetOutput,
				"output %s of data source %s stays empty: of the type %s, it has only what Dify sets, which is %s",
				text.Name(o.Name), text.Name(item.Name), p.DatasourceType, strings.Join(own, ", ")))
		}
	}
}

// textOutputs are the outputs of data sources that are always text, by the type of their provider.
var textOutputs = map[string][]string{
	model.DatasourceWebsiteCrawl:   ownOutputs[model.DatasourceWebsiteCrawl],
	model.DatasourceOnlineDocument: {"content", "title", "page_id", "workspace_id"},
}

// outputTypes reports the outputs of data sources that are always text but declare another type.
func (l *itemLoader) outputTypes(p *model.Provider) {
	always := textOutputs[p.DatasourceType]
	if p.Kind != model.KindDatasource || always == nil {
		return
	}
	for _, item := range l.Items {
		properties, _ := item.OutputSchema["properties"].(map[string]any)
		for _, o := range item.Outputs {
			types := typesOf(properties[o.Name])
			if slices.Contains(always, o.Name) && len(types) > 0 && !slices.Contains(types, "string") {
				l.Add(diagnostic(item.At(&o), model.SeverityWarning, model.RuleOutputType, "output %s of data source %s is always text; write type: string", o.Name, text.Name(item.Name)))
			}
		}
	}
}

// typesOf returns the types that the JSON Schema of a value allows; none if it does not say.
func typesOf(schema any) []string {
	s, _ := schema.(map[string]any)
	switch typ := s["type"].(type) {
	case string:
		return []string{typ}
	case []any:
		types := make([]string, len(typ))
		for i := range typ {
			types[i], _ = typ[i].(string)
		}
		return types
	}
	return nil
}
