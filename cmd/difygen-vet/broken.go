package main

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// broken are packages that do not compile, and those that import one. What is wrong is printed before
// any analyzer runs.
type broken struct{ packages sync.Map }

// skip lets analyzers, and those that they require, pass over broken packages. Otherwise each would
// print that it is skipped, once for each package.
func (b *broken) skip(list []*analysis.Analyzer) {
	seen := make(map[*analysis.Analyzer]bool)
	for len(list) > 0 {
		a := list[0]
		list = append(list[1:], a.Requires...)
		if seen[a] {
			continue
		}
		seen[a] = true
		a.RunDespiteErrors = true
		run := a.Run
		a.Run = func(pass *analysis.Pass) (any, error) {
			if !b.has(pass) {
				return run(pass)
			}
			if a.ResultType == nil {
				return nil, nil //nolint:nilnil // no result
			}
			return reflect.Zero(a.ResultType).Interface(), nil
		}
	}
}

// has reports whether a package is broken.
func (b *broken) has(pass *analysis.Pass) bool {
	if is, known := b.packages.Load(pass.Pkg); known {
		return is == true
	}
	imported := func(p *types.Package) bool {
		is, _ := b.packages.Load(p)
		return is == true
	}
	is := len(pass.TypeErrors) > 0 || slices.ContainsFunc(pass.Pkg.Imports(), imported) || slices.ContainsFunc(pass.Files, isBad)
	b.packages.Store(pass.Pkg, is)
	return is
}

// isBad reports whether a file has a part that cannot be parsed.
func isBad(file *ast.File) bool {
	for n := range ast.Preorder(file) {
		switch n.(type) {
		case *ast.BadDecl, *ast.BadStmt, *ast.BadExpr:
			return true
		}
	}
	return false
}
