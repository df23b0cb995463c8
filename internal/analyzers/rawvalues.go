package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/ssa"
)

var rawValues = &analysis.Analyzer{
	Name: "rawvalues",
	Doc: `find values that are read by their key instead of their field

The struct that difygen generates has a field for each value that the YAML declares. Values returns
them as a map, for Dify, with secrets as plain text. Code that reads this map gives up what the
struct is for: the compiler does not see that a key is misspelled, or no longer declared, and the
result is nil; the type must be asserted; and a secret is in plain text, where it can be printed.
For an interface such as AnyCredentials, a type switch has a case for each way to authorize.

Bad:

	token, _ := call.Credentials.Values()["acces_token"].(string)

Good:

	switch creds := call.Credentials.(type) {
	case Credentials:
		token = creds.AccessToken
	case OAuthCredentials:
		token = creds.AccessToken
	}

A map is only reported if it certainly comes from Values, from a Reveal of package runtime, or from
a runtime.ToolCall; what is put into one is not.

The parameters of language models are like that, and what the YAML does not declare is in their Extra.
What it does declare is not:

	temperature := call.Parameters.Extra.Float("temperature") // never set
	temperature := call.Parameters.Temperature

Values of LLMParameters and of Extra as a whole are for the request that they are sent in, and a key of
Extra is not reported.

Extra of a subscription has only what subscription_schema does not declare, too:

	id := call.Subscription.Extra["hook_id"] // never set
	id := call.Subscription.Properties.HookID

The values in the path of a request to an endpoint have fields, too:

	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	id := call.Path.ID`,
	URL:      page + "#rawvalues",
	Run:      runRawValues,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runRawValues(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for lookup := range instructions[*ssa.Lookup](s) {
		key, ok := textOf(lookup.Index)
		index := s.indexes[lookup.Pos()]
		if !ok || index == nil {
			continue
		}
		if sub := ownerOfExtra(lookup.X); sub != nil {
			s.checkExtraProperty(pass, index, key, sub)
		} else if sections := s.valuesBehind(lookup.X); len(sections) > 0 {
			s.reportKey(pass, index, key, sections)
		} else if s.onWire(lookup.X) {
			if fields := s.fieldsOf(key, s.closedSections()); fields != "" {
				s.report(pass, index, fmt.Sprintf("read %s from what its Decode function returns, not the key %q of a map", fields, key))
			}
		}
	}
	for call := range instructions[*ssa.Call](s) {
		s.checkExtraParameter(pass, call)
		s.checkPathValue(pass, call)
	}
	return nil, nil
}

// extraLacks are the methods of llm.Extra that find nothing of a name, since the field of that name has
// it, by the function that reads the field.
var extraLacks = map[string][]string{
	"Float":      {"Float", "Int"},
	"Int":        {"Int"},
	"Text":       {"Text"},
	"ReadOption": {"Text"},
	"Bool":       {"Bool"},
	"Any":        {"Float", "Int", "Text", "Bool"},
}

// checkExtraParameter reports a call that reads a parameter from Extra which has a field.
func (s *source) checkExtraParameter(pass *analysis.Pass, call *ssa.Call) {
	f := called(call.Common())
	if f.pkg != llmPath || f.receiver != "Extra" || len(call.Call.Args) != 2 {
		return
	}
	key, ok := textOf(call.Call.Args[1])
	section := s.extraIn(call.Call.Args[0])
	field, found := section.field(key)
	at := s.callAt(call)
	if !ok || !found || at == nil || !slices.Contains(extraLacks[field.Reader], f.name) {
		return
	}
	message := fmt.Sprintf("read the field %s of %s: Extra has only what no field has, so %s(%q) is never set", field.Name, section.Type, f.name, key)
	var fixes []analysis.SuggestedFix
	if method, ok := at.Fun.(*ast.SelectorExpr); ok && field.Reader == f.name {
		if extra, ok := method.X.(*ast.SelectorExpr); ok {
			fixes = append(fixes, fix("Read the field "+field.Name, replace(at, s.text(extra.X)+"."+field.Name)))
		}
	}
	s.report(pass, at, message, fixes...)
}

// checkExtraProperty reports a read of a key of Extra of a subscription which has a field.
func (s *source) checkExtraProperty(pass *analysis.Pass, index *ast.IndexExpr, key string, sub types.Type) {
	if field, ok := s.property(sub, key); ok {
		s.report(pass, index, fmt.Sprintf("read the field %s of Properties: Extra has only what no field has, so %q is never set", field.Name, key))
	}
}

// checkPathValue reports a call that reads a value in the path of a request, which has a field.
func (s *source) checkPathValue(pass *analysis.Pass, call *ssa.Call) {
	at := s.callAt(call)
	if at == nil || (called(call.Common()) != function{"net/http", "Request", "PathValue"}) {
		return
	}
	key, ok := textOf(call.Call.Args[1])
	path, expr, t := s.pathAt(at)
	if !ok || expr == "" {
		return
	}
	field, found := path.field(key)
	if !found {
		s.report(pass, at, fmt.Sprintf("the path has no value %q, so this is always empty", key))
		return
	}
	var fixes []analysis.SuggestedFix
	if obj, _, _ := types.LookupFieldOrMethod(t, true, s.pass.Pkg, field.Name); obj != nil && types.Identical(obj.Type(), types.Typ[types.String]) {
		fixes = append(fixes, fix("Read the field "+field.Name, replace(at, expr+"."+field.Name)))
	}
	s.report(pass, at, fmt.Sprintf("read the field %s of %s, not the value %q of the request", field.Name, path.Type, key), fixes...)
}

// extraIn returns the parameters whose field Extra a value is.
func (s *source) extraIn(v ssa.Value) Section {
	parameters, _ := fieldOf(v)
	if parameters == nil {
		return Section{}
	}
	section, _ := s.section(parameters)
	return section
}

// reportKey reports a read of a key of what Values of the sections returns.
func (s *source) reportKey(pass *analysis.Pass, index *ast.IndexExpr, key string, sections []Section) {
	if fields := s.fieldsOf(key, sections); fields != "" {
		s.report(pass, index, fmt.Sprintf("read %s, not the key %q of Values", fields, key), s.fieldInstead(index, key, sections)...)
		return
	}
	var names []string
	for _, section := range sections {
		if section.Open {
			return
		}
		names = append(names, section.Type)
	}
	s.report(pass, index, fmt.Sprintf("Values of %s has no key %q, so this is always nil", strings.Join(names, " or "), key))
}

// fieldsOf names the fields of a key, as in "the field Token of A or B".
func (s *source) fieldsOf(key string, sections []Section) string {
	var of []string
	name := ""
	for _, section := range sections {
		switch f, ok := section.field(key); {
		case !ok:
		case name == "":
			name = f.Name
			of = append(of, section.Type)
		case name == f.Name:
			of = append(of, section.Type)
		default:
			of = append(of, section.Type+" ("+f.Name+")")
		}
	}
	if name == "" {
		return ""
	}
	return "the field " + name + " of " + strings.Join(of, " or ")
}

// onWire reports whether a map is what Dify has sent, or what it is sent: from a Reveal of
// package runtime or a runtime.ToolCall.
func (s *source) onWire(m ssa.Value) bool {
	wire, sure := false, true
	t := trace{source: s, callers: true, unknown: func(ssa.Value) { sure = false }}
	t.found = func(v ssa.Value) bool {
		switch v := v.(type) {
		case *ssa.Call:
			f := called(v.Common())
			if f.pkg == runtimePath && f.name == "Reveal" {
				wire = true
				return true
			}
		case *ssa.UnOp:
			if at, ok := v.X.(*ssa.FieldAddr); ok && isRuntimeType(at.X.Type(), "ToolCall") {
				wire = true
				return true
			}
		case *ssa.Field:
			if isRuntimeType(v.X.Type(), "ToolCall") {
				wire = true
				return true
			}
		}
		return false
	}
	t.from(m)
	return wire && sure
}

// fieldInstead returns a fix for X.Values()["key"].(string), if it has no second result.
func (s *source) fieldInstead(index *ast.IndexExpr, key string, sections []Section) []analysis.SuggestedFix {
	call, ok := ast.Unparen(index.X).(*ast.CallExpr)
	if !ok || len(sections) != 1 {
		return nil
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || types.IsInterface(s.pass.TypesInfo.TypeOf(method.X)) {
		return nil
	}
	field, _ := sections[0].field(key)
	path, _ := astutil.PathEnclosingInterval(s.file(index.Pos()), index.Pos(), index.End())
	if len(path) < 2 {
		return nil
	}
	assert, ok := path[1].(*ast.TypeAssertExpr)
	if !ok || !types.Identical(s.pass.TypesInfo.TypeOf(assert), types.Typ[types.String]) {
		return nil // a second result makes the type a tuple
	}
	obj, _, _ := types.LookupFieldOrMethod(s.pass.TypesInfo.TypeOf(method.X), true, s.pass.Pkg, field.Name)
	if obj == nil {
		return nil
	}
	text := s.text(method.X) + "." + field.Name
	switch {
	case field.Secret:
		text += ".Reveal()"
	case types.Identical(obj.Type(), types.Typ[types.String]):
	case isText(obj.Type()):
		text = "string(" + text + ")"
	default:
		return nil
	}
	return []analysis.SuggestedFix{fix("Read the field "+field.Name, replace(assert, text))}
}
