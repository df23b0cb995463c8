package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// Severity is error or warning.
type Severity string

// The severities. An error stops generation; a warning does not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Diagnostic is one problem in a file.
type Diagnostic struct {
	Pos        Position // File is set; Line and Column are 0 if the whole file is meant
	Severity   Severity
	Rule       Rule
	Message    string // one line, without a final period
	Suggestion string // what the author may have meant, or ""

	strict bool // an error in a run that does more than inspect
}

// String formats d as FILE:LINE:COL: SEVERITY: MESSAGE [RULE], on one line. Names of files
// and what comes from YAML are made safe to print.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.Pos.File)
	if d.Pos.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Pos.Line, max(d.Pos.Column, 1))
	}
	fmt.Fprintf(&b, ": %s: %s", d.Severity, d.Message)
	if d.Suggestion != "" {
		fmt.Fprintf(&b, " (did you mean %s?)", d.Suggestion)
	}
	fmt.Fprintf(&b, " [%s]", d.Rule)
	return text.Printable(b.String())
}

// Diagnostics are the problems that a run found.
type Diagnostics []Diagnostic

// sort orders ds by file, line, column, severity (errors first), rule and message,
// and drops exact repeats.
func (ds Diagnostics) sort() Diagnostics {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			strings.Compare(string(a.Severity), string(b.Severity)),
			strings.Compare(string(a.Rule), string(b.Rule)),
			strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(ds)
}

// Join returns the diagnostics of several runs, sorted. What several of them found is there
// once, as an error if it is one for any.
func Join(runs ...Diagnostics) Diagnostics {
	all := slices.Concat(runs...).sort()
	errors := make(map[Diagnostic]bool)
	asError := func(d Diagnostic) Diagnostic {
		d.Severity, d.strict = SeverityError, false
		return d
	}
	for _, d := range all {
		if d.Severity == SeverityError {
			errors[asError(d)] = true
		}
	}
	return slices.CompactFunc(slices.DeleteFunc(all, func(d Diagnostic) bool {
		return d.Severity != SeverityError && errors[asError(d)]
	}), func(a, b Diagnostic) bool { return a.Severity == b.Severity && asError(a) == asError(b) })
}

// HasErrors reports whether any of ds is an error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == SeverityError })
}

// ForHost returns a copy of ds in which errors about Go code are warnings, for a run that
// only asks what the host sees.
func (ds Diagnostics) ForHost() Diagnostics {
	list := slices.Clone(ds)
	for i := range list {
		if list[i].Rule.info().onlyGo {
			list[i].Severity = SeverityWarning
		}
	}
	return list
}

// Promote returns a copy of ds in which every warning is an error, for -strict.
func (ds Diagnostics) Promote() Diagnostics {
	strict := slices.Clone(ds)
	for i := range strict {
		strict[i].Severity = SeverityError
	}
	return strict
}
