package gen

import (
	"slices"
	"strconv"

	"github.com/difygen/difygen/model"
)

// authorTypes are the type of what Dispatch passes on.
func (e *event) authorTypes() []authorType {
	about := "%s is what Dispatch passes on to %s. Declare the fields that %s needs, with tags for JSON"
	f := e.exampleVariable()
	if f == nil {
		return []authorType{{e.payload, doc(about+".", e.payload, e.method, e.method)}}
	}
	field := "\t" + f.name + " " + scalars[f.output.Type] + " `json:" + strconv.Quote(f.output.Name) + "`"
	return []authorType{{e.payload, append(doc(about+", such as:", e.payload, e.method, e.method), "", field)}}
}

// exampleVariable is the first variable that has one value, which is never null; nil if none has.
func (e *event) exampleVariable() *outputField {
	i := slices.IndexFunc(e.variables.fields, func(f outputField) bool {
		return shapeOf(f.output) == scalarOutput && !f.output.Nullable
	})
	if i < 0 {
		return nil
	}
	return &e.variables.fields[i]
}

// stub is the comment of an event's method in the stub: what the event is, and how its payload becomes
// variables.
func (e *event) stub() []string {
	lines := append(doc("%s makes the variables of the event %s.", e.method, e.label), separated(e.item.Description.Best())...)
	if f := e.exampleVariable(); f != nil {
		lines = append(lines, "", "It returns them, for example, like this:", "",
			"\treturn "+e.variables.typ+"{"+f.name+": call.Payload."+f.name+"}, nil")
	}
	ignore := "If no workflow is to start, it returns runtime.ErrIgnore."
	if len(e.params.fields) > 0 {
		ignore = "If the event is not what call.Parameters ask for, it returns runtime.ErrIgnore, and no workflow starts."
	}
	return append(lines, separated(ignore)...)
}

// dispatchStub is the comment of Dispatch in the stub: what it does, and how a webhook is verified, decoded
// and passed on to the first event.
func (p *plan) dispatchStub(about string) []string {
	example, header, read := "For example, like this:", "X-Event", "io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // of at most 1 MiB"
	properties := p.section(model.SectionSubscription)
	if i := slices.IndexFunc(properties.fields, isSecret); i >= 0 {
		header = "X-GitHub-Event"
		example = "If the service signs webhooks as GitHub does, for example, like this:"
		read = "webhook.GitHub(r, call.Subscription.Properties." + properties.fields[i].name + ") // of " + webhookPath
	}
	lines := append(doc("%s%s", about, example), "", "\tbody, err := "+read, "\tif err != nil {", "\t\treturn err", "\t}")
	events := itemsOf[*event](p)
	if len(events) == 0 {
		return append(lines, "\t_, err = w.Write(body)", "\treturn err")
	}
	e := events[0]
	return append(lines,
		"\tswitch r.Header.Get(\""+header+"\") { // or where the service names what happened",
		"\tcase "+strconv.Quote(e.item.Name)+":",
		"\t\tvar payload "+e.payload,
		"\t\tif err := json.Unmarshal(body, &payload); err != nil {",
		"\t\t\treturn err",
		"\t\t}",
		"\t\treturn to."+e.method+"(payload)",
		"\t}",
		"\treturn nil // the sender gets the status 200, and no event happens",
	)
}
