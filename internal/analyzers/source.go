package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/ssa"
)

// sourceAnalyzer prepares the code of authors for the other analyzers. Unlike buildssa, it does
// nothing in packages that have nothing to do with difygen, of which a plugin imports hundreds.
var sourceAnalyzer = &analysis.Analyzer{
	Name:       "difygensource",
	Doc:        "build the SSA form of packages that depend on difygen's runtime",
	URL:        page,
	Run:        prepare,
	Requires:   []*analysis.Analyzer{codeAnalyzer},
	ResultType: reflect.TypeFor[*source](),
}

// source is the code of a package.
type source struct {
	*code
	pass  *analysis.Pass
	files []*ast.File // of authors, without tests
	// functions are those in files, with the function literals in them, and what initializes
	// variables.
	functions []*ssa.Function
	// Expressions by the position that their SSA form has: that of a parenthesis, a bracket or
	// an operator, and the start of the expression of a case.
	calls      map[token.Pos]*ast.CallExpr
	indexes    map[token.Pos]*ast.IndexExpr
	operations map[token.Pos]*ast.BinaryExpr
	cases      map[token.Pos]ast.Expr
	callers    map[*ssa.Function][]ssa.CallInstruction
	closures   map[*ssa.Function][]*ssa.MakeClosure
}

func prepare(pass *analysis.Pass) (any, error) {
	s := &source{
		code: pass.ResultOf[codeAnalyzer].(*code), pass: pass,
		calls:      make(map[token.Pos]*ast.CallExpr),
		indexes:    make(map[token.Pos]*ast.IndexExpr),
		operations: make(map[token.Pos]*ast.BinaryExpr),
		cases:      make(map[token.Pos]ast.Expr),
		callers:    make(map[*ssa.Function][]ssa.CallInstruction),
		closures:   make(map[*ssa.Function][]*ssa.MakeClosure),
	}
	if !s.plugin {
		return s, nil
	}
	prog := ssa.NewProgram(pass.Fset, 0)
	for _, p := range dependencies(pass.Pkg) {
		prog.CreatePackage(p, nil, nil, true)
	}
	built := prog.CreatePackage(pass.Pkg, pass.Files, pass.TypesInfo, false)
	built.Build()
	for _, file := range pass.Files {
		if s.generated[file] || strings.HasSuffix(pass.Fset.File(file.FileStart).Name(), "_test.go") {
			continue
		}
		s.files = append(s.files, file)
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				if obj, ok := pass.TypesInfo.Defs[fn.Name].(*types.Func); ok {
					s.addFunction(prog.FuncValue(obj))
				}
			}
		}
		s.addExpressions(file)
	}
	s.addFunction(built.Func("init"))
	return s, nil
}

func (s *source) addExpressions(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s.calls[n.Lparen] = n
		case *ast.IndexExpr:
			s.indexes[n.Lbrack] = n
		case *ast.BinaryExpr:
			s.operations[n.OpPos] = n
		case *ast.CaseClause:
			for _, x := range n.List {
				s.cases[x.Pos()] = x
			}
		}
		return true
	})
}

// instructions are those of a type in the functions of the author.
func instructions[I ssa.Instruction](s *source) iter.Seq[I] {
	return func(yield func(I) bool) {
		for _, fn := range s.functions {
			for _, b := range fn.Blocks {
				for _, i := range b.Instrs {
					if x, ok := i.(I); ok && !yield(x) {
						return
					}
				}
			}
		}
	}
}

// addFunction adds a function and those within it.
func (s *source) addFunction(fn *ssa.Function) {
	if fn == nil {
		return
	}
	s.functions = append(s.functions, fn)
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			switch i := i.(type) {
			case ssa.CallInstruction:
				if callee := i.Common().StaticCallee(); callee != nil {
					s.callers[origin(callee)] = append(s.callers[origin(callee)], i)
				}
			case *ssa.MakeClosure:
				if inner, ok := i.Fn.(*ssa.Function); ok {
					s.closures[inner] = append(s.closures[inner], i)
				}
			}
		}
	}
	for _, inner := range fn.AnonFuncs {
		s.addFunction(inner)
	}
}

// origin returns the generic function that fn is an instance of, or fn.
func origin(fn *ssa.Function) *ssa.Function {
	if o := fn.Origin(); o != nil {
		return o
	}
	return fn
}

// file returns the author's file that a position is in.
func (s *source) file(pos token.Pos) *ast.File {
	for _, file := range s.files {
		if file.FileStart <= pos && pos <= file.FileEnd {
			return file
		}
	}
	return nil
}

// nodeAt returns the smallest expression, or statement, at the first position that is in a file
// of the author; nil if none is.
func (s *source) nodeAt(positions ...token.Pos) ast.Node {
	for _, pos := range positions {
		if file := s.file(pos); file != nil && pos.IsValid() {
			if path, _ := astutil.PathEnclosingInterval(file, pos, pos); len(path) > 0 {
				return path[0]
			}
		}
	}
	return nil
}

// fieldName returns the name of the field of which this is the address.
func fieldName(at *ssa.FieldAddr) string {
	if p, ok := at.X.Type().Underlying().(*types.Pointer); ok {
		if fields, ok := p.Elem().Underlying().(*types.Struct); ok {
			return fields.Field(at.Field).Name()
		}
	}
	return ""
}

// function is the name of a function: its package, the type that it is a method of, if any, and
// its own.
type function struct{ pkg, receiver, name string }

// called returns the name of the function that is called, if it is known.
func called(call *ssa.CallCommon) function {
	if call.IsInvoke() {
		return nameOf(call.Method)
	}
	if callee := call.StaticCallee(); callee != nil {
		if obj, ok := origin(callee).Object().(*types.Func); ok {
			return nameOf(obj)
		}
	}
	if b, ok := call.Value.(*ssa.Builtin); ok {
		return function{"", "", b.Name()}
	}
	return function{}
}

func nameOf(fn *types.Func) function {
	f := function{name: fn.Name()}
	if fn.Pkg() != nil {
		f.pkg = fn.Pkg().Path()
	}
	if r := fn.Signature().Recv(); r != nil {
		if t := typeName(r.Type()); t != nil {
			f.receiver = t.Name()
		}
	}
	return f
}

func (f function) String() string {
	base := f.pkg[strings.LastIndex(f.pkg, "/")+1:]
	switch {
	case f.pkg == "":
		return f.name
	case f.receiver != "":
		return base + "." + f.receiver + "." + f.name
	}
	return base + "." + f.name
}

// argument is an argument of a call.
type argument struct {
	value ssa.Value
	pos   ast.Node // its expression, or the call's
	index int      // of the parameter; the receiver is not one
}

// callAt returns the expression of a call; nil if it has none. The position of a go or a defer is that
// of the keyword, but all have that of the parenthesis too.
func (s *source) callAt(call ssa.CallInstruction) *ast.CallExpr { return s.calls[call.Common().Pos()] }

// arguments returns the arguments of a call, of a variadic one each by itself.
func (s *source) arguments(call ssa.CallInstruction) []argument {
	common := call.Common()
	values := common.Args
	signature := common.Signature()
	if !common.IsInvoke() && signature.Recv() != nil {
		values = values[1:]
	}
	expr := s.callAt(call)
	at := func(i int) ast.Node {
		if expr != nil && i < len(expr.Args) {
			return expr.Args[i]
		}
		if expr != nil {
			return expr
		}
		return nil
	}
	var list []argument
	for i, v := range values {
		spread := expr == nil || expr.Ellipsis.IsValid()
		if signature.Variadic() && i == len(values)-1 && !spread {
			for k, element := range elements(v) {
				list = append(list, argument{element, at(i + k), i})
			}
			continue
		}
		list = append(list, argument{v, at(i), i})
	}
	return list
}

// elements returns what a slice holds that was made for variadic arguments.
func elements(v ssa.Value) []ssa.Value {
	slice, ok := v.(*ssa.Slice)
	if !ok || slice.X.Referrers() == nil {
		return nil
	}
	var list []ssa.Value
	for _, r := range *slice.X.Referrers() {
		if at, ok := r.(*ssa.IndexAddr); ok {
			for _, r := range *at.Referrers() {
				if store, ok := r.(*ssa.Store); ok && store.Addr == at {
					list = append(list, store.Val)
				}
			}
		}
	}
	return list
}
