package gen

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// modelKind is what is particular to the code for a type of models.
type modelKind struct {
	typ     string // as in the YAML
	pkg     string // of the runtime
	bind    string // the function in pkg that binds the methods
	calls   []modelCall
	methods []modelMethod
}

// modelCall is a type of calls, of which generated code has an alias.
type modelCall struct {
	base  string // the alias, without prefix
	typ   string // in pkg
	about string // what the comment says after the alias
	// hasParameters: the call has parameters.
	hasParameters bool
}

// modelMethod is a method of the author's type.
type modelMethod struct {
	name    string
	call    string      // the base of the type of its calls
	feature string      // that a model must have for the method to be needed; empty for none
	out     func() code // the type that sends the results; nil if there is none
	result  func() code // nil if it is only an error
	zero    code        // of the result
	about   string      // what the comment says after the name
	note    string      // what the comment in the stub says in addition
	example []string    // code for that comment
	body    func() code // what the method can return as it is; nil if only the author knows
}

// models is everything that the generated code declares for the models of a provider.
type models struct {
	kinds      []*modelKind // those that the provider supports
	items      []*model.Item
	creds      *section
	parameters *section // of language models; nil if the provider supports none
	constants  []modelConstant
	calls      map[string]string // the aliases by their bases
	declared   string            // the variable with what Dify is told about the models
}

// modelConstant is the name of a model that the YAML declares.
type modelConstant struct {
	name, value string
	items       []*model.Item
}

// asksForModels reports whether Dify can ask something of the models of a provider.
func asksForModels(s *Source) bool {
	return s.Provider.HasCustomModels || len(supported(s.Provider)) > 0
}

// supported are the types of models that a provider supports.
func supported(p *model.Provider) []*modelKind {
	var list []*modelKind
	for i := range modelKinds {
		if k := &modelKinds[i]; slices.Contains(p.ModelTypes, k.typ) {
			list = append(list, k)
		}
	}
	return list
}

// callCredentials is the section of what calls of models get.
func (pl *planner) callCredentials() *model.Section {
	s, merged, diags := pl.source.Provider.CallCredentials()
	pl.merged, pl.diags = merged, append(pl.diags, diags...)
	return s
}

// planModels plans the code of a provider's models, and claims the names of their methods.
func (pl *planner) planModels(p *plan) {
	p.models = pl.models(p)
	pl.claimMethods(p)
}

// models plans the code of a provider's models, except for what depends on the names of options.
func (pl *planner) models(p *plan) *models {
	m := &models{
		kinds: supported(p.source.Provider), items: p.source.Items, creds: p.section(model.SectionCallCredentials),
		calls: make(map[string]string),
	}
	for _, k := range m.kinds {
		for _, c := range k.calls {
			m.calls[c.base] = pl.claim(pl.prefix + c.base)
		}
		if k.typ == modelTypeLLM {
			m.parameters = pl.modelParameters(m.items)
		}
	}
	if p.source.Provider.HasCustomModels {
		m.calls[customModelCall] = pl.claim(pl.prefix + customModelCall)
	}
	if len(m.items) > 0 {
		m.declared = pl.claim(uncapitalized(pl.prefix + "DeclaredModels"))
	}
	return m
}

// modelConstants names the constants with the names of models. Those of different types can
// share a name. The names that comments choose are claimed first. None of them changes the name of
// an option, which code for credentials alone has, too.
func (pl *planner) modelConstants(m *models) {
	base := pl.prefix + "Model"
	if slices.ContainsFunc(pl.enums, func(e *enum) bool { return e.typ == base }) { // whose options have such names
		base = pl.prefix + "PredefinedModel"
	}
	index := make(map[string]int)
	for _, item := range m.items {
		i, known := index[item.Name]
		if !known {
			i = len(m.constants)
			index[item.Name] = i
			m.constants = append(m.constants, modelConstant{value: item.Name})
		}
		m.constants[i].items = append(m.constants[i].items, item)
	}
	owners := make([]owner, len(m.constants))
	for i := range m.constants {
		c, o := &m.constants[i], &owners[i]
		o.what = "the constant of model " + text.Name(c.value)
		for _, item := range c.items {
			pl.agree(&o.chosen, item.GoName, o.what)
		}
		if o.chosen.Name != "" {
			c.name = pl.claimChosen(pl.scope, pl.prefix+o.chosen.Name, *o)
		}
	}
	for i := range m.constants {
		c := &m.constants[i]
		if c.name != "" {
			continue
		}
		want := base + cmp.Or(joined(c.value, "_"), strconv.Itoa(i+1)) // such as GPT4_1
		var other owner
		c.name, other = pl.scope.claim(pl.source, want, owners[i])
		at, proposal := c.items[0].Pos, strings.TrimPrefix(base, pl.prefix)+placeholder
		switch {
		case other.what != "":
			pl.settle(at, owners[i], c.name, want, other, proposal)
		case camel(c.value) == "":
			pl.warnNumbered(at, owners[i].what, c.name, proposal)
		}
	}
}

// has reports whether the YAML declares a model of a type with a feature.
func (m *models) has(typ, feature string) bool {
	return slices.ContainsFunc(m.items, func(item *model.Item) bool { return item.Type == typ && slices.Contains(item.Features, feature) })
}

// comment says what the model is.
func (c *modelConstant) comment() []string {
	var types, files []string
	for _, item := range c.items {
		word := modelTypeWord(item.Type)
		if !slices.Contains(types, word) {
			types = append(types, word)
		}
		files = append(files, text.Line(cmp.Or(item.Path, item.File)))
	}
	about := listed(types, "and")
	if label := text.Cut(text.Line(c.items[0].Label.Best()), 80); label != "" && label != c.value {
		about = label + ": " + about
	}
	return doc("%s (%s)", about, strings.Join(files, ", "))
}
