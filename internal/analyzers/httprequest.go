package analyzers

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// sending finds what becomes of a request without a context, forwards: through variables, into the
// functions of a package that it is given to, and out of those that return it.
type sending struct {
	source *source
	sent   bool // by an http.Client
	// unsure says that the request gets a context or a deadline, or that it gets where this
	// cannot be seen.
	unsure bool
	seen   map[ssa.Value]bool
}

// sentUnbounded reports whether a request that http.NewRequest makes is sent, and certainly gets
// neither a context nor a deadline.
func (s *source) sentUnbounded(call *ssa.Call) bool {
	f := sending{source: s, seen: make(map[ssa.Value]bool)}
	f.result(call, 0)
	return f.sent && !f.unsure
}

// result follows a result of a call.
func (f *sending) result(call *ssa.Call, index int) {
	if _, ok := call.Type().(*types.Tuple); !ok {
		f.follow(call)
		return
	}
	for _, r := range *call.Referrers() {
		switch r := r.(type) {
		case *ssa.Extract:
			if r.Index == index {
				f.follow(r)
			}
		case *ssa.DebugRef:
		default:
			f.unsure = true
		}
	}
}

// follow finds what becomes of a request.
func (f *sending) follow(request ssa.Value) {
	if f.unsure || f.seen[request] || request.Referrers() == nil {
		return
	}
	f.seen[request] = true
	for _, r := range *request.Referrers() {
		switch r := r.(type) {
		case *ssa.FieldAddr, *ssa.BinOp, *ssa.DebugRef: // to read or set a field, or a comparison with nil
		case *ssa.Phi:
			f.follow(r)
		case *ssa.Store:
			variable, ok := r.Addr.(*ssa.Alloc)
			if !ok {
				f.unsure = true
				return
			}
			f.variable(variable)
		case *ssa.Return:
			f.returned(r.Parent(), slices.Index(r.Results, request))
		case ssa.CallInstruction:
			f.called(r.Common(), request)
		default:
			f.unsure = true
		}
	}
}

// variable follows what is in a variable, also in function literals that use it.
func (f *sending) variable(addr ssa.Value) {
	if f.seen[addr] {
		return
	}
	f.seen[addr] = true
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.DebugRef:
		case *ssa.Store: // of another request, perhaps, or of the address
			f.unsure = f.unsure || r.Addr != addr
		case *ssa.UnOp:
			f.follow(r)
		case *ssa.MakeClosure:
			if inner, ok := r.Fn.(*ssa.Function); ok {
				f.variable(inner.FreeVars[slices.Index(r.Bindings, addr)])
			}
		default:
			f.unsure = true
		}
	}
}

// returned follows a result of a function to its calls in the package.
func (f *sending) returned(fn *ssa.Function, index int) {
	callers := f.source.callers[fn]
	f.unsure = f.unsure || len(callers) == 0
	for _, c := range callers {
		if call, ok := c.(*ssa.Call); ok {
			f.result(call, index)
		}
	}
}

// called finds what a call does with a request.
func (f *sending) called(call *ssa.CallCommon, request ssa.Value) {
	name := called(call)
	callee := call.StaticCallee()
	switch {
	case name == function{"net/http", "Client", "Do"}:
		f.sent = true
		f.unsure = f.unsure || f.source.timeout(call.Args[0]) == withTimeout
	case name.pkg == "net/http" && name.receiver == "Request":
		f.unsure = f.unsure || name.name == "WithContext" || name.name == "Clone"
	case callee == nil || len(origin(callee).Blocks) == 0:
		f.unsure = true // as with the functions of package runtime, which set a deadline
	default:
		for i, arg := range call.Args {
			if arg == request {
				f.follow(origin(callee).Params[i])
			}
		}
	}
}
