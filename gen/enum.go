package gen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// enum is the type of a select, with its options as constants.
type enum struct {
	typ     string
	values  string   // the function that lists the options
	help    []string // of the field
	options []option
	isBool  bool   // the options are exactly "true" and "false"
	section string // the first struct to use it

	base  string // the type, unless something else has that name
	own   string // how the type starts if something else has that name
	field *field // the first to use it
}

// option is an option of a select.
type option struct {
	constant string
	value    string
	label    string // as in the YAML

	chosen model.GoName
	pos    model.Position
}

// option is the option of a select with that value.
func (f *field) option(value string) (option, bool) {
	if f.enum == nil {
		return option{}, false
	}
	i := slices.IndexFunc(f.enum.options, func(o option) bool { return o.value == value })
	if i < 0 {
		return option{}, false
	}
	return f.enum.options[i], true
}

func (o option) owner(e *enum) owner {
	return owner{what: "option " + text.Name(o.value) + " of field " + text.Name(e.field.key), section: e.section, chosen: o.chosen}
}

// enum returns the type of a select, still without names; nil for a select without
// options. Selects with the same name and options share a type.
func (pl *planner) enum(s *section, f *field) *enum {
	options := pl.options(f)
	if len(options) == 0 {
		return nil
	}
	base := pl.prefix + f.name
	for _, e := range pl.enumsOf[base] {
		same := func(o, other option) bool { return o.value == other.value }
		if slices.EqualFunc(e.options, options, same) {
			for i := range options {
				pl.agree(&e.options[i].chosen, options[i].chosen, options[i].owner(e).what)
			}
			return e
		}
	}
	has := func(value string) bool {
		return slices.ContainsFunc(options, func(o option) bool { return o.value == value })
	}
	e := &enum{
		section: s.typ, base: base, own: s.own, field: f, help: helpOf(f.about), options: options,
		isBool: len(options) == 2 && has("true") && has("false"),
	}
	pl.enumsOf[base] = append(pl.enumsOf[base], e)
	pl.enums = append(pl.enums, e)
	return e
}

// options returns the options of all declarations of a field: the first with each value,
// except the empty one.
func (pl *planner) options(f *field) []option {
	var options []option
	index := make(map[string]int)
	for _, d := range f.about.Declarations {
		for _, o := range d.Options {
			i, known := index[o.Value]
			switch {
			case o.Value == "":
			case known:
				pl.agree(&options[i].chosen, o.GoName, "option "+text.Name(o.Value)+" of field "+text.Name(f.key))
			default:
				index[o.Value] = len(options)
				options = append(options, option{value: o.Value, label: o.Label.Best(), chosen: o.GoName, pos: o.Pos})
			}
		}
	}
	return options
}

// nameEnums chooses the names of the types of selects. The names that comments choose are
// claimed first, so that they never depend on the others.
func (pl *planner) nameEnums() {
	for _, e := range pl.enums {
		for i := range e.options {
			if o := &e.options[i]; o.chosen.Name != "" {
				o.constant = pl.claimChosen(pl.scope, pl.prefix+o.chosen.Name, o.owner(e))
			}
		}
	}
	for _, e := range pl.enums {
		pl.nameType(e)
		pl.nameOptions(e)
	}
}

// nameType chooses the name of the type. If it is taken, the name starts with the section.
func (pl *planner) nameType(e *enum) {
	self := owner{what: "the type of field " + text.Name(e.field.key), section: e.section}
	want := e.base
	for _, name := range []string{e.base, e.base + "Values"} {
		holder, taken := pl.scope.owner(pl.source, name)
		if !taken {
			continue
		}
		want = e.own + e.field.name
		// Sections have a fixed order, but their fields do not.
		if holder.section == e.section || holder.chosen.Name != "" {
			pl.settle(e.field.about.Pos, self, want, name, holder, placeholder)
		}
		break
	}
	var other owner
	e.typ, other = pl.scope.claim(pl.source, want, self)
	pl.settle(e.field.about.Pos, self, e.typ, want, other, placeholder)
	self.what = "the function that lists the options of field " + text.Name(e.field.key)
	e.values, other = pl.scope.claim(pl.source, e.typ+"Values", self)
	pl.settle(e.field.about.Pos, self, e.values, e.typ+"Values", other, placeholder)
}

// nameOptions chooses the names of the constants that no comment chose.
func (pl *planner) nameOptions(e *enum) {
	wants, others := make([]string, len(e.options)), make([]owner, len(e.options))
	for i := range e.options {
		if o := &e.options[i]; o.chosen.Name == "" {
			wants[i] = e.typ + optionName(o.value, i)
			o.constant, others[i] = pl.scope.claim(pl.source, wants[i], o.owner(e))
		}
	}
	for i, o := range e.options {
		switch proposal := pl.propose(e, o); {
		case o.chosen.Name != "":
		case others[i].what != "":
			pl.settle(o.pos, o.owner(e), o.constant, wants[i], others[i], proposal)
		case camel(o.value) == "":
			pl.warnNumbered(o.pos, o.owner(e).what, o.constant, proposal)
		}
	}
}

// optionName is what follows the type in the name of an option's constant.
func optionName(value string, i int) string {
	if name := camel(value); name != "" {
		return name
	}
	return "Option" + strconv.Itoa(i+1)
}

// propose returns a name for a comment above an option, as it is written there, without
// the prefix.
func (pl *planner) propose(e *enum, o option) string {
	typ := strings.TrimPrefix(e.typ, pl.prefix)
	if len(typ) > maxProposal/2 {
		return placeholder
	}
	words := spokenSymbols(o.value)
	if _, taken := pl.scope.owner(pl.source, pl.prefix+typ+words); taken || words == "" || len(words) > maxProposal/2 {
		return typ + placeholder
	}
	return typ + words
}
