package gen

import (
	"cmp"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// tool is everything that the generated code declares for a tool.
type tool struct {
	callable

	options           []*choices
	runtimeParameters string // the method that returns more parameters; empty if there is none
	output            results
}

// callable is what an item has that the author's type has one method for.
type callable struct {
	described

	method string // of the author's type
	call   string // the type of its calls
	params *section
}

func (c *callable) parameters() *section { return c.params }

// callables describes items and claims the names of their methods. If an item's name gives none, it is numbered.
func (pl *planner) callables(sc *scope, items []*model.Item, numbered string) []callable {
	list := make([]callable, len(items))
	for i, item := range items {
		d := pl.describe(item)
		list[i] = callable{described: d, method: pl.claimFor(sc, item.Pos, exported(item.Name, numbered+strconv.Itoa(i+1)), d.what())}
	}
	return list
}

// callTypes claims the names of the types of calls of an item and of their parameters. They start with own.
func (pl *planner) callTypes(c *callable) (own string) {
	own = pl.prefix + c.method
	c.call = pl.claimType(&c.described, own+"Call", "the type of calls")
	c.params = pl.itemParameters(&c.described, own)
	return own
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

// fetches is false, but for the items that say otherwise.
func (d *described) fetches() bool { return false }

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

func (t *tool) word() string  { return "tool" }
func (t *tool) fetches() bool { return len(t.options) > 0 || t.runtimeParameters != "" }

// tools plans the code of tools, except for what depends on the names of options. Names that
// are derived from others come last, so that they never change those of tools.
func (pl *planner) tools(items []*model.Item) []*tool {
	list := make([]*tool, len(items))
	for i, c := range pl.callables(pl.methods, items, "Tool") {
		list[i] = &tool{callable: c}
	}
	for _, t := range list {
		own := pl.callTypes(&t.callable)
		t.output = pl.resultsOf(&t.described, own, "sends what the tool %s returns.", rt("ToolOutput"))
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
