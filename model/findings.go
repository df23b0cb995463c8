package model

import (
	"fmt"
	"slices"

	"github.com/difygen/difygen/internal/text"
)

// Findings are what reading files found: what is wrong with them, and the comments
// in them that silence warnings. The zero value is empty.
type Findings struct {
	diagnostics Diagnostics
	ignores     []ignore
}

// Add adds what else was found.
func (f *Findings) Add(more ...Diagnostic) { f.diagnostics = append(f.diagnostics, more...) }

// Merge adds everything that another reading found.
func (f *Findings) Merge(other Findings) {
	f.diagnostics = append(f.diagnostics, other.diagnostics...)
	f.ignores = append(f.ignores, other.ignores...)
}

// HasErrors reports whether an error was found.
func (f *Findings) HasErrors() bool { return f.diagnostics.HasErrors() }

// Settle ends a run: it returns what was found, sorted, without the warnings that a
// comment "# difygen:ignore RULE" in their file silences, at the end of the first line
// of a key or item or above it, for all of its lines. Errors cannot be silenced. A
// comment that silences nothing is a warning itself, if the run made all checks of its
// rule: those of loading, and those named.
func (f *Findings) Settle(checks ...Check) Diagnostics {
	used := make([]bool, len(f.ignores))
	refused := make([]bool, len(f.ignores))
	silenced := func(d Diagnostic) bool {
		found := false
		for i, ig := range f.ignores {
			switch {
			case !ig.covers(d):
			case d.Severity == SeverityError:
				refused[i] = true
			default:
				used[i], found = true, true
			}
		}
		return found
	}
	settled := onceALanguage(slices.DeleteFunc(slices.Clone(f.diagnostics).sort(), silenced))
	for i, ig := range f.ignores {
		check := ig.rule.info().check
		if used[i] || !ig.whole || check != checkLoading && !slices.Contains(checks, check) {
			continue
		}
		d := Diagnostic{Pos: ig.pos, Severity: SeverityWarning, Rule: ruleUnusedIgnore}
		d.Message = fmt.Sprintf("there is no %s warning to ignore here", ig.rule)
		if refused[i] {
			d.Message = fmt.Sprintf("the %s error here cannot be ignored", ig.rule)
		}
		settled = append(settled, d)
	}
	return settled.sort()
}

// onceALanguage keeps the first diagnostic for each unknown language of a file: whoever
// writes texts in it does so everywhere.
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

// reporter collects what is found in one file.
type reporter struct {
	Findings
	file string
}

// report reports a diagnostic of the severity that the rule has in the table.
func (r *reporter) report(at Position, rule Rule, format string, args ...any) {
	r.add(at, rule.info().severity, rule, "", fmt.Sprintf(format, args...))
}

// suggest is report with what the author may have meant.
func (r *reporter) suggest(at Position, rule Rule, meant, format string, args ...any) {
	r.add(at, rule.info().severity, rule, meant, fmt.Sprintf(format, args...))
}

// warnf reports a warning of a rule whose diagnostics are errors elsewhere.
func (r *reporter) warnf(at Position, rule Rule, format string, args ...any) {
	r.add(at, SeverityWarning, rule, "", fmt.Sprintf(format, args...))
}

func (r *reporter) add(at Position, sev Severity, rule Rule, suggestion, message string) {
	at.File = r.file
	r.Add(Diagnostic{Pos: at, Severity: sev, Rule: rule, Suggestion: suggestion, Message: text.Line(message)})
}
