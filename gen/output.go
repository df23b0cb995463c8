package gen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// results is the type that sends what a method of an item returns, and has a setter for each output
// that the YAML declares.
type results struct {
	of      *described
	own     string // how the names of the types of its outputs start
	typ     string
	about   string // what the comment says after the type, with the item's label
	sender  code   // the type of the runtime that it embeds
	setters []setter
	structs []*outputStruct // that no item before it uses
}

// resultsOf claims the name of the type that sends what the method of an item returns, which starts with own.
func (pl *planner) resultsOf(d *described, own, about string, sender code) results {
	return results{of: d, own: own, typ: pl.claimType(d, own+"Output", "the type of results"), about: about, sender: sender}
}

// setter is the method that sets an output.
type setter struct {
	name   string
	stream string // the method that sends a text in pieces; empty for other outputs
	output *model.Output
	typ    code
}

// outputStruct is the type of objects in the outputs of items.
type outputStruct struct {
	typ    string
	is     string   // the verb of its comment; "is" if empty
	what   string   // "the output owner", safe to show
	others []string // what else it is, with the item if that is another one
	about  string   // as in the YAML
	fields []outputField
	of     *described // the first to use it
}

// outputField is a property of an object in an output.
type outputField struct {
	name   string
	output *model.Output
	typ    code
	isPtr  bool // nil is left out
}

// outputs plans the setters of outputs, and the types of what they take. An output of a name in builtin
// gets none; hidden are the methods of the embedded type that the name of a setter could hide.
func (pl *planner) outputs(r *results, builtin, hidden []string) {
	sc := newScope()
	for _, name := range hidden {
		sc.claim(pl.source, name, owner{what: "the method of that name of every output"})
	}
	outputs := r.of.item.Outputs
	for i := range outputs {
		o := &outputs[i]
		if slices.Contains(builtin, o.Name) {
			continue
		}
		name := exported(o.Name, "Output"+strconv.Itoa(i+1))
		of := " of output " + text.Name(o.Name) + " of " + r.of.what()
		s := setter{name: pl.claimFor(sc, r.of.item.At(o), "Set"+name, "the setter"+of), output: o}
		if o.Type == "string" {
			s.stream = pl.claimFor(sc, r.of.item.At(o), "Stream"+strings.TrimPrefix(s.name, "Set"), "the stream method"+of)
		}
		s.typ = pl.outputType(r, r.own+name, "the output "+text.Name(o.Name), o)
		r.setters = append(r.setters, s)
	}
}

// outputShape is what Go knows about the values of an output.
type outputShape int

const (
	anyOutput outputShape = iota
	scalarOutput
	structOutput
	listOutput
)

// scalars are the Go types of outputs that hold one value.
var scalars = map[string]string{"string": "string", "number": "float64", "integer": "int64", "boolean": "bool"}

func shapeOf(o *model.Output) outputShape {
	switch {
	case scalars[o.Type] != "":
		return scalarOutput
	case o.Type == "object" && hasTags(o):
		return structOutput
	case o.Type == "array" && o.Items != nil:
		if item := shapeOf(o.Items); item == scalarOutput || item == structOutput {
			return listOutput
		}
	}
	return anyOutput
}

// outputType is the type of an output. If it needs a type of its own, that is planned with
// that name.
func (pl *planner) outputType(r *results, name, what string, o *model.Output) code {
	switch shapeOf(o) {
	case scalarOutput:
		if o.Nullable {
			return generic(rt("Optional"), id(scalars[o.Type]))
		}
		return id(scalars[o.Type])
	case structOutput:
		typ := id(pl.outputStruct(r, name, what, o))
		if o.Nullable {
			return ptr(typ)
		}
		return typ
	case listOutput:
		list := "List"
		if o.Nullable {
			list = "OptionalList"
		}
		return generic(rt(list), pl.outputType(r, name+"Item", "an item of "+what, o.Items))
	}
	return id("any")
}

// outputStruct returns the type of an object, which objects with the same properties share. It is
// planned with that name, before those of its properties.
func (pl *planner) outputStruct(r *results, name, what string, o *model.Output) string {
	key := structKey(o)
	if s := pl.structsOf[key]; s != nil {
		if s.of != r.of {
			what += " of " + r.of.label
		}
		s.others = append(s.others, what)
		return s.typ
	}
	typ := pl.claimFor(pl.scope, r.of.item.At(o), name, "the type of "+what+" of "+r.of.what())
	s := &outputStruct{typ: typ, what: what, about: o.Description, of: r.of}
	pl.structsOf[key] = s
	r.structs = append(r.structs, s)
	pl.structFields(r, s, name, what, o)
	return typ
}

// structFields plans the fields of the type of an object. The names of the types of its properties start
// with name.
func (pl *planner) structFields(r *results, s *outputStruct, name, what string, o *model.Output) {
	sc := newScope()
	for i := range o.Properties {
		p := &o.Properties[i]
		field := exported(p.Name, "Field"+strconv.Itoa(i+1))
		f := outputField{name: pl.claimFor(sc, r.of.item.At(p), field, "property "+text.Name(p.Name)+" of "+what), output: p}
		f.typ = pl.outputType(r, name+field, "the property "+text.Name(p.Name)+" of "+what, p)
		if f.isPtr = canBeAbsent(p); f.isPtr {
			f.typ = ptr(f.typ)
		}
		s.fields = append(s.fields, f)
	}
}

// canBeAbsent reports whether a property can be left out: it is an object, whose zero value says
// nothing, and is neither required nor can be null. Other zero values can be meant.
func canBeAbsent(p *model.Output) bool {
	return !p.Required && !p.Nullable && shapeOf(p) == structOutput
}

// schemaKey is the same for outputs that have the same type in Go.
func schemaKey(o *model.Output) string {
	null := ""
	if o.Nullable {
		null = "?"
	}
	switch shapeOf(o) {
	case scalarOutput:
		return null + o.Type
	case listOutput:
		return null + "[]" + schemaKey(o.Items)
	case structOutput:
		return null + structKey(o)
	}
	return "any"
}

// structKey is the same for objects whose types in Go have the same fields, types and tags.
func structKey(o *model.Output) string {
	var b strings.Builder
	for i := range o.Properties {
		p := &o.Properties[i]
		fmt.Fprintf(&b, "%q %t %s;", p.Name, canBeAbsent(p), schemaKey(p))
	}
	return "{" + b.String() + "}"
}

// hasTags reports whether an object has properties, and JSON tags can name all of them.
func hasTags(o *model.Output) bool {
	const symbols = "!#$%&()*+-./:;<=>?@[]^_{|}~ " // that encoding/json accepts
	isOther := func(c rune) bool {
		return !strings.ContainsRune(symbols, c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	}
	return len(o.Properties) > 0 && !slices.ContainsFunc(o.Properties, func(p model.Output) bool {
		return p.Name == "" || p.Name == "-" || strings.ContainsFunc(p.Name, isOther)
	})
}
