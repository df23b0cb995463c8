package plugin

import (
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
