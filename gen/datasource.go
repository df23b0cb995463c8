package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// datasource is everything that the generated code declares for a data source.
type datasource struct {
	described

	actions []datasourceAction
	params  *section // nil if Dify sends none
}

// datasourceAction is what Dify can ask of a data source.
type datasourceAction struct {
	*datasourceMethod

	method string   // of the author's type
	call   string   // the type of its calls
	output *results // the type that sends its results, if it is generated; else nil
}

func (d *datasource) word() string         { return "datasource" }
func (d *datasource) parameters() *section { return d.params }

// datasourceKindOf returns what is particular to the code for a provider; nil if Dify does not know its type.
func datasourceKindOf(p *model.Provider) *datasourceKind {
	i := slices.IndexFunc(datasourceKinds, func(k datasourceKind) bool { return k.typ == p.DatasourceType })
	if i < 0 {
		return nil
	}
	return &datasourceKinds[i]
}

// asksForDatasources reports whether Dify can ask something of the data sources of a provider.
func asksForDatasources(s *Source) bool {
	return len(s.Items) > 0 && datasourceKindOf(s.Provider) != nil
}

// planDatasources claims the names of the author's methods that do not belong to data sources, and
// plans the code of the data sources.
func (pl *planner) planDatasources(p *plan) {
	pl.claimMethods(p)
	kind := datasourceKindOf(p.source.Provider)
	names := newScope() // so that all methods of a data source have the same number
	for _, c := range pl.callables(names, p.source.Items, "Datasource") {
		d, name := &datasource{described: c.described}, c.method
		for i := range kind.methods {
			m := &kind.methods[i]
			method := pl.claimFor(pl.methods, d.item.Pos, name+m.base, "the method that "+m.about+" "+d.what())
			d.actions = append(d.actions, datasourceAction{datasourceMethod: m, method: method})
		}
		p.items = append(p.items, d)
		pl.datasourceTypes(d, pl.prefix+name)
	}
	for _, d := range itemsOf[*datasource](p) {
		if d.params != nil {
			pl.fields(d.params, d.file)
		}
		for _, a := range d.actions {
			if a.output != nil {
				pl.outputs(a.output, slices.Concat(pageOutputs, reservedOutputs), pageOutputMethods)
			}
		}
	}
}

// datasourceTypes claims the names of the types of a data source. They start with own.
func (pl *planner) datasourceTypes(d *datasource, own string) {
	for i := range d.actions {
		a := &d.actions[i]
		a.call = pl.claimType(&d.described, pl.prefix+a.method+"Call", "the type of calls of "+a.method)
		if a.hasParameters {
			d.params = pl.itemParameters(&d.described, own)
		}
		if a.hasOutputs {
			a.output = &results{
				of: &d.described, own: own, typ: pl.claimType(&d.described, pl.prefix+a.method+"Output", "the type of results of "+a.method),
				about: "sends a document of the data source %s.", sender: std(datasourcePath, a.out),
			}
		}
	}
}
