package gen

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
	"github.com/difygen/difygen/runtime/invoke"
)

// TestServices checks that there is a row for every service that package invoke has.
func TestServices(t *testing.T) {
	t.Parallel()
	var want, got []string
	session := reflect.TypeFor[invoke.Session]()
	for i := range session.NumMethod() {
		m := session.Method(i)
		if typ := m.Type.Out(0).Name(); typ != m.Name {
			t.Errorf("%s returns %s", m.Name, typ)
		}
		want = append(want, m.Name)
	}
	for _, s := range services {
		got = append(got, s.name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("services (-methods +rows):\n%s", diff)
	}
}

// TestPermittedBy checks which services a plugin gets, and where their permissions are.
func TestPermittedBy(t *testing.T) {
	t.Parallel()
	var got []string
	for _, s := range permittedBy([]model.Permitted{
		{Permission: model.PermissionTool, Pos: model.Position{File: "/home/me/manifest.yaml", Line: 3}},
		{Permission: model.PermissionLLM, Pos: model.Position{File: "/home/me/manifest.yaml", Line: 5}},
	}) {
		got = append(got, s.name+" "+s.at)
	}
	want := []string{
		"LLM manifest.yaml:5 resource.permission.model.llm", "Summary manifest.yaml:5 resource.permission.model.llm",
		"Tools manifest.yaml:3 resource.permission.tool", "Upload ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("permitted (-want +got):\n%s", diff)
	}
}
