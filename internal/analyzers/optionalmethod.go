package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/difygen/difygen/internal/text"
)

var optionalMethod = &analysis.Analyzer{
	Name: "optionalmethod",
	Doc: `find optional methods of model providers that nothing calls

A provider of models can have methods that the compiler does not ask for: CountTokens, CountEmbedTokens,
EmbedMultimodal, RerankMultimodal, and StartPolling with CheckPolling. Package runtime looks whether the
provider has them, by their names and types. With another type, or a name that is spelled differently, such a
method is one that nothing calls: tokens are estimated, and calls with images fail.

Bad:

	func (p *Provider) CountTokens(call *LLMCall) int {
	func (p *Provider) CountToken(ctx context.Context, call *LLMCall) (int, error) {

Good:

	func (p *Provider) CountTokens(ctx context.Context, call *LLMCall) (int, error) {

A method that other code of the package uses is not reported, nor is one that gets no call. To let the compiler
hold a method to its type, write, for example:

	var _ llm.TokenCounter[Credentials, LLMParameters] = (*Provider)(nil)`,
	URL:      page + "#optionalmethod",
	Run:      runOptionalMethod,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

// optional are the interfaces that the Bind of a package looks for in a provider.
var optional = map[string][]string{
	llmPath:       {"TokenCounter", "Poller"},
	embeddingPath: {"TokenCounter", "MultimodalProvider"},
	rerankPath:    {"MultimodalProvider"},
}

func runOptionalMethod(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for file := range s.generated {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Body == nil {
				continue
			}
			obj, _ := pass.TypesInfo.Defs[fn.Name].(*types.Func)
			if provider := providerOf(obj); provider != nil {
				s.checkOptional(pass, provider, fn.Body)
			}
		}
	}
	return nil, nil
}

// providerOf returns what a function makes a runtime.ModelProvider of; nil if it does not.
func providerOf(fn *types.Func) types.Type {
	if fn == nil {
		return nil
	}
	in, out := fn.Signature().Params(), fn.Signature().Results()
	if in.Len() != 1 || out.Len() != 1 || !isRuntimeType(out.At(0).Type(), "ModelProvider") {
		return nil
	}
	return in.At(0).Type()
}

// checkOptional checks the methods of a provider for each Bind in the function that binds it.
func (s *source) checkOptional(pass *analysis.Pass, provider types.Type, body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || id.Name != "Bind" {
			return true
		}
		fn, ok := pass.TypesInfo.Uses[id].(*types.Func)
		if !ok || fn.Pkg() == nil {
			return true
		}
		for _, name := range optional[fn.Pkg().Path()] {
			if iface := instance(fn.Pkg(), name, pass.TypesInfo.Instances[id].TypeArgs); iface != nil {
				s.checkMethods(pass, provider, iface)
			}
		}
		return true
	})
}

// instance returns the interface of a generic type of a package; nil if there is none.
func instance(pkg *types.Package, name string, args *types.TypeList) *types.Interface {
	t, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok || args == nil {
		return nil
	}
	named, ok := t.Type().(*types.Named)
	if !ok || named.TypeParams().Len() > args.Len() {
		return nil
	}
	var list []types.Type
	for i := range named.TypeParams().Len() {
		list = append(list, args.At(i))
	}
	full, err := types.Instantiate(nil, named, list, true)
	if err != nil {
		return nil
	}
	iface, _ := full.Underlying().(*types.Interface)
	return iface
}

// checkMethods reports methods of a provider that have the names of those of an interface that it does not
// implement.
func (s *source) checkMethods(pass *analysis.Pass, provider types.Type, iface *types.Interface) {
	if types.Implements(provider, iface) {
		return
	}
	missing := ""
	var right []*types.Func
	for want := range iface.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(provider, true, pass.Pkg, want.Name())
		switch got, ok := obj.(*types.Func); {
		case !ok:
			missing = want.Name()
			s.checkNames(pass, provider, want)
		case s.isUsed(pass, got):
		case types.Identical(got.Type(), want.Type()):
			right = append(right, got)
		default:
			s.report(pass, s.nodeAt(got.Pos()), fmt.Sprintf("nothing calls %s, since its type is not %s", got.Name(), s.signature(want.Signature())))
		}
	}
	for _, got := range right {
		if missing != "" {
			s.report(pass, s.nodeAt(got.Pos()), fmt.Sprintf("nothing calls %s without %s, which is missing", got.Name(), missing))
		}
	}
}

// maxMisspelt is how many characters of a name may be wrong.
const maxMisspelt = 2

// checkNames reports the methods of a provider that are meant to be the one that it lacks: their names are
// nearly that of it, or their types are its type.
func (s *source) checkNames(pass *analysis.Pass, provider types.Type, want *types.Func) {
	for selection := range types.NewMethodSet(provider).Methods() {
		got, ok := selection.Obj().(*types.Func)
		if !ok || s.file(got.Pos()) == nil || !takesCall(got.Signature()) {
			continue
		}
		same := types.Identical(got.Type(), want.Type())
		wrong := text.Distance(text.Fold(got.Name()), text.Fold(want.Name()), maxMisspelt+1)
		if !same && wrong > maxMisspelt || s.isUsed(pass, got) || s.isDemanded(pass, provider, got) {
			continue
		}
		message := fmt.Sprintf("nothing calls %s; did you mean %s", got.Name(), want.Name())
		if !same {
			message += ", whose type is " + s.signature(want.Signature())
		}
		s.report(pass, s.nodeAt(got.Pos()), message+"?")
	}
}

// takesCall reports whether a function gets a call of a model.
func takesCall(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		t := typeName(v.Type())
		if t == nil || t.Pkg() == nil || !strings.HasSuffix(t.Name(), "Call") {
			continue
		}
		if _, ok := optional[t.Pkg().Path()]; ok {
			return true
		}
	}
	return false
}

// isDemanded reports whether an interface that the package uses, and that the provider implements, has a
// method.
func (s *source) isDemanded(pass *analysis.Pass, provider types.Type, method *types.Func) bool {
	for _, v := range pass.TypesInfo.Types {
		iface, ok := types.Unalias(v.Type).Underlying().(*types.Interface)
		if !ok || !types.Implements(provider, iface) {
			continue
		}
		for m := range iface.Methods() {
			if m.Name() == method.Name() {
				return true
			}
		}
	}
	return false
}

// isUsed reports whether the author's code uses a method.
func (s *source) isUsed(pass *analysis.Pass, method *types.Func) bool {
	for id, obj := range pass.TypesInfo.Uses {
		if fn, ok := obj.(*types.Func); ok && fn.Origin() == method.Origin() && s.file(id.Pos()) != nil {
			return true
		}
	}
	return false
}

// signature returns a signature as an author writes it, with the aliases that difygen generates.
func (s *source) signature(sig *types.Signature) string {
	list := func(vars *types.Tuple, named bool) string {
		var texts []string
		for v := range vars.Variables() {
			text := s.typeText(v.Type())
			if named && v.Name() != "" {
				text = v.Name() + " " + text
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("func(%s) (%s)", list(sig.Params(), true), list(sig.Results(), false))
}

func (s *source) typeText(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		return "*" + s.typeText(p.Elem())
	}
	scope := s.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		alias, ok := scope.Lookup(name).(*types.TypeName)
		if ok && alias.IsAlias() && types.Identical(alias.Type(), t) {
			return name
		}
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p == s.pass.Pkg {
			return ""
		}
		return p.Name()
	})
}
