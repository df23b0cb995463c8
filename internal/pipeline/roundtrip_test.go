package pipeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

// decodable is a section of a generated package.
type decodable struct {
	pkg     string // import path
	code    gen.Section
	section *model.Section
}

func (d decodable) id() string { return d.pkg + "." + d.code.Type }

// decodables are the sections of providers whose code is in a package.
func decodables(t *testing.T, pkg, name string, sources []gen.Source) []decodable {
	t.Helper()
	code, _, err := gen.NewPackage(sources, gen.Options{Package: name})
	if err != nil {
		t.Fatal(pkg, err)
	}
	var list []decodable
	for _, s := range code.Sections() {
		list = append(list, decodable{pkg, s, s.Provider.Section(s.Name)})
	}
	return list
}

// request is what the program below decodes, and result is what it found.
type request struct {
	ID        string         `json:"id"`
	ModelType string         `json:"model_type"`
	Values    map[string]any `json:"values"`
}

type result struct {
	Error  string         `json:"error"`
	Fields []string       `json:"fields"` // with a problem
	Values map[string]any `json:"values"`
	Again  string         `json:"again"` // why Validate or decoding again failed
}

// program decodes each request with the generated decoder that the request names.
const program = `package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"reflect"

	"github.com/difygen/difygen/runtime"
%s)

type result struct {
	Error  string         ` + "`json:\"error\"`" + `
	Fields []string       ` + "`json:\"fields\"`" + `
	Values map[string]any ` + "`json:\"values\"`" + `
	Again  string         ` + "`json:\"again\"`" + `
}

type values interface{ Values() map[string]any }

type decoder func(t runtime.ModelType, v map[string]any) (values, error)

func plain[T values](decode func(map[string]any) (T, error)) decoder {
	return func(_ runtime.ModelType, v map[string]any) (values, error) { return decode(v) }
}

func form[T values](decode func(runtime.ModelType, map[string]any) (T, error)) decoder {
	return func(t runtime.ModelType, v map[string]any) (values, error) { return decode(t, v) }
}

func roundTrip(d decoder, t runtime.ModelType, v map[string]any) (r result) {
	x, err := d(t, v)
	if err != nil {
		r.Error = err.Error()
		if list := (*runtime.ValidationError)(nil); errors.As(err, &list) {
			for _, p := range list.Problems {
				r.Fields = append(r.Fields, p.Field)
			}
		}
		return r
	}
	r.Values = x.Values()
	if returned, ok := x.(interface{ Validate() error }); ok {
		if err := returned.Validate(); err != nil {
			r.Again = "not valid: " + err.Error()
		}
	}
	wire, err := json.Marshal(r.Values)
	if err != nil {
		log.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(wire, &sent); err != nil {
		log.Fatal(err)
	}
	again, err := d(t, sent)
	if err != nil {
		r.Again = "not decoded again: " + err.Error()
	} else if !reflect.DeepEqual(again, x) {
		r.Again = "not the same when decoded again"
	}
	return r
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var req struct {
			ID        string            ` + "`json:\"id\"`" + `
			ModelType runtime.ModelType ` + "`json:\"model_type\"`" + `
			Values    map[string]any    ` + "`json:\"values\"`" + `
		}
		if err := in.Decode(&req); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(roundTrip(decoders[req.ID], req.ModelType, req.Values)); err != nil {
			log.Fatal(err)
		}
	}
}

var decoders = map[string]decoder{
%s}
`

// writeProgram adds the program to a module with the generated packages.
func writeProgram(t *testing.T, module string, sections []decodable) {
	t.Helper()
	var imports, table strings.Builder
	names := make(map[string]string)
	for _, s := range sections {
		if names[s.pkg] == "" {
			names[s.pkg] = fmt.Sprintf("p%d", len(names))
			fmt.Fprintf(&imports, "\t%s %q\n", names[s.pkg], s.pkg)
		}
		wrap := "plain"
		if s.section.Name == model.SectionModelCredentials {
			wrap = "form"
		}
		fmt.Fprintf(&table, "\t%q: %s(%s.%s),\n", s.id(), wrap, names[s.pkg], s.code.Decode)
	}
	dir := filepath.Join(module, "roundtrip")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), fmt.Appendf(nil, program, imports.String(), table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// exchange is a request with what its result must be: an error about the fault or, without
// one, the given values.
type exchange struct {
	request
	given given
	fault *fault
}

// exchanges returns requests with random values for a section, valid and invalid ones.
func exchanges(r *rand.Rand, d decodable) []exchange {
	const rounds = 25
	var list []exchange
	for range rounds {
		o := newOracle(r, d.section)
		g := o.valid()
		if g.impossible {
			continue
		}
		list = append(list, exchange{request{d.id(), o.modelType, g.values}, g, nil})
		for _, name := range slices.Sorted(maps.Keys(g.shown)) {
			// Another value of a field that conditions refer to would show other fields.
			if o.decides(name) {
				continue
			}
			for _, fault := range o.faults(g.shown[name]) {
				wrong := maps.Clone(g.values)
				if wrong[name] = fault.value; fault.drop {
					delete(wrong, name)
				}
				list = append(list, exchange{request{d.id(), o.modelType, wrong}, g, &fault})
			}
		}
	}
	return list
}

// decides reports whether a condition refers to the field.
func (o *oracle) decides(name string) bool {
	refers := func(c model.Condition) bool { return c.Variable == name }
	for _, f := range o.fields {
		for _, d := range f.Declarations {
			if slices.ContainsFunc(d.ShowOn, refers) || slices.ContainsFunc(d.Options, func(o model.Option) bool { return slices.ContainsFunc(o.ShowOn, refers) }) {
				return true
			}
		}
	}
	return false
}

// check compares a result with what it must be.
func (x exchange) check(t *testing.T, r result) {
	t.Helper()
	if f := x.fault; f != nil {
		switch {
		case !slices.Equal(r.Fields, []string{f.field}):
			t.Errorf("%s %s: field %s is %s: fields %q have a problem: %s\n%v", x.ID, x.ModelType, f.field, f.name, r.Fields, r.Error, x.Values)
		case f.mark != "" && strings.Contains(r.Error, f.mark[:min(len(f.mark), 12)]):
			t.Errorf("%s: field %s is %s: the message contains the value: %s", x.ID, f.field, f.name, r.Error)
		}
		return
	}
	if r.Error != "" || r.Again != "" {
		t.Errorf("%s %s: %s %s\n%v", x.ID, x.ModelType, r.Error, r.Again, x.Values)
		return
	}
	for name, v := range r.Values {
		// A boolean that the type of the model hides is sent if it would default to true.
		if _, shown := x.given.shown[name]; !shown && v != false || v == nil {
			t.Errorf("%s: sends %s = %v, although the field is hidden or undeclared, or the value is null", x.ID, name, v)
		}
	}
	for name, f := range x.given.shown {
		want, sent := x.given.values[name], r.Values[name]
		if want == nil || want == "" && x.given.form {
			want = f.fallback
		}
		if list, ok := sent.([]any); ok && f.fallback == "a list" && len(list) > 0 {
			continue
		}
		if isList(sent) && !isList(want) {
			want = []any{want} // a single value counts as a list of one
		}
		if (want != "" || sent != nil) && !alike(want, sent) {
			t.Errorf("%s: %s becomes %#v, want %#v", x.ID, name, sent, want)
		}
	}
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// alike reports whether a value on the wire is the given one. A boolean or number may have
// been given as text.
func alike(want, sent any) bool {
	if b, ok := sent.(bool); ok {
		return textOf(want) == strconv.FormatBool(b)
	}
	if sent == nil {
		return textOf(want) == "false" // a boolean that was not given
	}
	return fmt.Sprint(want) == fmt.Sprint(sent)
}

// TestRoundTrips sends random values through decoders for the golden cases, which cover
// every type and condition. It generates the code itself, since the golden files can be
// rewritten at the same time.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/golden/*/provider.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	module := newModule(t)
	var sections []decodable
	for _, file := range files {
		dir, err := filepath.Abs(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		cfg := pipeline.Config{Dir: dir, Files: []string{filepath.Base(file)}}
		sections = append(sections, generate(t, cfg, module, filepath.Base(dir))...)
	}
	writeProgram(t, module, sections)
	roundTrips(t, module, sections)
}

// roundTrips sends random values through every generated decoder.
func roundTrips(t *testing.T, module string, sections []decodable) {
	t.Helper()
	binary := buildProgram(t, module, "roundtrip")
	r := rand.New(rand.NewPCG(1, 2))
	var sent []exchange
	var requests bytes.Buffer
	enc := json.NewEncoder(&requests)
	for _, s := range sections {
		sent = append(sent, exchanges(r, s)...)
	}
	wrong := 0
	for _, x := range sent {
		if x.fault != nil {
			wrong++
		}
		if err := enc.Encode(x.request); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d sections, %d valid and %d invalid sets of values", len(sections), len(sent)-wrong, wrong)
	run := exec.CommandContext(t.Context(), binary)
	run.Stdin = &requests
	run.Stderr = os.Stderr
	output, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(output))
	for _, x := range sent {
		var got result
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		x.check(t, got)
		if t.Failed() {
			t.FailNow()
		}
	}
	if err := dec.Decode(new(result)); !errors.Is(err, io.EOF) {
		t.Error("there are more results than requests")
	}
}
