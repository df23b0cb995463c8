package gen

import (
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// dispatchMethod is the method of the author's type that passes webhooks on to events.
const dispatchMethod = "Dispatch"

// event is everything that the generated code declares for an event.
type event struct {
	callable // the Dispatcher has a method of the same name

	options   []*choices
	payload   string // the author's type of what Dispatch passes on
	variables *outputStruct
	structs   []*outputStruct // that variables need, and no item before
}

func (e *event) word() string  { return "event" }
func (e *event) fetches() bool { return len(e.options) > 0 }

// dispatcherNames are the names that the Dispatcher has besides those of events.
var dispatcherNames = []string{"Dispatcher", "SetUserID"}

// planEvents claims the names of the author's methods that do not belong to events, and plans the code
// of the events.
func (pl *planner) planEvents(p *plan) {
	pl.claimMethods(p)
	for _, name := range dispatcherNames {
		pl.methods.claim(pl.source, name, owner{what: "what the type " + p.names.dispatcher + " has of that name"})
	}
	var list []*event
	for _, c := range pl.callables(pl.methods, p.source.Items, "Event") {
		e := &event{callable: c}
		list, p.items = append(list, e), append(p.items, e)
	}
	for _, e := range list {
		own := pl.callTypes(&e.callable)
		e.payload = pl.claimType(&e.described, own+"Payload", "the type of the payload")
		e.variables = pl.eventVariables(e, own)
	}
	for _, e := range list {
		pl.variables(e)
		pl.fields(e.params, e.file)
	}
	for _, e := range list {
		e.options = pl.choicesOf(e.params, e.method, " of "+e.what())
	}
}

// eventVariables plans the type of the variables of an event, except for its fields. The names of its
// types start with own.
func (pl *planner) eventVariables(e *event, own string) *outputStruct {
	what := "the variables of the event " + e.label
	if at := e.item.OutputPos; at.Line > 0 {
		what += " (" + place(e.file, at.Line, "output_schema") + ")"
	}
	return &outputStruct{typ: pl.claimType(&e.described, own+"Variables", "the type of the variables"), is: "are", what: what, of: &e.described}
}

// variables plans the fields of the variables of an event, and their types.
func (pl *planner) variables(e *event) {
	r := &results{of: &e.described, own: pl.prefix + e.method}
	root := &model.Output{Type: "object", Properties: slices.Clone(e.item.Outputs)}
	root.Properties = slices.DeleteFunc(root.Properties, func(o model.Output) bool {
		if hasTags(&model.Output{Properties: []model.Output{o}}) {
			return false
		}
		pl.report(e.item.At(&o), model.SeverityWarning, model.RuleUnsetOutput, "the output %s gets no field in Go, since no tag can name it; rename it", text.Name(o.Name))
		return true
	})
	pl.structFields(r, e.variables, r.own, "the variables", root)
	e.structs = r.structs
}
