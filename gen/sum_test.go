package gen_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/model"
)

// generated is the generated file for a provider.
func generated(t *testing.T, p *model.Provider, opts gen.Options) gen.File {
	t.Helper()
	plan, _, err := gen.NewPlan(p, opts)
	if err != nil || plan == nil {
		t.Fatal(plan, err)
	}
	return plan.Files("provider")[0]
}

// TestIsCurrent changes every part of a provider, of the options and of the file:
// none of them leaves the file current.
func TestIsCurrent(t *testing.T) {
	t.Parallel()
	p := fullProvider()
	prefix := "X"
	opts := gen.Options{Package: "p", Source: "s.yaml", Prefix: &prefix, Type: "T", Name: "n"}
	f := generated(t, p, opts)
	src := content(t, f)
	if !f.IsCurrent(src) || !f.IsCurrent(bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))) {
		t.Error("the file itself is not current")
	}
	for i := range src {
		changed := bytes.Clone(src)
		if changed[i]++; f.IsCurrent(changed) {
			t.Errorf("current with another byte at %d", i)
		}
	}
	for _, other := range [][]byte{nil, src[:len(src)-1], append(bytes.Clone(src), '\n'), []byte("\n\n")} {
		if f.IsCurrent(other) {
			t.Errorf("%.20q… is current", other)
		}
	}
	for _, leaf := range leaves(reflect.ValueOf(p), "Provider", nil) {
		old := reflect.New(leaf.value.Type()).Elem()
		old.Set(leaf.value)
		change(leaf.value)
		if generated(t, p, opts).IsCurrent(src) {
			t.Errorf("current after a change of %s", leaf.path)
		}
		leaf.value.Set(old)
	}
	for _, leaf := range leaves(reflect.ValueOf(&opts), "Options", nil) {
		old := reflect.New(leaf.value.Type()).Elem()
		old.Set(leaf.value)
		change(leaf.value)
		if generated(t, p, opts).IsCurrent(src) {
			t.Errorf("current after a change of %s", leaf.path)
		}
		leaf.value.Set(old)
	}
	p.Kind = model.KindDatasource
	if generated(t, p, opts).IsCurrent(src) {
		t.Error("current as another kind")
	}
	p.Kind, p.Sections[0].Name = model.KindTool, model.SectionOAuthClient
	if generated(t, p, opts).IsCurrent(src) {
		t.Error("current as another section")
	}
	p.Sections[0].Name = model.SectionCredentials
	if !generated(t, p, opts).IsCurrent(src) {
		t.Error("not current after all is as before")
	}
}

// fullProvider has a value in everything that a provider can have.
func fullProvider() *model.Provider {
	txt := model.Text{English: "e", Chinese: "c", Japanese: "j", Portuguese: "p"}
	scope, number, places := "all", 1.5, 2
	conditions := []model.Condition{{Variable: "v", Value: "w"}}
	field := model.Field{
		Name: "n", Type: model.TypeSelect, Required: true, Default: "d", Scope: &scope, Multiple: true, Label: txt,
		Help: &txt, Placeholder: &txt, URL: "u", ShowOn: conditions, MaxLength: 3, Min: &number, Max: &number, Precision: &places,
		Options: []model.Option{{Value: "o", Raw: 1, Label: txt, ShowOn: conditions}},
	}
	return &model.Provider{Kind: model.KindTool, Name: "n", Label: txt, Sections: []model.Section{
		{Name: model.SectionCredentials, Path: "credentials", Fields: []model.Field{field, {Name: "other"}}},
	}}
}

type leaf struct {
	path  string
	value reflect.Value
}

// leaves finds the values in v that can be changed, but for positions and what
// decides which section it is.
func leaves(v reflect.Value, path string, list []leaf) []leaf {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			list = leaves(v.Elem(), path, list)
		}
		if !v.CanSet() {
			return list
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := path + "." + f.Name
			switch {
			case !f.IsExported() || f.Type == reflect.TypeFor[model.Position]():
			case name == "Provider.File" || name == "Provider.Kind" || f.Name == "Line" || f.Name == "Declarations":
			case f.Type == reflect.TypeFor[model.SectionName]():
			default:
				list = leaves(v.Field(i), name, list)
			}
		}
		return list
	case reflect.Slice:
		for i := range v.Len() {
			list = leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), list)
		}
	}
	return append(list, leaf{path, v})
}

// change gives a value another one of its type.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		} else {
			v.SetZero()
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf("another"))
	default:
		panic("a kind that this test does not know: " + v.Kind().String())
	}
}

// TestEmission notices a change of what is generated without a new number of
// emission, by which users' files are known to be out of date.
func TestEmission(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(cases, "*", "provider.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	sum := regexp.MustCompile(`(?m)^// difygen:sum .*\n`)
	h := sha256.New()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(file))
		list, _ := generate(t, data, name)
		for _, f := range list {
			fmt.Fprintf(h, "%s\n%s\n", name, sum.ReplaceAll(content(t, f), nil))
		}
	}
	src, err := os.ReadFile("sum.go")
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`const emission = \d+`).Find(src)
	recorded := filepath.Join(cases, "emission.txt")
	got := fmt.Appendf(nil, "%s\n%x\n", number, h.Sum(nil))
	if old, err := os.ReadFile(recorded); err == nil && bytes.HasPrefix(old, append(number, '\n')) && !bytes.Equal(old, got) {
		t.Fatal("other code is generated than before: raise emission in sum.go, then run DIFYGEN_UPDATE=1 go test ./gen")
	}
	golden.Check(t, recorded, got)
}
