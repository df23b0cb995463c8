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
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parameterProgram decodes each request with the function that it names, and sends the fields
// of the struct, in their order.
const parameterProgram = `package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"reflect"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
%s)

type result struct {
	Error  string   ` + "`json:\"error\"`" + `
	Fields []string ` + "`json:\"fields\"`" + `
	Values []any    ` + "`json:\"values\"`" + `
}

func parameters[T any](decode func(map[string]any) (T, error)) func(map[string]any) result {
	return func(values map[string]any) (r result) {
		x, err := decode(values)
		if err != nil {
			r.Error = err.Error()
			if list := (*runtime.ValidationError)(nil); errors.As(err, &list) {
				for _, p := range list.Problems {
					r.Fields = append(r.Fields, p.Field)
				}
			}
			return r
		}
		v := reflect.ValueOf(x)
		for i := range v.NumField() {
			r.Values = append(r.Values, plain(v.Field(i)))
		}
		return r
	}
}

// plain is a value as JSON has it; nil for an empty one of a type that is not plain.
func plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case runtime.Secret:
		return x.Reveal()
	case runtime.File:
		if x.IsZero() {
			return nil
		}
		return map[string]any{
			"url": x.URL, "filename": x.Filename, "extension": x.Extension, "mime_type": x.MIMEType, "type": x.Type, "size": x.Size,
		}
	case agent.Tool:
		return x.Name
	case interface{ Values() map[string]any }:
		if v.IsZero() {
			return nil
		}
		return x.Values()
	}
	if v.Kind() != reflect.Slice {
		return v.Interface()
	}
	var list []any
	for i := range v.Len() {
		list = append(list, plain(v.Index(i)))
	}
	return list
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var req struct {
			ID     string         ` + "`json:\"id\"`" + `
			Values map[string]any ` + "`json:\"values\"`" + `
		}
		if err := in.Decode(&req); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(decoders[req.ID](req.Values)); err != nil {
			log.Fatal(err)
		}
	}
}

var decoders = map[string]func(map[string]any) result{
%s}
`

// writeParameterProgram adds the program to a module with the generated packages of tools.
func writeParameterProgram(t *testing.T, module string, tools []boundTool) {
	t.Helper()
	var imports, table strings.Builder
	names := make(map[string]string)
	for _, tool := range tools {
		if names[tool.pkg] == "" {
			names[tool.pkg] = fmt.Sprintf("p%d", len(names))
			fmt.Fprintf(&imports, "\t%s %q\n", names[tool.pkg], tool.pkg)
		}
		fmt.Fprintf(&table, "\t%q: parameters(%s.%s),\n", tool.id(), names[tool.pkg], tool.decode)
	}
	dir := filepath.Join(module, "parameters")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "main.go", fmt.Sprintf(parameterProgram, imports.String(), table.String()))
}

// parameterCase is a set of values for a tool with what must become of it: the wanted values, or
// problems with some fields.
type parameterCase struct {
	tool   *boundTool
	values map[string]any
	want   []any // of the fields, in their order
	wrong  []string
	what   string
	mark   string // that no message may contain
}

// parameterCases makes sets of values for a tool: valid ones, ones with a parameter that is
// wrong, and an empty one.
func parameterCases(o parameterOracle, tool *boundTool) []parameterCase {
	const rounds = 8
	var list []parameterCase
	for range rounds {
		c := o.validCase(tool)
		list = append(list, c)
		for i := range tool.fields {
			f := &tool.fields[i]
			for _, bad := range o.invalid(f) {
				wrong := parameterCase{tool: tool, values: maps.Clone(c.values), wrong: []string{f.Name}, what: bad.what, mark: bad.mark}
				set(wrong.values, f.Name, bad.value)
				list = append(list, wrong)
			}
		}
	}
	empty := parameterCase{tool: tool, values: map[string]any{}, what: "missing"}
	for i := range tool.fields {
		want, ok := o.fallback(&tool.fields[i])
		if empty.want = append(empty.want, want); !ok {
			empty.wrong = append(empty.wrong, tool.fields[i].Name)
		}
	}
	return append(list, empty)
}

func (o parameterOracle) validCase(tool *boundTool) parameterCase {
	c := parameterCase{tool: tool, values: map[string]any{"undeclared": "ignored"}}
	for i := range tool.fields {
		f := &tool.fields[i]
		v := o.valid(f)
		set(c.values, f.Name, v.value)
		c.want = append(c.want, v.want)
	}
	return c
}

func set(values map[string]any, name string, v any) {
	if _, ok := v.(absent); ok {
		delete(values, name)
		return
	}
	values[name] = v
}

// parameterResult is what the program made of a case.
type parameterResult struct {
	Error  string   `json:"error"`
	Fields []string `json:"fields"`
	Values []any    `json:"values"`
}

// check compares a result with what it must be.
func (c *parameterCase) check(t *testing.T, got parameterResult) {
	t.Helper()
	if diff := cmp.Diff(c.wrong, parametersOf(got.Fields)); diff != "" {
		t.Errorf("%s: %q is %s: problems with %q: %s\n%v", c.tool.id(), c.wrong, c.what, got.Fields, got.Error, c.values)
		return
	}
	if len(c.wrong) == 0 {
		if diff := cmp.Diff(c.want, got.Values); diff != "" {
			t.Errorf("%s: %v becomes (-want +got)\n%s", c.tool.id(), c.values, diff)
		}
		return
	}
	for i := range c.tool.fields {
		f := &c.tool.fields[i]
		if slices.Contains(c.wrong, f.Name) && !named(got.Error, f) {
			t.Errorf("%s: the message does not name %s: %s", c.tool.id(), f.Name, got.Error)
		}
	}
	if c.mark != "" && strings.Contains(got.Error, c.mark[:min(len(c.mark), 12)]) {
		t.Errorf("%s: %q is %s: the message contains the value: %s", c.tool.id(), c.wrong, c.what, got.Error)
	}
}

// parametersOf returns the parameters of problems, which can be about what is in one, such as
// tools[0].identity.name.
func parametersOf(fields []string) []string {
	var names []string
	for _, field := range fields {
		name, _, _ := strings.Cut(field, "[")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// sendParameters sends random parameters through the decoder of every tool.
func sendParameters(t *testing.T, module string, tools []boundTool) {
	t.Helper()
	o := parameterOracle{rand.New(rand.NewPCG(1, 2))}
	var cases []parameterCase
	for i := range tools {
		cases = append(cases, parameterCases(o, &tools[i])...)
	}
	var requests []any
	wrong := 0
	for i := range cases {
		if len(cases[i].wrong) > 0 {
			wrong++
		}
		requests = append(requests, map[string]any{"id": cases[i].tool.id(), "values": cases[i].values})
	}
	t.Logf("%d valid and %d invalid sets of parameters", len(cases)-wrong, wrong)
	i := 0
	runProgram(t, module, "parameters", requests, func(answer json.RawMessage) {
		var got parameterResult
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		if cases[i].check(t, got); t.Failed() {
			t.FailNow()
		}
		i++
	})
}

// buildProgram builds a program of a module, and returns the path of its binary.
func buildProgram(t *testing.T, module, name string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), filepath.Base(name))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./"+name) //nolint:gosec // of the test
	build.Dir, build.Env = module, sameEverywhere()
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%.3000s", err, output)
	}
	return binary
}

// runProgram builds a program of a module, sends it requests, and passes on each of its answers.
func runProgram(t *testing.T, module, name string, requests []any, answered func(json.RawMessage)) {
	t.Helper()
	binary := buildProgram(t, module, name)
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, r := range requests {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), binary)
	run.Stdin, run.Stderr = &in, os.Stderr
	output, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(output))
	for range requests {
		var answer json.RawMessage
		if err := dec.Decode(&answer); err != nil {
			t.Fatal(err)
		}
		answered(answer)
	}
	if err := dec.Decode(new(json.RawMessage)); !errors.Is(err, io.EOF) {
		t.Error("there are more results than requests")
	}
}
