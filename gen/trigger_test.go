package gen

import (
	"reflect"
	"regexp"
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

// TestTriggerExamples checks what the stubs of a trigger suggest, and that it compiles.
func TestTriggerExamples(t *testing.T) {
	t.Parallel()
	ring := &model.Item{
		Kind: model.KindTrigger, Name: "ring", File: "ring.yaml", Path: "ring.yaml",
		Parameters: &model.Section{Name: model.SectionEventParameters, Path: "parameters"},
		Outputs:    []model.Output{{Name: "by", Type: "string", Nullable: true}, {Name: "times", Type: "integer"}},
	}
	const rest = "if err != nil {\n\treturn err\n}\n"
	for name, test := range map[string]struct {
		fields   []model.Field
		items    []*model.Item
		imports  []string
		dispatch string
	}{
		"signed": {
			[]model.Field{{Name: "id", Type: model.TypeTextInput}, {Name: "secret", Type: model.TypeSecretInput}}, []*model.Item{ring},
			[]string{"encoding/json", "net/http", webhookPath},
			"body, err := webhook.GitHub(r, call.Subscription.Properties.Secret) // of " + webhookPath + "\n" + rest +
				"switch r.Header.Get(\"X-GitHub-Event\") { // or where the service names what happened\ncase \"ring\":\n\tvar payload RingPayload\n" +
				"\tif err := json.Unmarshal(body, &payload); err != nil {\n\t\treturn err\n\t}\n\treturn to.Ring(payload)\n}\n" +
				"return nil // the sender gets the status 200, and no event happens\n",
		},
		"without events": {
			nil, nil, []string{"io", "net/http"},
			"body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // of at most 1 MiB\n" + rest + "_, err = w.Write(body)\nreturn err\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Source{
				ID: "bell.yaml", Plugin: "plugin", Items: test.items,
				Provider: &model.Provider{Kind: model.KindTrigger, Name: "bell", Sections: []model.Section{{Name: model.SectionSubscription, Path: "s", Fields: test.fields}}},
			}
			code, _, err := NewPackage([]Source{s}, Options{Package: "bell", Whole: true})
			if err != nil {
				t.Fatal(err)
			}
			var sources [][]byte
			for _, f := range code.Files() {
				src := contentOf(t, f)
				example := exampleIn(src)
				switch {
				case f.Type != "":
					if diff := cmp.Diff(test.dispatch, example); diff != "" {
						t.Errorf("Dispatch (-want +got):\n%s", diff)
					}
					src = exampleWith(src, example, test.imports...)
				case f.Item != "":
					if want := "Times int64 `json:\"times\"`\nreturn RingVariables{Times: call.Payload.Times}, nil\n"; example != want {
						t.Errorf("the event suggests %q, want %q", example, want)
					}
					field, body, _ := strings.Cut(example, "\n")
					text := strings.Replace(string(src), "struct{}", "struct {\n"+field+"\n}", 1)
					src = exampleWith([]byte(strings.Replace(text, "return RingVariables{}, runtime", "return runtime", 1)), body, "context")
				}
				sources = append(sources, src)
			}
			checkSources(t, sources)
		})
	}
}

// exampleWith is a stub with that code as the body of its method, and with these imports.
func exampleWith(src []byte, example string, imports ...string) []byte {
	clause := "import (\n\t\"" + strings.Join(imports, "\"\n\t\"") + "\"\n)"
	text := regexp.MustCompile(`(?s)import \(.*?\n\)`).ReplaceAllLiteralString(string(src), clause)
	return []byte(strings.Replace(text, "return runtime.ErrNotImplemented", example, 1))
}
