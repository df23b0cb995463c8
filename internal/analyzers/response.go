package analyzers

import (
	"go/constant"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// isResponse reports whether a writer is certainly the http.ResponseWriter of a request.
func isResponse(w ssa.Value) bool {
	for w != nil {
		if isType(w.Type(), "net/http", "ResponseWriter") {
			return true
		}
		w = converted(w)
	}
	return false
}

// respondsWith returns how a call writes its argument of that index into the body or the headers of a
// response, such as "http.Error"; "" if it does not.
func respondsWith(call *ssa.CallCommon, index int) string {
	f := called(call)
	responds := false
	switch {
	case f == function{"net/http", "", "Error"}:
		responds = index == 1
	case f == function{"net/http", "ResponseWriter", "Write"}:
		responds = true
	case isPrintTo(f), f == function{"io", "", "WriteString"}:
		responds = index > 0 && isResponse(call.Args[0])
	case f == function{"encoding/json", "Encoder", "Encode"}:
		made, ok := call.Args[0].(*ssa.Call)
		responds = ok && called(made.Common()) == function{"encoding/json", "", "NewEncoder"} && isResponse(made.Call.Args[0])
	case setsHeader(call):
		responds = true
	}
	if !responds {
		return ""
	}
	return f.String()
}

// setsHeader reports whether a call sets a header of a response.
func setsHeader(call *ssa.CallCommon) bool {
	f := called(call)
	if f.pkg != "net/http" || f.receiver != "Header" || !slices.Contains([]string{"Set", "Add"}, f.name) {
		return false
	}
	of, ok := call.Args[0].(*ssa.Call)
	return ok && called(of.Common()) == function{"net/http", "ResponseWriter", "Header"}
}

// number returns the value of a constant whole number.
func number(v ssa.Value) (int64, bool) {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0, false
	}
	return constant.Int64Val(c.Value)
}
