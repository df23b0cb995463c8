package gen

import (
	"cmp"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// tool is everything that the generated code declares for a tool.
type tool struct {
	described

	method            string // of the author's type
	options           []*choices
	runtimeParameters string // the method that returns more parameters; empty if there is none

	call   string // the type of its calls
	params *section
	output results
}

// described is what comments and diagnostics say of an item.
type described struct {
	item  *model.Item
	label string // shown to users
	file  string // that has it, from the plugin's folder, safe to show
}

// describe describes an item.
func (pl *planner) describe(item *model.Item) described {
	label := cmp.Or(text.Cut(text.Line(item.Label.Best()), 80), text.Cut(text.Line(item.Name), 80))
	return described{item: item, label: label, file: pl.fileOf(item)}
}

func (d *described) yaml() *model.Item { return d.item }
func (d *described) name() string      { return d.item.Name }

// authorTypes are none, but for the items that say otherwise.
func (d *described) authorTypes() []authorType { return nil }

// what is how diagnostics call the item.
func (d *described) what() string { return d.item.Kind.Item() + " " + text.Name(d.item.Name) }

var (
	// reservedOutputs are the names of outputs that Dify does not let a plugin set.
	reservedOutputs = []string{"text", "json", "files"}
	// toolOutputMethods are the methods of runtime.ToolOutput that the name of a setter could hide.
	toolOutputMethods = []string{"StreamVariable"}
)

// choices is a method of the author's type that finds the choices of a parameter of type
// dynamic-select.
type choices struct {
	method    string
	parameter string // its name on the wire
	label     string // of the parameter
}

// claimMethods claims the names of the methods that do not depend on items, and of the field
// that the author's type has in the stub.
func (pl *planner) claimMethods(p *plan) {
	pl.methods.claim(pl.source, clientField, owner{what: "the field of that name in the stub"})
	for _, c := range p.demanded() {
		if c.constructor != nil {
			pl.methods.claim(pl.source, FlowType, owner{what: "the field of that name, the OAuth flow"})
		}
		for _, m := range c.methods(p) {
			pl.methods.claim(pl.source, m.name, owner{what: "the method of that name of " + p.names.contracts[c]})
		}
	}
}

// planTools claims the names of the author's methods that do not belong to tools, and plans the code
// of the tools.
func (pl *planner) planTools(p *plan) {
	pl.claimMethods(p)
	for _, t := range pl.tools(p.source.Items) {
		p.items = append(p.items, t)
	}
}

func (t *tool) word() string         { return "tool" }
func (t *tool) parameters() *section { return t.params }

// tools plans the code of tools, except for what depends on the names of options. Names that
// are derived from others come last, so that they never change those of tools.
func (pl *planner) tools(items []*model.Item) []*tool {
	list := make([]*tool, len(items))
	for i, item := range items {
		t := &tool{described: pl.describe(item)}
		t.method = pl.claimFor(pl.methods, item.Pos, exported(item.Name, "Tool"+strconv.Itoa(i+1)), t.what())
		list[i] = t
	}
	for _, t := range list {
		pl.toolTypes(t)
	}
	for _, t := range list {
		pl.outputs(&t.output, reservedOutputs, toolOutputMethods)
		pl.fields(t.params, t.file)
	}
	for _, t := range list {
		t.options = pl.choicesOf(t.params, t.method, " of "+t.what())
		if t.item.HasRuntimeParameters {
			t.runtimeParameters = pl.claimFor(pl.methods, t.item.Pos, t.method+"RuntimeParameters", "the method with more parameters of "+t.what())
		}
	}
	return list
}

// toolTypes claims the names of the types that every tool has.
func (pl *planner) toolTypes(t *tool) {
	own := pl.prefix + t.method
	t.call = pl.claimType(&t.described, own+"Call", "the type of calls")
	t.params = pl.itemParameters(&t.described, own)
	t.output = results{
		of: &t.described, own: own, typ: pl.claimType(&t.described, own+"Output", "the type of results"),
		about: "sends what the tool %s returns.", sender: rt("ToolOutput"),
	}
}

// claimType claims a package-level name for an item.
func (pl *planner) claimType(of *described, name, thing string) string {
	return pl.claimFor(pl.scope, of.item.Pos, name, thing+" of "+of.what())
}

// itemParameters plans the section with the parameters of an item, except for its fields. The names of
// its types start with own.
func (pl *planner) itemParameters(of *described, own string) *section {
	yaml := of.item.Parameters
	typ := pl.claimType(of, own+"Parameters", "the type of parameters")
	return &section{
		sectionKind: sectionKinds[yaml.Name], yaml: yaml, label: of.label, place: place(of.file, yaml.Line, ""), own: own,
		structNames: structNames{typ: typ, decode: pl.claimType(of, "Decode"+typ, "the function that reads the parameters")},
	}
}

// fileOf is the path of an item's file, from the plugin's folder, safe to show.
func (pl *planner) fileOf(item *model.Item) string {
	if item.Path == "" && item.File == pl.source.Provider.File {
		return text.Line(pl.source.ID)
	}
	return text.Line(cmp.Or(item.Path, item.File))
}

// choicesOf plans the methods that find the choices of the fields of a section. Their names start with start.
func (pl *planner) choicesOf(s *section, start, of string) []*choices {
	var list []*choices
	for _, f := range s.fields {
		if f.about.Type == model.TypeDynamicSelect {
			name := pl.claimFor(pl.methods, f.about.Pos, start+f.name+"Options", "the method with the choices of "+text.Name(f.key)+of)
			list = append(list, &choices{method: name, parameter: f.key, label: f.label})
		}
	}
	return list
}

// subscriptionOptions plans the methods that find the choices of a subscription's parameters.
func (pl *planner) subscriptionOptions(p *plan) []*choices {
	if s := p.section(model.SectionParameters); s != nil {
		return pl.choicesOf(s, "", "")
	}
	return nil
}

// claimFor claims a name that no comment can choose, and warns at a position if it is taken.
func (pl *planner) claimFor(sc *scope, at model.Position, name, what string) string {
	return pl.claimWith(sc, at, name, what, "rename it in the YAML")
}

// claimWith is claimFor with the advice how to choose another name.
func (pl *planner) claimWith(sc *scope, at model.Position, name, what, advice string) string {
	got, other := sc.claim(pl.source, name, owner{what: what})
	if other.what != "" {
		pl.report(at, model.SeverityWarning, model.RuleNameClash, "%s becomes %s in Go: %s is taken by %s; %s to choose another name",
			what, text.Name(got), text.Name(name), other.what, advice)
	}
	return got
}
