package model

import (
	"fmt"
	"slices"

	"github.com/difygen/difygen/internal/text"
)

// Findings collects the problems found in files, and the comments in the files that
// ignore warnings. Settle applies the comments to the problems, once, when everything has
// been read. The zero value is empty and ready to use.
type Findings struct {
	diagnostics Diagnostics
	ignores     []ignore
}

// Add adds diagnostics that were found elsewhere, such as in a file that the YAML names.
func (f *Findings) Add(more ...Diagnostic) { f.diagnostics = append(f.diagnostics, more...) }

// Merge adds all that other holds.
func (f *Findings) Merge(other Findings) {
	f.diagnostics = append(f.diagnostics, other.diagnostics...)
	f.ignores = append(f.ignores, other.ignores...)
}

// HasErrors reports whether f holds an error. It needs no call of Settle, because
// errors cannot be ignored.
func (f *Findings) HasErrors() bool { return f.diagnostics.HasErrors() }

// Errors returns the errors among the findings, in the order in which they were added.
func (f *Findings) Errors() []Diagnostic {
	return slices.DeleteFunc(slices.Clone(f.diagnostics), func(d Diagnostic) bool { return d.Severity != SeverityError })
}

// Settle returns the diagnostics, sorted, without the warnings that comments ignore. It is
// for the end of a run, when everything has been read.
//
// A comment "# difygen:ignore RULE" above a key or an item of a list, or at the end of its
// first line, covers all of its lines. Errors cannot be ignored. A comment that ignores
// nothing is itself a warning if the run took all steps that check its rule: the loading of
// files, which checks most rules, and those given. A run without steps only inspects: what
// the host loads but cannot keep is a warning then, and else an error.
func (f *Findings) Settle(steps ...Step) Diagnostics {
	type ruleInFile struct {
		file string
		rule Rule
	}
	byRule := make(map[ruleInFile][]int)
	for i, ig := range f.ignores {
		key := ruleInFile{ig.pos.File, ig.rule}
		byRule[key] = append(byRule[key], i)
	}
	used := make([]bool, len(f.ignores))
	refused := make([]bool, len(f.ignores))
	ignored := func(d Diagnostic) bool {
		found := false
		for _, i := range byRule[ruleInFile{d.Pos.File, d.Rule}] {
			switch {
			case !f.ignores[i].covers(d):
			case d.Severity == SeverityError:
				refused[i] = true
			default:
				used[i], found = true, true
			}
		}
		return found
	}
	diagnostics := slices.Clone(f.diagnostics)
	for i := range diagnostics {
		if diagnostics[i].strict && len(steps) > 0 {
			diagnostics[i].Severity = SeverityError
		}
	}
	settled := onceALanguage(slices.DeleteFunc(diagnostics.sort(), ignored))
	for i, ig := range f.ignores {
		unchecked := func(s Step) bool { return s != stepLoading && !slices.Contains(steps, s) }
		if !used[i] && ig.whole && !slices.ContainsFunc(ig.rule.info().steps, unchecked) {
			settled = append(settled, ig.unused(refused[i]))
		}
	}
	return settled.sort()
}

// onceALanguage keeps only the first diagnostic for each unknown language of a file. A
// plugin with texts in another language has them everywhere.
func onceALanguage(sorted Diagnostics) Diagnostics {
	type language struct{ file, message string }
	seen := make(map[language]bool)
	return slices.DeleteFunc(sorted, func(d Diagnostic) bool {
		if d.Rule != ruleUnknownLanguage {
			return false
		}
		l := language{d.Pos.File, d.Message}
		again := seen[l]
		seen[l] = true
		return again
	})
}

// reporter collects the findings in one file.
type reporter struct {
	Findings
	file string
}

// report adds a diagnostic with the severity of its rule.
func (r *reporter) report(at Position, rule Rule, format string, args ...any) {
	r.add(at, rule.info().severity, rule, "", fmt.Sprintf(format, args...))
}

// suggest is like report, with what the author may have meant.
func (r *reporter) suggest(at Position, rule Rule, meant, format string, args ...any) {
	r.add(at, rule.info().severity, rule, meant, fmt.Sprintf(format, args...))
}

// warnf adds a warning of a rule whose other diagnostics are errors.
func (r *reporter) warnf(at Position, rule Rule, format string, args ...any) {
	r.add(at, SeverityWarning, rule, "", fmt.Sprintf(format, args...))
}

// strictly adds a warning that is an error in a run that does more than inspect.
func (r *reporter) strictly(at Position, rule Rule, format string, args ...any) {
	r.warnf(at, rule, format, args...)
	r.diagnostics[len(r.diagnostics)-1].strict = true
}

func (r *reporter) add(at Position, sev Severity, rule Rule, suggestion, message string) {
	at.File = r.file
	r.Add(Diagnostic{Pos: at, Severity: sev, Rule: rule, Suggestion: suggestion, Message: text.Line(message)})
}
