package gen

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// endpoint is everything that the generated code declares for an endpoint.
type endpoint struct {
	item    *model.Item
	file    string // that has it, from the plugin's folder, safe to show
	verb    string // the method of HTTP, in upper case
	pattern *pathpattern.Pattern

	method string // of the author's type
	call   string // the type of its calls
	path   string // the type of the values in its path; empty if there are none
	values []string
}

func (e *endpoint) yaml() *model.Item    { return e.item }
func (e *endpoint) word() string         { return "endpoint" }
func (e *endpoint) parameters() *section { return nil }

// authorTypes are none: endpoints use no type of the author.
func (e *endpoint) authorTypes() []authorType { return nil }

// fetches is false: Dify asks an endpoint for nothing but answers to requests.
func (e *endpoint) fetches() bool { return false }

// route is the endpoint's method of HTTP and its path, for comments.
func (e *endpoint) route() string { return text.Cut(text.Line(e.verb+" "+e.item.EndpointPath), 200) }

// what is the endpoint, for diagnostics.
func (e *endpoint) what() string { return "endpoint " + text.Name(e.verb+" "+e.item.EndpointPath) }

// planEndpoints plans the code of endpoints. Those whose path is not a pattern, and those that no
// request can reach, get none.
func (pl *planner) planEndpoints(p *plan) {
	pl.claimMethods(p)
	var endpoints []*endpoint
	for _, item := range p.source.Items {
		e := &endpoint{item: item, file: pl.fileOf(item), verb: strings.ToUpper(item.EndpointMethod)}
		if item.EndpointPath == "" {
			continue // package model reports it
		}
		pattern, err := pathpattern.Parse(item.EndpointPath)
		if err == nil {
			err = unreached(e.verb)
		}
		if err != nil {
			pl.report(item.Pos, model.SeverityError, model.RuleEndpointPath, "%v", err)
			continue
		}
		e.pattern = pattern
		pl.warnDubious(e)
		if i := slices.IndexFunc(endpoints, e.isCoveredBy); i >= 0 {
			pl.warnCovered(e, endpoints[i])
			continue
		}
		endpoints, p.items = append(endpoints, e), append(p.items, e)
	}
	patterns := make([]*pathpattern.Pattern, len(endpoints))
	for i, e := range endpoints {
		patterns[i] = e.pattern
		advice := "rename its file"
		if e.item.Path == "" {
			advice = "move it into a file of its own"
		}
		e.method = pl.claimWith(pl.methods, e.item.Pos, exported(e.name(), "Endpoint"+strconv.Itoa(i+1)), e.what(), advice)
	}
	pathpattern.Rank(patterns)
	for _, e := range endpoints {
		pl.endpointTypes(e)
	}
}

// unreached is an error if Dify passes on no requests with a method.
func unreached(verb string) error {
	known := model.EndpointMethods()
	switch {
	case verb == "":
		return errors.New("the endpoint has no method, so that no request reaches it; write one, such as method: POST")
	case !slices.Contains(known, verb):
		return fmt.Errorf("no request reaches the endpoint: Dify passes on none with the method %s; write %s", text.Name(verb), listed(known, "or"))
	}
	return nil
}

// isCoveredBy reports whether an endpoint before e takes all of its requests: those with the same
// pattern, except for the names of its values, and of the same method. GET includes HEAD.
func (e *endpoint) isCoveredBy(before *endpoint) bool {
	if e.verb != before.verb && (e.verb != "HEAD" || before.verb != "GET") {
		return false
	}
	return before.pattern.TakesAll(e.pattern)
}

// warnDubious warns of what in the path of an endpoint is hardly meant so.
func (pl *planner) warnDubious(e *endpoint) {
	for _, d := range pathpattern.Doubts(e.item.EndpointPath) {
		pl.diags = append(pl.diags, model.Diagnostic{
			Pos: e.item.Pos, Severity: model.SeverityWarning, Rule: model.RuleEndpointPath,
			Message: e.what() + ": " + d.Problem, Suggestion: d.Meant,
		})
	}
}

// warnCovered warns that no request reaches an endpoint, since one before it takes them.
func (pl *planner) warnCovered(e, before *endpoint) {
	advice := "remove one"
	if e.verb != before.verb {
		advice = "GET includes HEAD; list the one for HEAD first"
	}
	pl.report(e.item.Pos, model.SeverityWarning, model.RuleEndpointPath, "no request reaches %s: %s (%s) takes them; %s",
		e.what(), before.what(), before.place(), advice)
}

// endpointTypes claims the names of the types of an endpoint, and of the fields with its values.
func (pl *planner) endpointTypes(e *endpoint) {
	claim := func(suffix, thing string) string {
		return pl.claimFor(pl.scope, e.item.Pos, pl.prefix+e.method+suffix, thing+" of "+e.what())
	}
	e.call = claim("Call", "the type of calls")
	if len(e.pattern.Values) == 0 {
		return
	}
	e.path = claim("Path", "the type of the values in the path")
	fields := newScope()
	for i, v := range e.pattern.Values {
		name := exported(v.Name, "Value"+strconv.Itoa(i+1))
		e.values = append(e.values, pl.claimFor(fields, e.item.Pos, name, "value "+v.Name+" of "+e.what()))
	}
}

// name is the name of the endpoint's file or, if it stands in the provider's, made of its method and path.
func (e *endpoint) name() string {
	if e.item.Path != "" {
		base := path.Base(e.item.Path)
		return cmp.Or(strings.TrimSuffix(base, path.Ext(base)), base)
	}
	words := text.Words(strings.Join(e.pattern.Words, "/"))
	return strings.Join(append([]string{strings.ToLower(e.verb)}, words...), "_")
}
