package analyzers

import (
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// maxCalls is how many calls deep a trace follows results into functions.
const maxCalls = 4

// trace finds where a value comes from, backwards through the functions of a package: through
// variables, fields of local structs, maps and slices made here, and what functions of the
// package return. It knows no more of other memory than what it says: a trace ends there.
type trace struct {
	source *source
	// found is called for each value on the way. If it returns true, the trace ends there.
	found func(v ssa.Value) bool
	// passes reports whether the first result of a function contains its argument of that index,
	// where a receiver counts as one, if not nil. Then a value in a map counts as the map too.
	passes func(f function, arg int) bool
	// unknown, if not nil, is called for each value that the trace ends at otherwise.
	unknown func(v ssa.Value)
	// callers says that the trace goes on, from a parameter, at all calls of the function in the
	// package.
	callers bool

	seen map[step]bool
}

// step is a value, seen in a call. The results of a function are traced for each call by
// itself, so that the arguments of one are not taken for those of another.
type step struct {
	value ssa.Value
	field int // of which only this field counts, or -1
	frame *frame
}

// frame is a call that a trace has gone into.
type frame struct {
	call  *ssa.Call
	outer *frame
	depth int
}

// from traces a value.
func (t *trace) from(v ssa.Value) {
	t.seen = make(map[step]bool)
	t.value(v, -1, nil)
}

// value traces a value or, if field is not negative, a field of it.
func (t *trace) value(v ssa.Value, field int, in *frame) {
	s := step{v, field, in}
	if t.seen[s] || len(t.seen) > 10000 {
		return
	}
	t.seen[s] = true
	if field < 0 && t.found(v) {
		return
	}
	if x := converted(v); x != nil {
		t.value(x, field, in)
		return
	}
	switch v := v.(type) {
	case *ssa.Phi:
		for _, e := range v.Edges {
			t.value(e, field, in)
		}
	case *ssa.BinOp:
		if v.Op == token.ADD && isText(v.Type()) {
			t.value(v.X, -1, in)
			t.value(v.Y, -1, in)
		}
	case *ssa.Field:
		t.value(v.X, v.Field, in)
	case *ssa.Call:
		t.result(v, 0, field, in)
	case *ssa.Extract:
		t.extract(v, field, in)
	case *ssa.FreeVar, *ssa.Parameter:
		t.outside(v, field, in)
	default:
		t.memory(v, field, in)
	}
}

// converted returns what a value is a conversion of; nil if it is none.
func converted(v ssa.Value) ssa.Value {
	switch v := v.(type) {
	case *ssa.Convert:
		return v.X
	case *ssa.MultiConvert:
		return v.X
	case *ssa.ChangeType:
		return v.X
	case *ssa.ChangeInterface:
		return v.X
	case *ssa.MakeInterface:
		return v.X
	case *ssa.TypeAssert:
		return v.X
	}
	return nil
}

// memory traces what is stored in a variable, or in a slice, an array or a map.
func (t *trace) memory(v ssa.Value, field int, in *frame) {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.MUL {
			t.load(v.X, field, in)
		}
	case *ssa.Alloc, *ssa.MakeSlice, *ssa.FieldAddr, *ssa.IndexAddr:
		t.load(v, field, in)
	case *ssa.Slice:
		if v.Low == nil && v.High == nil { // and not a part
			t.value(v.X, field, in)
		}
	case *ssa.Index:
		if !isText(v.X.Type()) {
			t.value(v.X, field, in)
		}
	case *ssa.MakeMap:
		t.updates(v, nil, field, in)
	case *ssa.Lookup:
		if m, ok := v.X.(*ssa.MakeMap); ok {
			t.updates(m, v.Index, field, in)
		}
	default:
		t.end(v)
	}
}

func (t *trace) end(v ssa.Value) {
	if t.unknown != nil {
		t.unknown(v)
	}
}

func (t *trace) extract(v *ssa.Extract, field int, in *frame) {
	switch tuple := v.Tuple.(type) {
	case *ssa.Call:
		t.result(tuple, v.Index, field, in)
	case *ssa.TypeAssert, *ssa.Lookup:
		if v.Index == 0 {
			t.value(tuple, field, in)
		}
	case *ssa.Next:
		t.ranged(tuple, v.Index, field, in)
	default:
		t.end(v)
	}
}

// ranged traces a key or a value of a map that a loop goes over. A letter of a text is a part of it
// only, and a key names what a map holds.
func (t *trace) ranged(next *ssa.Next, index, field int, in *frame) {
	over, ok := next.Iter.(*ssa.Range)
	switch {
	case !ok || next.IsString || index == 0:
	case index == 2 && t.passes != nil:
		t.value(over.X, field, in)
	default:
		t.end(next)
	}
}

// result traces what a call returns.
func (t *trace) result(call *ssa.Call, index, field int, in *frame) {
	name := called(call.Common())
	callee := call.Common().StaticCallee()
	switch {
	case t.passes != nil && t.passes(name, 0) && index == 0:
		for i, arg := range call.Common().Args {
			if t.passes(name, i) {
				t.value(arg, -1, in)
			}
		}
		return
	case callee == nil || len(origin(callee).Blocks) == 0 || in != nil && in.depth >= maxCalls || t.recursive(call, in):
		t.end(call)
		return
	}
	inner := &frame{call: call, outer: in, depth: 1}
	if in != nil {
		inner.depth = in.depth + 1
	}
	for _, results := range returns(origin(callee)) {
		if index < len(results) {
			t.value(results[index], field, inner)
		}
	}
}

// recursive reports whether a trace is in a call of the same function already.
func (t *trace) recursive(call *ssa.Call, in *frame) bool {
	for f := in; f != nil; f = f.outer {
		if origin(f.call.Call.StaticCallee()) == origin(call.Call.StaticCallee()) {
			return true
		}
	}
	return false
}

// returns lists the results of each return of a function.
func returns(fn *ssa.Function) [][]ssa.Value {
	var list [][]ssa.Value
	for _, b := range fn.Blocks {
		if b == fn.Recover || len(b.Instrs) == 0 {
			continue
		}
		if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			list = append(list, r.Results)
		}
	}
	return list
}

// outside traces a value that a function takes from outside: a parameter or a variable of the
// function around it.
func (t *trace) outside(v ssa.Value, field int, in *frame) {
	switch v := v.(type) {
	case *ssa.FreeVar:
		i := slices.Index(v.Parent().FreeVars, v)
		for _, c := range t.source.closures[v.Parent()] {
			t.value(c.Bindings[i], field, in)
		}
	case *ssa.Parameter:
		i := slices.Index(v.Parent().Params, v)
		if in != nil && origin(in.call.Call.StaticCallee()) == v.Parent() {
			t.value(in.call.Call.Args[i], field, in.outer)
			return
		}
		calls := t.source.callers[v.Parent()]
		if !t.callers || len(calls) == 0 {
			t.end(v)
			return
		}
		for _, call := range calls {
			if i < len(call.Common().Args) {
				t.value(call.Common().Args[i], field, nil)
			}
		}
	}
}

// load traces what is stored at an address or, if field is not negative, in a field there.
func (t *trace) load(addr ssa.Value, field int, in *frame) {
	switch a := addr.(type) {
	case *ssa.FieldAddr:
		if field < 0 {
			t.load(a.X, a.Field, in)
			return
		}
		t.end(addr)
	case *ssa.IndexAddr:
		t.load(a.X, -1, in)
	case *ssa.FreeVar:
		t.outside(a, field, in)
	case *ssa.Alloc:
		t.stores(a, field, in)
	case *ssa.MakeSlice:
		t.stores(a, field, in)
	case *ssa.Slice:
		t.load(a.X, field, in)
	case *ssa.Parameter:
		if in != nil {
			t.outside(a, field, in)
			return
		}
		t.end(addr)
	case *ssa.UnOp:
		t.value(a, field, in)
	default:
		t.end(addr)
	}
}

// stores traces all that is stored in a variable, also by function literals that use it.
func (t *trace) stores(addr ssa.Value, field int, in *frame) {
	if addr.Referrers() == nil {
		return
	}
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == addr {
				t.value(r.Val, field, in)
			}
		case *ssa.FieldAddr:
			if r.X == addr && (field < 0 || r.Field == field) {
				t.stores(r, -1, in)
			}
		case *ssa.IndexAddr:
			if r.X == addr {
				t.stores(r, field, in)
			}
		case *ssa.MakeClosure:
			for i, b := range r.Bindings {
				if inner, ok := r.Fn.(*ssa.Function); ok && b == addr {
					t.stores(inner.FreeVars[i], field, in)
				}
			}
		case *ssa.MakeInterface, *ssa.Call:
			t.writes(addr, r, in)
		}
	}
}

// writes traces what is written to a strings.Builder or a bytes.Buffer.
func (t *trace) writes(addr ssa.Value, use ssa.Instruction, in *frame) {
	if !isType(addr.Type(), "strings", "Builder") && !isType(addr.Type(), "bytes", "Buffer") {
		return
	}
	switch use := use.(type) {
	case *ssa.MakeInterface: // of a writer
		for _, r := range *use.Referrers() {
			if call, ok := r.(*ssa.Call); ok && isPrintTo(called(call.Common())) && call.Call.Args[0] == use {
				t.arguments(call, in)
			}
		}
	case *ssa.Call:
		switch called(use.Common()).name {
		case "Write", "WriteString":
			t.arguments(use, in)
		}
	}
}

// arguments traces the arguments of a call but the first, which is what it writes to.
func (t *trace) arguments(call *ssa.Call, in *frame) {
	for _, arg := range call.Call.Args[1:] {
		t.value(arg, -1, in)
	}
}

// isPrintTo reports whether a function is one of Fprint, Fprintf and Fprintln.
func isPrintTo(f function) bool {
	return f.pkg == "fmt" && (f.name == "Fprint" || f.name == "Fprintf" || f.name == "Fprintln")
}

// updates traces what is put into a map, of which only one key counts if it is constant, and only
// a field if it is not negative.
func (t *trace) updates(m *ssa.MakeMap, key ssa.Value, field int, in *frame) {
	want, fixed := textOf(key)
	for _, r := range *m.Referrers() {
		u, ok := r.(*ssa.MapUpdate)
		if !ok || u.Map != m {
			continue
		}
		if at, ok := textOf(u.Key); ok && fixed && at != want {
			continue
		}
		t.value(u.Value, field, in)
	}
}

// textOf returns the value of a constant text.
func textOf(v ssa.Value) (string, bool) {
	switch v := v.(type) {
	case *ssa.Const:
		if v.Value != nil && v.Value.Kind() == constant.String {
			return constant.StringVal(v.Value), true
		}
	case *ssa.MakeInterface:
		return textOf(v.X)
	}
	return "", false
}
