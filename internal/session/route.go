package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

// maxListed is how many names a message lists.
const maxListed = 20

// action is the type and the action of requests.
type action struct{ typ, name string }

func (a action) String() string { return text.Name(a.typ + "/" + a.name) }

// route is a route of an adapter.
type route struct {
	runtime.Route
	kind   runtime.Kind
	action string // for messages and logs
	names  names
}

// addRoutes adds the routes of an adapter. Two adapters of different kinds may have the same
// routes, since some requests do not say the kind; then the first one answers.
func (p *Plugin) addRoutes(a runtime.Adapter) {
	declared := make(map[*runtime.Fields]names)
	for _, r := range a.Routes() {
		act := action{r.Type, r.Action}
		if slices.ContainsFunc(p.routes[act], func(old *route) bool {
			return old.kind == a.Kind() && slices.Equal(old.Keys, r.Keys)
		}) {
			p.fail("%s provider %s: two routes answer %s%s", a.Kind(), text.Name(a.Name()), act, keysText(r.Keys))
			continue
		}
		if declared[r.Fields] == nil {
			declared[r.Fields] = namesOf(r.Fields)
		}
		p.routes[act] = append(p.routes[act], &route{r, a.Kind(), act.String(), declared[r.Fields]})
	}
}

// keysText returns keys for a message.
func keysText(keys []runtime.RouteKey) string {
	var b strings.Builder
	for i, k := range keys {
		word := ", "
		if i == 0 {
			word = " for "
		}
		b.WriteString(word + text.Line(k.Field) + " " + text.Name(k.Value))
	}
	return b.String()
}

// find returns the route for a request.
func (p *Plugin) find(act action, req *runtime.Request) (*route, error) {
	fit := p.routes[act]
	if len(fit) == 0 {
		return nil, unsupported("this plugin does not support %s; it supports %s", act, listed(p.actions()))
	}
	for i := 0; ; i++ {
		if len(fit[0].Keys) <= i {
			return fit[0], nil
		}
		field := fit[0].Keys[i].Field
		value, err := textOf(req, field)
		if err != nil {
			return nil, err
		}
		rest := keep(fit, i, value)
		if len(rest) == 0 {
			return nil, p.notFound(act, fit, i, value)
		}
		fit = rest
	}
}

// keep returns the routes whose key with that index has the value.
func keep(routes []*route, index int, value string) []*route {
	fits := func(r *route) bool { return len(r.Keys) > index && r.Keys[index].Value == value }
	first := slices.IndexFunc(routes, fits)
	if first < 0 {
		return nil
	}
	if len(routes[first].Keys) == index+1 {
		return routes[first : first+1] // the first one answers
	}
	var kept []*route
	for _, r := range routes[first:] {
		if fits(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// notFound returns the error of a request whose key with that index fits none of the routes.
func (p *Plugin) notFound(act action, routes []*route, index int, value string) error {
	keys := slices.Clone(routes[0].Keys[:index+1])
	field := text.Line(keys[index].Field)
	keys[index].Value = value
	for _, others := range p.routes {
		for _, r := range others {
			if len(r.Keys) > index && slices.Equal(r.Keys[:index+1], keys) {
				return unsupported("%s %s does not support %s", field, text.Name(value), act)
			}
		}
	}
	var have []string
	for _, r := range routes {
		if len(r.Keys) > index {
			have = append(have, text.Name(r.Keys[index].Value))
		}
	}
	return unsupported("%s %s not found; this plugin has %s", field, text.Name(value), listed(have))
}

// actions returns the actions that the plugin supports.
func (p *Plugin) actions() []string {
	var list []string
	for act := range maps.Keys(p.routes) {
		list = append(list, act.String())
	}
	return list
}

// listed returns names as a sorted list of limited length.
func listed(list []string) string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	switch more := len(list) - maxListed; {
	case len(list) == 0:
		return "none"
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:maxListed], ", "), more)
	}
	return strings.Join(list, ", ")
}

// unsupported returns the error of a request that the plugin does not support.
func unsupported(format string, args ...any) error {
	return &runtime.Error{Type: runtime.ErrorUnsupported, Err: fmt.Errorf(format, args...)}
}
