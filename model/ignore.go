package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

const (
	// ignoreMark starts a comment that silences rules: "# difygen:ignore RULE ...".
	ignoreMark = "difygen:ignore"
	// maxIgnores bounds the comments of a file that count.
	maxIgnores = 1000
)

var (
	ignoreRE = regexp.MustCompile(`^#[ \t]*` + ignoreMark + `(?:[ \t]+(.*))?$`)
	// nearlyRE matches comments that were meant to be one.
	nearlyRE = regexp.MustCompile(`(?i)difygen[ \t]*[:-][ \t]*i(g|ng)\w*`)
)

// ignore is one rule that a comment silences over the entry it stands at.
type ignore struct {
	rule        Rule
	pos         Position // of the comment
	first, last int      // lines of the entry
	used        bool
}

// silencer holds the comments of a file that silence rules.
type silencer []*ignore

// Silence drops the warnings of ds that a comment "# difygen:ignore RULE" in their
// file silences: at the end of an entry's first line, or above it, for the whole
// entry. A comment for one of rules that has matched nothing so far gives a
// warning itself. Errors cannot be silenced.
func (s silencer) Silence(ds Diagnostics, rules ...Rule) Diagnostics {
	if len(s) == 0 {
		return ds
	}
	refused := make(map[*ignore]bool)
	ds = slices.DeleteFunc(ds, func(d Diagnostic) bool {
		silenced := false
		for _, ig := range s {
			switch {
			case !ig.covers(d):
			case d.Severity == SeverityError:
				refused[ig] = true
			default:
				ig.used, silenced = true, true
			}
		}
		return silenced
	})
	for _, ig := range s {
		if ig.used || !slices.Contains(rules, ig.rule) {
			continue
		}
		d := Diagnostic{Pos: ig.pos, Severity: SeverityWarning, Rule: RuleUnusedIgnore}
		d.Message = fmt.Sprintf("no warning of the rule %s to ignore here", ig.rule)
		if refused[ig] {
			d.Message = fmt.Sprintf("the error of the rule %s cannot be ignored", ig.rule)
		}
		ds = append(ds, d)
	}
	return ds
}

func (ig *ignore) covers(d Diagnostic) bool {
	return d.Pos.File == ig.pos.File && d.Rule == ig.rule && ig.first <= d.Pos.Line && d.Pos.Line <= ig.last
}

// silencer finds the comments of a document that silence rules, and reports those
// that do not say which.
func (r *reporter) silencer(data []byte, root *yaml.Node) silencer {
	if root == nil || !mayIgnore(data) {
		return nil
	}
	var list silencer
	for _, c := range scanComments(data, root) {
		pos := Position{File: r.file, Line: c.line, Column: c.column}
		m := ignoreRE.FindStringSubmatch(c.text)
		switch {
		case m == nil && nearlyRE.MatchString(c.text):
			r.warnf(pos, RuleUnusedIgnore, "this ignores nothing: start the comment with # %s RULE", ignoreMark)
		case m == nil:
		case len(list) >= maxIgnores:
			r.warnf(pos, RuleUnusedIgnore, "only %d comments of a file can ignore something", maxIgnores)
			return list
		default:
			for _, rule := range r.ignoredRules(pos, m[1]) {
				list = append(list, &ignore{rule: rule, pos: pos, first: c.first, last: c.last})
			}
		}
	}
	return list
}

// ignoredRules are the rules that a comment at pos names, in any number. What
// follows "--" or another "#" is the author's reason.
func (r *reporter) ignoredRules(pos Position, words string) []Rule {
	var rules []Rule
	for word := range strings.FieldsFuncSeq(words, func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == ';' }) {
		if strings.ContainsRune("#-–—", []rune(word)[0]) {
			break
		}
		word = strings.TrimRight(word, ":.")
		if rule := Rule(word); slices.Contains(ignorable, rule) {
			rules = append(rules, rule)
			continue
		}
		d := Diagnostic{Pos: pos, Severity: SeverityWarning, Rule: RuleUnusedIgnore, Suggestion: nearest(word, ignorable)}
		d.Message = fmt.Sprintf("no warning has the rule %s", text.Name(word))
		if d.Suggestion == "" {
			d.Message += ", and a reason goes behind --"
		}
		r.list = append(r.list, d)
		return rules
	}
	if len(rules) == 0 {
		r.warnf(pos, RuleUnusedIgnore, "say what to ignore: # %s RULE", ignoreMark)
	}
	return rules
}
