package gen

import (
	"strings"
	"testing"

	"github.com/difygen/difygen/model"
)

func TestScope(t *testing.T) {
	t.Parallel()
	s, p := newScope(), &Source{}
	var got []string
	for _, name := range []string{"A", "A", "A2", "A", "B"} {
		name, other := s.claim(p, name, owner{what: "owner of " + name})
		got = append(got, name+"/"+other.what)
	}
	if want := "A/ A2/owner of A A22/owner of A A3/owner of A B/"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

// TestScopeIsLinear claims one name so often that a search for a free number
// from the start would take minutes.
func TestScopeIsLinear(t *testing.T) {
	t.Parallel()
	s, p := newScope(), &Source{}
	last := ""
	for range 200_000 {
		last, _ = s.claim(p, "A", owner{what: "x"})
	}
	if last != "A200000" {
		t.Errorf("got %s", last)
	}
}

// TestScopeOfProviders checks that providers of a package get their names as if they
// were alone, and that the first name of another provider is their clash.
func TestScopeOfProviders(t *testing.T) {
	t.Parallel()
	s := newScope()
	source := func(file string) *Source { return &Source{Provider: &model.Provider{File: file}} }
	a, b, c := source("a"), source("b"), source("c")
	var got []string
	for _, claim := range []struct {
		by   *Source
		name string
	}{{a, "A"}, {a, "B"}, {b, "A2"}, {b, "B"}, {b, "A"}, {a, "A"}, {c, "C"}} {
		_, taken := s.owner(claim.by, claim.name)
		name, _ := s.claim(claim.by, claim.name, owner{what: "x"})
		if taken == (name == claim.name) {
			t.Errorf("%s is taken: %v", claim.name, taken)
		}
		got = append(got, name)
	}
	if want := "A B A2 B A A2 C"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
	if want := (clash{"B", a}); s.clashes[b] != want || s.clashes[a] != (clash{"A2", b}) || len(s.clashes) != 2 {
		t.Errorf("clashes: %v", s.clashes)
	}
}
