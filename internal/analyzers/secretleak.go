package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

var secretLeak = &analysis.Analyzer{
	Name: "secretleak",
	Doc: `find revealed secrets in logs, errors, prompts, responses, documents, payloads and variables

A runtime.Secret prints as "[redacted]". Reveal returns its text, for the request that needs it. This
text must not get into a log, which operators read and other programs collect, nor into an error,
which Dify logs and shows to users, nor into a panic. Nor is it for a language model, which may repeat
what it is told, for who calls an endpoint or sends a webhook, or for what a data source gives: documents get
into a knowledge base, and the browser of a user keeps what SetNextPage gets. Dify keeps the payload of a
webhook in plain text, and shows the variables of an event, and what an agent sends, with its steps. What
serve knows to be secret, it redacts in the errors and logs of a call, but that is the last line of defense:
it does not know a text that was cut or encoded, nor logs that other packages write.

Bad:

	return fmt.Errorf("GET %s?key=%s failed", url, creds.APIKey.Reveal())
	slog.Debug("connect", "credentials", creds.Values())
	http.Error(w, "want "+call.Settings.Token.Reveal(), http.StatusUnauthorized)
	out.SetNextPage(cursor{next, call.Credentials.AccessToken.Reveal()})
	to.Push(PushPayload{Token: call.Subscription.Properties.Token.Reveal()})
	return PushVariables{Owner: &PushOwner{Name: creds.APIKey.Reveal()}}, nil
	out.Text("I use " + call.Parameters.APIKey.Reveal())
	return &webhook.RefusalError{Reason: "the token is not " + token.Reveal()}

Good:

	return fmt.Errorf("GET %s failed", url)
	slog.DebugContext(ctx, "connect", "key", creds.APIKey) // key=[redacted]

The text is followed through variables, string operations, conversions, fmt.Sprintf, strings.Builder,
local structs and maps, and into and out of functions, also those of other packages that depend on
difygen's runtime. A part of it, such as token[:4], is not reported.`,
	URL:       page + "#secretleak",
	Run:       runSecretLeak,
	Requires:  []*analysis.Analyzer{sourceAnalyzer},
	FactTypes: []analysis.Fact{new(Prints)},
}

// Prints is a fact about a function that prints or logs some of its parameters, or makes errors
// of them.
type Prints struct {
	Params []int    // which ones
	Into   []string // where to, such as "log.Printf"
}

// AFact marks Prints as a fact.
func (*Prints) AFact() {}

func (p *Prints) String() string { return fmt.Sprintf("prints: %v %v", p.Params, p.Into) }

// loggers are packages of others all of whose functions log, or make errors.
var loggers = []string{
	"log", "log/slog", "github.com/go-logr/logr", "github.com/hashicorp/go-hclog", "github.com/pkg/errors",
	"github.com/rs/zerolog", "github.com/rs/zerolog/log", "github.com/sirupsen/logrus", "go.uber.org/zap",
	"k8s.io/klog/v2",
}

// prompts are the functions of package llm that make messages to language models.
var prompts = []string{"System", "User", "Assistant", "ToolResult"}

// documents are the types of package datasource whose methods send what users see, or their browsers keep.
var documents = []string{"BrowseOutput", "CrawlOutput", "DownloadOutput", "PageContentOutput"}

// listed are the structs of that package that a method returns in lists.
var listed = []string{"Icon", "Page", "Workspace"}

// shownStruct returns what a struct is that others see; "" if it is another.
func (l *leaks) shownStruct(t types.Type) string {
	switch {
	case slices.ContainsFunc(listed, func(name string) bool { return isType(t, datasourcePath, name) }):
		return "a document"
	case isType(t, webhookPath, "RefusalError"):
		return "the answer to a webhook"
	case l.isVariables(t):
		return "the variables of an event"
	}
	return ""
}

// isVariables reports whether a type is that of the variables of an event, or one within it.
func (l *leaks) isVariables(t types.Type) bool {
	name := typeName(t)
	if name == nil || name.Pkg() == nil {
		return false
	}
	within, known := l.variables[name.Pkg()]
	if !known {
		within = variablesOf(name.Pkg())
		l.variables[name.Pkg()] = within
	}
	return within[name]
}

// variablesOf returns the types of the variables of the events of a package, and those within them. The calls of an
// event have its name, too.
func variablesOf(pkg *types.Package) map[*types.TypeName]bool {
	within := make(map[*types.TypeName]bool)
	for _, name := range pkg.Scope().Names() {
		event, ok := strings.CutSuffix(name, "Variables")
		call := pkg.Scope().Lookup(event + "Call")
		if ok && call != nil && embeds(call.Type(), triggerPath, "EventCall") {
			addWithin(within, pkg, pkg.Scope().Lookup(name).Type())
		}
	}
	return within
}

// addWithin adds a type, and those of its fields and elements, as far as they are of a package.
func addWithin(within map[*types.TypeName]bool, pkg *types.Package, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			addWithin(within, pkg, arg)
		}
		if name := t.Origin().Obj(); name.Pkg() == pkg && !within[name] {
			within[name] = true
			addWithin(within, pkg, t.Underlying())
		}
	case *types.Struct:
		for f := range t.Fields() {
			addWithin(within, pkg, f.Type())
		}
	case interface{ Elem() types.Type }: // a pointer, a list or a map
		addWithin(within, pkg, t.Elem())
	}
}

// embeds reports whether a type, or what it points to, is a struct that embeds a type of a package.
func embeds(t types.Type, path, name string) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	fields, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range fields.Fields() {
		if f.Embedded() && isType(f.Type(), path, name) {
			return true
		}
	}
	return false
}

// dispatches reports whether a call passes a webhook on to an event.
func dispatches(call *ssa.CallCommon) bool {
	recv := call.Signature().Recv()
	return recv != nil && (isType(recv.Type(), triggerPath, "Dispatcher") || embeds(recv.Type(), triggerPath, "Dispatcher"))
}

// isAgentOutput reports whether a call is one of a method of the output of an agent, also of one that it has from that
// of tools.
func isAgentOutput(call *ssa.CallCommon, f function) bool {
	recv := call.Signature().Recv()
	if recv == nil || call.IsInvoke() {
		return false
	}
	if embeds(recv.Type(), agentPath, "Output") {
		return true
	}
	load, ok := call.Args[0].(*ssa.UnOp)
	if !ok || f.pkg != runtimePath || f.receiver != "ToolOutput" {
		return false
	}
	at, ok := load.X.(*ssa.FieldAddr)
	return ok && isType(at.X.Type(), agentPath, "Output")
}

// leaks finds leaks in a package.
type leaks struct {
	*source
	pass   *analysis.Pass
	prints map[*ssa.Function]*Prints // also of function literals
	told   map[ast.Node]bool
	// variables are the types of the variables of events, by package.
	variables map[*types.Package]map[*types.TypeName]bool
}

func runSecretLeak(pass *analysis.Pass) (any, error) {
	l := leaks{
		source: pass.ResultOf[sourceAnalyzer].(*source), pass: pass,
		prints: make(map[*ssa.Function]*Prints), told: make(map[ast.Node]bool),
		variables: make(map[*types.Package]map[*types.TypeName]bool),
	}
	// What a function prints can make one that calls it one that prints.
	for before := -1; before != l.size(); {
		before = l.size()
		for call := range instructions[ssa.CallInstruction](l.source) {
			for _, arg := range l.arguments(call) {
				if into := l.into(call, arg.index); into != "" {
					l.check(arg, into)
				}
			}
		}
		for store := range instructions[*ssa.Store](l.source) {
			if at, ok := store.Addr.(*ssa.FieldAddr); ok && holdsText(store.Val.Type()) {
				if shown := l.shownStruct(at.X.Type()); shown != "" {
					l.check(argument{store.Val, l.nodeAt(store.Pos(), store.Val.Pos()), 0}, "the field "+fieldName(at)+" of "+shown)
				}
			}
		}
		for p := range instructions[*ssa.Panic](l.source) {
			if call := l.calls[p.Pos()]; call != nil && len(call.Args) == 1 {
				l.check(argument{p.X, call.Args[0], 0}, "panic")
			}
		}
	}
	for fn, p := range l.prints {
		if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() == pass.Pkg {
			pass.ExportObjectFact(obj, p)
		}
	}
	return nil, nil
}

func (l *leaks) size() int {
	n := 0
	for _, p := range l.prints {
		n += len(p.Params)
	}
	return n
}

// into returns where a call prints, or tells a language model, its argument of that index; "" if it does not.
func (l *leaks) into(call ssa.CallInstruction, index int) string {
	common := call.Common()
	f := called(common)
	switch {
	case slices.Contains(loggers, f.pkg) && logs(common.Signature().Params().At(index).Type()), f == function{"errors", "", "New"}, f == function{"fmt", "", "Errorf"},
		f.pkg == "" && (f.name == "print" || f.name == "println" || f.name == "panic"),
		f.pkg == "fmt" && strings.HasPrefix(f.name, "Print"),
		isPrintTo(f) && index > 0 && toConsole(common.Args[0]),
		f.pkg == llmPath && slices.Contains(prompts, f.name) && carriesText(common.Signature().Params().At(index).Type()),
		f == function{runtimePath, "", "Invalid"}, f == function{runtimePath, "ToolOutput", "Log"},
		f.pkg == datasourcePath && slices.Contains(documents, f.receiver), dispatches(common),
		(f.pkg == agentPath || isAgentOutput(common, f)) && carriesText(common.Signature().Params().At(index).Type()):
		return f.String()
	}
	if response := respondsWith(common, index); response != "" {
		return response
	}
	if callee := common.StaticCallee(); callee != nil {
		return l.printedBy(origin(callee), index)
	}
	return ""
}

// printedBy returns where a function prints its parameter of that index; "" if it does not.
func (l *leaks) printedBy(fn *ssa.Function, index int) string {
	p := l.prints[fn]
	if p == nil {
		p = new(Prints)
		if obj, ok := fn.Object().(*types.Func); !ok || !l.pass.ImportObjectFact(obj, p) {
			return ""
		}
		l.prints[fn] = p
	}
	if i := slices.Index(p.Params, index); i >= 0 {
		return p.Into[i]
	}
	return ""
}

// toConsole reports whether a writer is standard output or standard error.
func toConsole(w ssa.Value) bool {
	i, ok := w.(*ssa.MakeInterface)
	if !ok {
		return false
	}
	load, ok := i.X.(*ssa.UnOp)
	if !ok {
		return false
	}
	g, ok := load.X.(*ssa.Global)
	return ok && g.Pkg.Pkg.Path() == "os" && (g.Name() == "Stdout" || g.Name() == "Stderr")
}

// check reports an argument that is a revealed secret. If it is a parameter of a function, that
// one prints it.
func (l *leaks) check(arg argument, into string) {
	what, at := l.revealedIn(arg.value, false)
	if at != nil {
		if arg.pos != nil && !l.told[arg.pos] {
			l.told[arg.pos] = true
			message := fmt.Sprintf("the text of a secret, from %s, gets into %s", what, into)
			l.report(l.pass, arg.pos, message, l.secretInstead(arg)...)
		}
		return
	}
	t := trace{source: l.source, passes: keepsText}
	t.found = func(v ssa.Value) bool {
		// What is replaced is another parameter only where that is a secret.
		old := replaced(v)
		for x := old; x != nil; x = converted(x) {
			old = x
		}
		_, ok := old.(*ssa.Parameter)
		return ok
	}
	t.unknown = func(v ssa.Value) {
		if p, ok := v.(*ssa.Parameter); ok && carriesText(p.Type()) {
			l.printsParameter(p, into)
		}
	}
	t.from(arg.value)
}

// printsParameter notes that a function prints a parameter.
func (l *leaks) printsParameter(v *ssa.Parameter, into string) {
	fn := v.Parent()
	i := slices.Index(fn.Params, v)
	if fn.Signature.Recv() != nil {
		i--
	}
	p := l.prints[fn]
	if p == nil {
		p = new(Prints)
		l.prints[fn] = p
	}
	if i >= 0 && !slices.Contains(p.Params, i) {
		p.Params = append(p.Params, i)
		p.Into = append(p.Into, into)
	}
}

// logs reports whether a function of a logger logs what a parameter of a type gets. It does not with
// a writer, a handler or a logger: those are for later.
func logs(t types.Type) bool {
	return carriesText(t) || isErrorType(t)
}

// holdsText reports whether a field of a type can have the text of a secret.
func holdsText(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return carriesText(t) || ok && isRuntimeType(t, "Optional") && isText(named.TypeArgs().At(0))
}

// carriesText reports whether a parameter of a type can be the text of a secret.
func carriesText(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return isText(t)
	case *types.Slice:
		return isText(u.Elem()) || types.IsInterface(u.Elem()) || types.Identical(u.Elem(), types.Typ[types.Byte])
	case *types.Interface:
		return u.Empty()
	case *types.Map:
		return true
	}
	return false
}

// secretInstead returns a fix for an argument X.Reveal() of a parameter that takes anything: X.
func (l *leaks) secretInstead(arg argument) []analysis.SuggestedFix {
	call, ok := arg.pos.(*ast.CallExpr)
	boxed, isBoxed := arg.value.(*ssa.MakeInterface)
	if !ok || !isBoxed {
		return nil
	}
	from, ok := boxed.X.(*ssa.Call)
	selector, isMethod := call.Fun.(*ast.SelectorExpr)
	if !ok || !isMethod || (called(from.Common()) != function{runtimePath, "Secret", "Reveal"}) {
		return nil
	}
	return []analysis.SuggestedFix{fix("Pass the Secret, which prints as [redacted]", replace(call, l.text(selector.X)))}
}
