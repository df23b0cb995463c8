package gen

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
	"github.com/difygen/difygen/runtime/trigger"
)

// TestDispatcherNames checks that no event hides a method that every Dispatcher has.
func TestDispatcherNames(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[*trigger.Dispatcher]()
	want := append(slices.Clone(dispatcherNames), dispatchMethod)
	got := []string{typ.Elem().Name()}
	for i := range typ.NumMethod() {
		got = append(got, typ.Method(i).Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-known +of the Dispatcher):\n%s", diff)
	}
}

// TestAuthorTypes checks the types that the author of a trigger declares, and how a stub leaves them out.
func TestAuthorTypes(t *testing.T) {
	t.Parallel()
	event := func(name string) *model.Item {
		return &model.Item{
			Kind: model.KindTrigger, Name: name, File: name + ".yaml", Path: name + ".yaml",
			Parameters: &model.Section{Name: model.SectionEventParameters, Path: "parameters"},
		}
	}
	source := Source{
		Provider: &model.Provider{Kind: model.KindTrigger, Name: "bell", Sections: []model.Section{{Name: model.SectionSubscription, Path: "subscription_schema"}}},
		ID:       "bell.yaml", Items: []*model.Item{event("ring"), event("knock")},
	}
	prefix := "Door"
	code, _, err := NewPackage([]Source{source}, Options{Package: "bell", Prefix: &prefix, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	requirements, err := code.Requirements()
	if err != nil || len(requirements) != 1 {
		t.Fatal(err, requirements)
	}
	want := []Type{{"DoorRingPayload", "type DoorRingPayload struct{}"}, {"DoorKnockPayload", "type DoorKnockPayload struct{}"}}
	if diff := cmp.Diff(want, requirements[0].Types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	const declaration = "type DoorKnockPayload struct{}"
	for _, f := range code.Files() {
		if f.Item != "knock.yaml" {
			continue
		}
		less := f.Without(func(typ string) bool { return typ == "DoorKnockPayload" })
		if !strings.Contains(string(contentOf(t, f)), declaration) || strings.Contains(string(contentOf(t, less)), declaration) {
			t.Errorf("the stub has its type: %q, without it %q", f.Types, less.Types)
		}
		return
	}
	t.Error("there is no stub")
}
