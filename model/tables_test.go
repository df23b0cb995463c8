package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/yamldoc"
)

// constants returns the values of the string constants of a type that a file declares.
func constants(t *testing.T, file, typ string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		name, isName := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if !isName || name.Name != typ || !isLiteral {
			return true
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
		return true
	})
	return values
}

// TestTablesAreComplete checks that each table has one row for each constant.
func TestTablesAreComplete(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{}
	for _, info := range kinds {
		rows["Kind"] = append(rows["Kind"], string(info.kind))
	}
	for _, info := range fieldTypes {
		rows["FieldType"] = append(rows["FieldType"], string(info.name))
	}
	for typ, file := range map[string]string{"Kind": "kind.go", "FieldType": "fieldtype.go"} {
		want := constants(t, file, typ)
		slices.Sort(want)
		slices.Sort(rows[typ])
		if diff := cmp.Diff(want, rows[typ]); diff != "" {
			t.Errorf("rows of %s (-constants +table):\n%s", typ, diff)
		}
	}
}

// TestFaults checks that every kind of error of package yamldoc has a rule.
func TestFaults(t *testing.T) {
	t.Parallel()
	for fault := yamldoc.Syntax; fault <= yamldoc.TooLarge; fault++ {
		if faultRules[fault].info().severity != SeverityError {
			t.Errorf("fault %d has the rule %q", fault, faultRules[fault])
		}
	}
}

// TestSections checks that the table has each section once.
func TestSections(t *testing.T) {
	t.Parallel()
	want := constants(t, "section.go", "SectionName")
	var got []string
	for _, info := range sections {
		got = append(got, string(info.name))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sections (-constants +table):\n%s", diff)
	}
}

// TestKinds checks that each kind has its words, and shares none with another kind.
func TestKinds(t *testing.T) {
	t.Parallel()
	seen := make(map[string]Kind)
	for _, info := range kinds {
		for what, word := range map[string]string{"item": info.item, "items": info.items} {
			if word == "" {
				t.Errorf("%s has no word %s", info.kind, what)
			}
			if other, ok := seen[what+" "+word]; ok {
				t.Errorf("%s and %s share the word %s", info.kind, other, word)
			}
			seen[what+" "+word] = info.kind
		}
		if !info.kind.Valid() || info.kind.Item() != info.item || info.kind.Items() != info.items {
			t.Errorf("%s is not found", info.kind)
		}
		if info.load == nil || info.maps == nil {
			t.Errorf("%s has not both load and maps", info.kind)
		}
		for _, mark := range info.marks {
			if other, ok := seen[mark]; ok {
				t.Errorf("%s and %s share the mark %s", info.kind, other, mark)
			}
			seen[mark] = info.kind
			if got := DetectKind([]byte(mark + ": []\n")); got != info.kind {
				t.Errorf("%s marks a %s, want %s", mark, got, info.kind)
			}
		}
	}
	if Kind("plugin").Valid() || Kind("").Valid() {
		t.Error("a kind that Dify does not have is valid")
	}
}

// TestFieldTypes checks that no field type is both known and typed in a section, and that
// the types that it refers to are in the table.
func TestFieldTypes(t *testing.T) {
	t.Parallel()
	for _, info := range fieldTypes {
		if info.known|info.typed == 0 || info.known&info.typed != 0 {
			t.Errorf("%s: known in %b, typed in %b", info.name, info.known, info.typed)
		}
		for _, other := range []FieldType{info.like, info.instead} {
			if other != "" && (other.info().known == 0 || other == info.name) {
				t.Errorf("%s refers to %s", info.name, other)
			}
		}
	}
	if unknown := FieldType("x"); !reflect.DeepEqual(unknown.info(), fieldTypeInfo{name: "x"}) || unknown.values() != unknown {
		t.Errorf("an unknown type: %+v", unknown.info())
	}
}
