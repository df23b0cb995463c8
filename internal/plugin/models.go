package plugin

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// modelTypes reports models of types that their provider does not support, and types that it
// supports without a model.
func (l *itemLoader) modelTypes(p *model.Provider) {
	if p.Kind != model.KindModel || p.ModelTypes == nil || l.HasErrors() {
		return
	}
	has := make(map[string]bool)
	for _, item := range l.Items {
		has[item.Type] = true
		if item.Type != "" && !slices.Contains(p.ModelTypes, item.Type) {
			l.Add(diagnostic(item.Item.Pos, model.SeverityWarning, model.RuleModelType, "model %s has the type %s, which supported_model_types in %s does not list, so that no code runs it",
				text.Name(item.Name), text.Name(item.Type), p.File))
		}
	}
	for _, t := range p.ModelTypes {
		if !has[t] && !p.HasCustomModels && !l.lacks {
			has[t] = true // once
			l.Add(diagnostic(p.ModelTypesPos, model.SeverityWarning, model.RuleModelType, "supported_model_types has %s, but no model is of that type, and users cannot add one", text.Name(t)))
		}
	}
}

// listedTypes reports models that a provider lists under another type than their own, and names in
// its files with the order of models that none of that type has.
func (l *itemLoader) listedTypes(p *model.Provider) {
	if l.HasErrors() {
		return
	}
	names := make(map[itemID]bool)
	for i, item := range l.Items {
		names[itemID{item.Type, item.Name}] = true
		if key := l.listedAs[i]; key != "" && item.Type != "" && modelType(key) != item.Type {
			l.Add(diagnostic(item.Item.Pos, model.SeverityWarning, model.RuleModelList, "model %s has the type %s, but %s lists it under models.%s",
				text.Name(item.Name), text.Name(item.Type), p.File, key))
		}
	}
	for _, order := range p.Listed.Orders {
		seen := make(map[string]bool)
		for _, o := range l.ordered[order.Type] {
			switch id := (itemID{modelType(order.Type), o.Name}); {
			case seen[o.Name]:
				l.Add(diagnostic(o.Pos, model.SeverityWarning, model.RuleModelList, "model %s is listed twice", text.Name(o.Name)))
			case !names[id] && !l.lacks:
				l.Add(diagnostic(o.Pos, model.SeverityWarning, model.RuleModelList, "%s is not a model of the type %s", text.Name(o.Name), id.modelType))
			}
			seen[o.Name] = true
		}
	}
}

// modelType is the type of models that a key under models is for.
func modelType(key string) string { return strings.ReplaceAll(key, "_", "-") }

// orders loads the names of the models of each type in the order in which Dify shows them.
func (l *itemLoader) orders(list []model.Order) {
	l.Orders, l.ordered = make(map[string][]string), make(map[string][]model.OrderedName)
	for _, order := range list {
		f := l.read(order.File, order.Pos)
		l.keep(f)
		if f.name == "" {
			continue
		}
		ordered, findings := model.LoadOrder(f.name, f.data)
		l.Merge(findings)
		var names []string
		if ordered != nil {
			names = make([]string, 0, len(ordered))
		}
		for _, o := range ordered {
			names = append(names, o.Name)
		}
		l.Orders[order.Type], l.ordered[order.Type] = names, ordered
	}
}
