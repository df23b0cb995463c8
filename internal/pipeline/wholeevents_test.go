package pipeline_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/types"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/test/plugintest"
	"github.com/difygen/difygen/model"
)

// boundTrigger is a provider of a trigger with its events.
type boundTrigger struct {
	pkg   string // import path
	name  string // of the provider
	items []*model.Item
}

// triggersOf finds the providers of triggers of a plugin.
func triggersOf(importPath string, loaded *plugin.Plugin) []boundTrigger {
	var list []boundTrigger
	for _, d := range loaded.Providers {
		if d.Kind == model.KindTrigger {
			list = append(list, boundTrigger{path.Join(importPath, path.Dir(d.Path)), d.Name, d.Distinct()})
		}
	}
	return list
}

// answerEvents lets the stubs of a trigger answer: a webhook is the payload of the event that a header names,
// and the payload of an event are its variables. It returns how many events answer.
func answerEvents(t *testing.T, dir string) int {
	t.Helper()
	replaced := []string{"to *Dispatcher) error {\n\treturn runtime.ErrNotImplemented", "to *Dispatcher) error {\n\treturn dispatched(r, to, runtime.ErrNotImplemented)"}
	var cases strings.Builder
	events := 0
	for _, file := range goFiles(t, dir, "*_dify.go") {
		for name, method := range dispatcherMethods(file) {
			events++
			fmt.Fprintf(&cases, "\tcase %q:\n\t\tvar payload %sPayload\n\t\tif err := json.NewDecoder(r.Body).Decode(&payload); err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn to.%s(payload)\n", name, method, method)
			variables := method + "Variables"
			replaced = append(replaced, "type "+method+"Payload struct{}", "type "+method+"Payload = "+variables,
				"return "+variables+"{}, runtime.ErrNotImplemented", "return call.Payload, answered(runtime.ErrNotImplemented)")
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if changed := strings.NewReplacer(replaced...).Replace(string(src)); changed != string(src) {
			write(t, dir, filepath.Base(name), changed)
		}
	}
	write(t, dir, "answerevents.go", fmt.Sprintf(eventCode, packageIn(t, dir), cases.String()))
	return events
}

// dispatcherMethods are the methods with which a generated file names events, by the events.
func dispatcherMethods(file *ast.File) map[string]string {
	methods := make(map[string]string)
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv == nil || len(f.Body.List) != 1 {
			continue
		}
		if result, ok := f.Body.List[0].(*ast.ReturnStmt); ok && len(result.Results) == 1 {
			call, ok := result.Results[0].(*ast.CallExpr)
			if ok && types.ExprString(call.Fun) == "d.Dispatch" {
				methods[constant(call.Args[0])] = f.Name.Name
			}
		}
	}
	return methods
}

// eventCode is the code that stubs of a trigger answer with.
const eventCode = `package %s

import (
	"encoding/json"
	"net/http"
)

func answered(error) error { return nil }

func dispatched(r *http.Request, to *Dispatcher, err error) error {
	switch r.Header.Get("X-Event") {
%s	}
	return err
}
`

// eventProgram dispatches each webhook, and calls the event that Dispatch names.
const eventProgram = `package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/difygen/difygen/runtime"
%s)

type webhook struct {
	ID, Provider, Event string
	Variables           json.RawMessage
	Parameters          map[string]any
}

type answer struct {
	Error     string          ` + "`json:\"error\"`" + `
	Events    []string        ` + "`json:\"events\"`" + `
	Payload   any             ` + "`json:\"payload\"`" + `
	Variables json.RawMessage ` + "`json:\"variables\"`" + `
}

// serve sends a request to the route with some keys, and decodes the result.
func serve(action string, keys []string, r *http.Request, w webhook, data map[string]any, result *answer) {
	for _, route := range providers[w.ID].Routes() {
		serves := route.Action == action && len(route.Keys) == len(keys)
		for i, key := range route.Keys {
			serves = serves && keys[i] == key.Value
		}
		if !serves {
			continue
		}
		got, err := route.Serve(context.Background(), &runtime.Request{Data: data, HTTP: r})
		if err != nil {
			result.Error = err.Error()
			return
		}
		encoded, err := json.Marshal(got)
		if err != nil {
			log.Fatal(err)
		}
		if err := json.Unmarshal(encoded, result); err != nil {
			log.Fatal(err)
		}
		return
	}
	result.Error = "no route for " + action
}

func (w webhook) serve() (a answer) {
	request := func() *http.Request {
		r, err := http.NewRequest(http.MethodPost, "/triggers/plugin/id", bytes.NewReader(w.Variables))
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("X-Event", w.Event)
		return r
	}
	draft := map[string]any{"credential_type": "unauthorized", "credentials": map[string]any{}}
	if serve("dispatch_trigger_event", []string{w.Provider}, request(), w, draft, &a); a.Error != "" {
		return a
	}
	draft["payload"], draft["parameters"] = a.Payload, w.Parameters
	serve("invoke_trigger_event", []string{w.Provider, w.Event}, request(), w, draft, &a)
	return a
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var w webhook
		if err := in.Decode(&w); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(w.serve()); err != nil {
			log.Fatal(err)
		}
	}
}

var providers = map[string]runtime.TriggerProvider{
%s}
`

// writeEventProgram adds the program to a module with the generated packages of triggers, and lets their stubs
// answer. Packages have the name of their provider, so that no name in them has a prefix.
func writeEventProgram(t *testing.T, module string, triggers []boundTrigger) {
	t.Helper()
	var imports, table strings.Builder
	for i, b := range triggers {
		fmt.Fprintf(&imports, "\tp%d %q\n", i, b.pkg)
		fmt.Fprintf(&table, "\t%q: p%d.NewProvider(&p%d.Provider{}),\n", b.pkg, i, i)
		dir := filepath.Join(module, filepath.FromSlash(strings.TrimPrefix(b.pkg, "example.com/plugin/")))
		if n := answerEvents(t, dir); n != len(b.items) {
			t.Errorf("%s: the Dispatcher names %d events, not %d", b.pkg, n, len(b.items))
		}
	}
	dir := filepath.Join(module, "events")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "main.go", fmt.Sprintf(eventProgram, imports.String(), table.String()))
}

// sendEvents sends webhooks with random variables to every event, and compares its variables with them.
func sendEvents(t *testing.T, module string, triggers []boundTrigger) {
	t.Helper()
	writeEventProgram(t, module, triggers)
	o := parameterOracle{rand.New(rand.NewPCG(5, 6))}
	const rounds = 8
	var requests []any
	var names, wanted []string
	events := 0
	for _, b := range triggers {
		for _, item := range b.items {
			events++
			for range rounds {
				parameters := o.validCase(&boundTool{fields: item.Parameters.Effective()}).values
				variables := o.object(item.Outputs)
				requests = append(requests, map[string]any{
					"id": b.pkg, "provider": b.name, "event": item.Name, "variables": variables, "parameters": parameters,
				})
				names, wanted = append(names, item.Name), append(wanted, encoded(variables))
			}
		}
	}
	t.Logf("%d triggers, %d events, %d webhooks", len(triggers), events, len(requests))
	i := 0
	runProgram(t, module, "events", requests, func(answer json.RawMessage) {
		var got struct {
			Error     string
			Events    []string
			Variables any
		}
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal([]byte(wanted[i]), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{names[i]}, got.Events); diff != "" || got.Error != "" {
			t.Fatalf("%v: %s (-want +got)\n%s", requests[i], got.Error, diff)
		}
		if diff := cmp.Diff(want, got.Variables); diff != "" {
			t.Fatalf("variables of %s (-sent +got):\n%s", names[i], diff)
		}
		i++
	})
}

// aTrigger is a real trigger, which is called in a process of its plugin.
var aTrigger = struct{ plugin, provider, event string }{"plugins/triggers/github_trigger", "github_trigger", "star"}

// callTrigger builds the plugin of a trigger whose stubs answer, and sends it a webhook over every transport.
func callTrigger(t *testing.T, module string) {
	t.Helper()
	binary := buildProgram(t, module, aTrigger.plugin)
	const body = `{"action":"created"}`
	webhook := hex.EncodeToString([]byte("POST /triggers/plugin/id HTTP/1.1\r\nHost: dify.example\r\nX-Event: " + aTrigger.event +
		"\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body))
	plugintest.EachTransport(t, binary, nil, host.Permission{}, func(t *testing.T, p host.Host, _ *host.Dify) {
		t.Helper()
		data := map[string]any{
			"provider": aTrigger.provider, "event": aTrigger.event, "raw_http_request": webhook, "credentials": map[string]any{},
			"credential_type": "unauthorized", "subscription": map[string]any{"expires_at": -1, "endpoint": "https://dify.example", "parameters": map[string]any{}, "properties": map[string]any{}},
			"parameters": map[string]any{}, "payload": map[string]any{"action": "created"},
		}
		for action, want := range map[string]string{
			"dispatch_trigger_event": `"events":["` + aTrigger.event + `"]`, "invoke_trigger_event": `"action":"created"`,
		} {
			response, err := p.Call(t.Context(), "trigger", action, data)
			if err != nil {
				t.Fatal(err)
			}
			if got := response.String(); !strings.Contains(got, want) {
				t.Errorf("%s: got  %s\nwant %s", action, got, want)
			}
		}
	})
}

// object makes an object with random values of properties, some of which are absent where the code can leave
// them out: objects that are neither required nor null.
func (o parameterOracle) object(properties []model.Output) map[string]any {
	object := make(map[string]any)
	for i := range properties {
		p := &properties[i]
		if p.Type == "object" && len(p.Properties) > 0 && !p.Required && !p.Nullable && o.rand.IntN(2) == 0 {
			continue
		}
		object[p.Name] = o.output(p)
	}
	return object
}

// output makes a value as output_schema declares it.
func (o parameterOracle) output(p *model.Output) any {
	if p.Nullable && o.rand.IntN(3) == 0 {
		return nil
	}
	switch p.Type {
	case "string":
		return o.word()
	case "integer":
		return float64(o.rand.IntN(1<<40) - 1<<39)
	case "number":
		return o.rand.NormFloat64()
	case "boolean":
		return o.rand.IntN(2) == 0
	case "object":
		if len(p.Properties) > 0 {
			return o.object(p.Properties)
		}
	case "array":
		list := make([]any, o.rand.IntN(3))
		for i := range list {
			if list[i] = any(o.word()); p.Items != nil {
				list[i] = o.output(p.Items)
			}
		}
		return list
	}
	return pick[any](o.rand, o.word(), 2.5, nil, []any{1.0, nil}, map[string]any{"a": o.word()})
}
