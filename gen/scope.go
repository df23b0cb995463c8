package gen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// scope assigns unique identifiers to the providers of a package, and records their
// owners.
type scope struct {
	owners  map[declared]owner
	next    map[declared]int         // the next number to try
	holders map[string]*Source       // the first provider to claim a name
	clashes map[*Source]clash        // the first of each provider
	kinds   map[[3]string]model.Kind // the first to have a name in a plugin
}

// owner is what has a name.
type owner struct {
	what    string       // for diagnostics
	section string       // the struct of the section that it is in; empty if it depends on no field
	chosen  model.GoName // if a comment chose the name
}

// declared is a name in the code for a provider.
type declared struct {
	source *Source
	name   string
}

// clash is a name that a provider needs and another provider has.
type clash struct {
	name   string
	holder *Source
}

func newScope() *scope {
	return &scope{
		owners: make(map[declared]owner), next: make(map[declared]int),
		holders: make(map[string]*Source), clashes: make(map[*Source]clash),
		kinds: make(map[[3]string]model.Kind),
	}
}

// claim returns the identifier name for an owner in the code for a provider. If name has
// an owner in that code, claim appends the first free number, from 2 on, and returns the
// other owner too. If another provider has the result, claim records their clash.
func (sc *scope) claim(s *Source, name string, by owner) (got string, other owner) {
	got = name
	for n := max(sc.next[declared{s, name}], 2); ; n++ {
		holder, taken := sc.owners[declared{s, got}]
		if !taken {
			break
		}
		if other.what == "" {
			other = holder
		}
		got = name + strconv.Itoa(n)
		sc.next[declared{s, name}] = n + 1
	}
	sc.owners[declared{s, got}] = by
	holder, held := sc.holders[got]
	if !held {
		sc.holders[got] = s
	} else if _, known := sc.clashes[s]; holder != s && !known {
		sc.clashes[s] = clash{got, holder}
	}
	return got, other
}

// owner returns what has a name in the code for a provider, and false if nothing has.
func (sc *scope) owner(s *Source, name string) (holder owner, taken bool) {
	holder, taken = sc.owners[declared{s, name}]
	return holder, taken
}

// diagnostic is the error for the provider that needs the name. In a run for a whole plugin,
// the folders of the YAML files decide the packages.
func (c clash) diagnostic(s *Source, whole bool) model.Diagnostic {
	provider, file := s.Provider.Name, c.holder.Provider.File
	advice, other := "give them different packages (-o) or prefixes (-prefix)", "give them different names, packages (-o) or prefixes (-prefix)"
	if whole {
		advice, other = "put the YAML files of these providers into different folders", "give them different names"
	}
	message := fmt.Sprintf("%s is generated from %s too: %s", c.name, file, advice)
	if provider != "" && provider == c.holder.Provider.Name {
		message = fmt.Sprintf("provider %s is also in %s: %s", text.Name(provider), file, other)
	}
	return model.Diagnostic{
		Pos:      model.Position{File: s.Provider.File, Line: 1, Column: 1},
		Severity: model.SeverityError, Rule: model.RuleNameClash, Message: message,
	}
}

// naming decides the names in the code for a provider.
type naming struct {
	name     string // of the provider
	file     string // how its files' names start
	withKind bool   // an earlier provider of another kind has the name
}

// naming returns the naming of a provider. The first provider of a plugin with a name, or
// with a file of that name, keeps it, even if no code is generated for it. Later providers
// of other kinds get their kind added.
func (sc *scope) naming(s *Source) naming {
	n := naming{name: providerName(s.Provider, s.ID), file: sourceBase(s.ID)}
	if s.Plugin == "" {
		return n
	}
	taken := func(what, name string) bool {
		key := [3]string{s.Plugin, what, strings.ToLower(name)}
		owner, ok := sc.kinds[key]
		if !ok {
			sc.kinds[key] = s.Provider.Kind
		}
		return ok && owner != s.Provider.Kind
	}
	n.withKind = taken("name", goName(n.name))
	if taken("file", n.file) {
		n.file = withKind(n.file, s.Provider.Kind)
	}
	return n
}
