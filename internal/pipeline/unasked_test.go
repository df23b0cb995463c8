package pipeline_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnasked checks which methods of the author are named because they do not compile and nothing
// asks for them.
func TestUnasked(t *testing.T) {
	t.Parallel()
	const (
		provider = "package box\n\ntype Provider struct{}\n"
		method   = "\nfunc (p *Provider) Say(context.Context, *SayCall, *SayOutput) error { return nil }\n"
	)
	note := func(line, method, of, typ string) []string {
		return []string{"provider/old.go:" + line + ": nothing asks for the method " + method + " of " + of + ", and no code has its type " + typ +
			"; move what it does to a method that is asked for, and remove it"}
	}
	for name, test := range map[string]struct {
		code string
		want []string
	}{
		"a renamed item":           {"\n\nfunc (p *Provider) Old(ctx context.Context, call *OldCall, out *OldOutput) error { return nil }\n", note("3", "Old", "Provider", "OldCall")},
		"a result":                 {"\n\nfunc (Provider) Old() ([]map[string]*OldOutput, error) { return nil, nil }\n", note("3", "Old", "Provider", "OldOutput")},
		"an alias":                 {"\n\ntype Alias = Provider\nfunc (*Alias) Old(OldCall) {}\n", note("4", "Old", "Alias", "OldCall")},
		"its options":              {"\n\nfunc (Provider) Old(*OldCall) {}\n\nfunc (*Provider) OldKindOptions() {}\nfunc (*Provider) OldAgeOptions() {}\nfunc (*Provider) SayOptions() {}\n", []string{note("3", "Old", "Provider", "OldCall")[0] + " and OldAgeOptions and OldKindOptions"}},
		"one that is asked for":    {"\n\nfunc (*Provider) Say(*OldCall) {}\n", nil},
		"another type":             {"\n\ntype Other struct{}\nfunc (*Other) Old(*OldCall) {}\n", nil},
		"a type of the author":     {"\n\nfunc (*Provider) Old(*OldCall) {}\n\ntype OldCall struct{}\n", nil},
		"generated types":          {"\n\nfunc (*Provider) help(*SayCall, SayParameters, *SayOutput, *Provider) {}\n", nil},
		"a type of a package":      {"\n\nimport \"example.com/old\"\n\nfunc (*Provider) Old(*old.OldCall) {}\n", nil},
		"imports without a name":   {"\n\nimport . \"example.com/old\"\n\nfunc (*Provider) Old(*OldCall) {}\n", nil},
		"names that are not types": {"\n\nfunc (*Provider) help(OldCall int, f func(OldCall int), s struct{ OldCall int }) {}\n", nil},
		"a parameter of the type":  {"\n\nfunc (*Provider[OldCall]) Old(OldCall) {}\n", nil},
		"a body":                   {"\n\nfunc (*Provider) help() { OldCall := 1; _ = OldCall }\n", nil},
		"a file left out":          {"\n\nfunc (*Provider) Old(*OldCall) {}\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(say)
			files["provider/box.go"] = provider
			if name != "one that is asked for" {
				files["provider/box.go"] += method
			}
			files["provider/old.go"] = "package box" + test.code
			if name == "a file left out" {
				files["provider/old.go"] = "//go:build ignore\n\npackage box" + test.code
			}
			dir := newPlugin(t, "{tools: [provider/box.yaml]}", files)
			for range 2 { // that the code is generated already changes nothing
				result := runWhole(t, dir)
				if diff := cmp.Diff(test.want, result.Unfit); diff != "" {
					t.Errorf("notes (-want +got):\n%s", diff)
				}
				apply(t, dir, result.Changes)
			}
		})
	}
}

// TestGenericPayload checks that a payload's type with type parameters is named.
func TestGenericPayload(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"type PushedPayload[T any] struct{ ID T }": {
			"provider/payload.go:3: type PushedPayload must not have type parameters; declare it without them, as type PushedPayload = Other[int], for example",
		},
		"type PushedPayload = other[int]\ntype other[T any] struct{ ID T }": nil,
	} {
		dir := newPlugin(t, "{triggers: [provider/box.yaml]}", map[string]string{
			"provider/box.yaml":   boxIdentity + "events: [events/pushed.yaml]\n",
			"events/pushed.yaml":  "identity: {author: me, name: pushed, label: {en_US: Pushed}}\ndescription: {en_US: P.}\nparameters: []\n",
			"provider/payload.go": "package box\n\n" + code + "\n",
		})
		if diff := cmp.Diff(want, runWhole(t, dir).Unfit); diff != "" {
			t.Errorf("%s: notes (-want +got):\n%s", code, diff)
		}
	}
}
