package analyzers

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

var oauthRefresh = &analysis.Analyzer{
	Name: "oauthrefresh",
	Doc: `find OAuth refreshes that return the old credentials

Dify calls OAuthRefreshCredentials when credentials have expired, and replaces what it stored by the
result. A method that returns its argument unchanged does not refresh: the next call fails with the
old token, and Dify asks again each time, or, without ExpiresAt, never again.

Bad:

	return runtime.OAuthResult[OAuthCredentials]{Credentials: creds}, nil

Good, for tokens that expire, is the flow of package runtime/authcode, or a request for new ones. For
tokens that do not, set no ExpiresAt in OAuthGetCredentials, and return an error here, since Dify only
calls it when something is wrong:

	return runtime.OAuthResult[OAuthCredentials]{}, errors.New("the token cannot be refreshed; authorize again")

Only a method all of whose results are unchanged is reported.`,
	URL:      page + "#oauthrefresh",
	Run:      runOAuthRefresh,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runOAuthRefresh(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for _, fn := range s.functions {
		decl, ok := fn.Syntax().(*ast.FuncDecl)
		results := fn.Signature.Results()
		if !ok || fn.Name() != "OAuthRefreshCredentials" || fn.Signature.Recv() == nil || results.Len() != 2 ||
			!isRuntimeType(results.At(0).Type(), "OAuthResult") || len(fn.Params) < 2 {
			continue
		}
		if returnsUnchanged(fn, fn.Params[len(fn.Params)-1]) {
			s.report(pass, decl.Name, "OAuthRefreshCredentials returns the credentials that it is given, so an expired token stays")
		}
	}
	return nil, nil
}

// returnsUnchanged reports whether all results of a function without an error hold the value of
// a parameter, which nothing changes.
func returnsUnchanged(fn *ssa.Function, creds *ssa.Parameter) bool {
	found := false
	for _, r := range returns(fn) {
		if err, ok := r[1].(*ssa.Const); !ok || !err.IsNil() {
			if zero, ok := r[0].(*ssa.Const); ok && zero.Value == nil {
				continue // a failure
			}
			return false
		}
		load, ok := r[0].(*ssa.UnOp)
		if !ok {
			return false
		}
		result, ok := load.X.(*ssa.Alloc)
		if !ok || !holdsUnchanged(result, creds) {
			return false
		}
		found = true
	}
	return found
}

// holdsUnchanged reports whether a local OAuthResult has a parameter as its Credentials.
func holdsUnchanged(result *ssa.Alloc, creds *ssa.Parameter) bool {
	found := false
	for _, r := range *result.Referrers() {
		switch r := r.(type) {
		case *ssa.FieldAddr:
			if fieldName(r) != "Credentials" {
				continue
			}
			for _, use := range *r.Referrers() {
				store, ok := use.(*ssa.Store)
				if !ok || !isUnchanged(store.Val, creds) {
					return false
				}
				found = true
			}
		case *ssa.UnOp:
		default:
			return false
		}
	}
	return found
}

// isUnchanged reports whether a value is that of a parameter.
func isUnchanged(v ssa.Value, creds *ssa.Parameter) bool {
	if v == creds {
		return true
	}
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	variable, ok := load.X.(*ssa.Alloc)
	if !ok {
		return false
	}
	for _, r := range *variable.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Val != creds {
				return false
			}
		case *ssa.FieldAddr:
			for _, use := range *r.Referrers() {
				if read, ok := use.(*ssa.UnOp); !ok || read.X != r {
					return false
				}
			}
		case *ssa.UnOp:
		default:
			return false
		}
	}
	return true
}
