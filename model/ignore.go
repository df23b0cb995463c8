package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

const (
	// ignoreMark starts a comment that ignores rules: "# difygen:ignore RULE ...".
	ignoreMark = "difygen:ignore"
	// maxIgnores is how many rules the comments of a file can ignore.
	maxIgnores = 1000
)

var (
	ignoreRE = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^#[ \t]*` + ignoreMark + `(?:[ \t]+(.*))?$`)
	})
	// nearlyRE matches comments that were probably meant to ignore rules.
	nearlyRE = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)difygen[ \t]*[:-][ \t]*i(g|ng)\w*`)
	})
)

// ignore is a rule that a comment ignores in a range of lines.
type ignore struct {
	rule        Rule
	pos         Position // of the comment
	first, last int
	whole       bool // the file could be loaded, so all of its warnings are known
}

func (ig ignore) covers(d Diagnostic) bool {
	return d.Pos.File == ig.pos.File && d.Rule == ig.rule && ig.first <= d.Pos.Line && d.Pos.Line <= ig.last
}

// unused returns the warning for a rule that is ignored in vain, because nothing breaks it
// or because its diagnostic is an error.
func (ig ignore) unused(isError bool) Diagnostic {
	message := fmt.Sprintf("there is no %s warning to ignore here", ig.rule)
	if isError {
		message = fmt.Sprintf("the %s error here cannot be ignored", ig.rule)
	}
	return Diagnostic{Pos: ig.pos, Severity: SeverityWarning, Rule: ruleUnusedIgnore, Message: message}
}

// findIgnores collects the comments of a document that ignore rules, and reports those
// that do not say which. A document is whole if the host could load it.
func (r *reporter) findIgnores(doc *yamldoc.Document, whole bool) {
	for _, c := range doc.Comments("difygen") {
		pos := Position{File: r.file, Line: c.Line, Column: c.Column}
		m := ignoreRE().FindStringSubmatch(c.Text)
		switch {
		case m == nil && nearlyRE().MatchString(c.Text):
			r.report(pos, ruleUnusedIgnore, "this comment ignores nothing; start it with # %s RULE", ignoreMark)
		case m == nil:
		case len(r.ignores) >= maxIgnores:
			r.report(pos, ruleUnusedIgnore, "a file can have at most %d comments that ignore rules", maxIgnores)
			return
		default:
			for _, rule := range r.ignoredRules(pos, m[1]) {
				r.ignores = append(r.ignores, ignore{rule: rule, pos: pos, first: c.First, last: c.Last, whole: whole})
			}
		}
	}
}

// ignoredRules returns the rules that the words of a comment at pos name. What follows
// "--" or another "#" is the author's reason.
func (r *reporter) ignoredRules(pos Position, words string) []Rule {
	var named []Rule
	for word := range strings.FieldsFuncSeq(words, func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == ';' }) {
		if strings.ContainsRune("#-–—", []rune(word)[0]) {
			break
		}
		word = strings.TrimRight(word, ":.")
		if rule := Rule(word); slices.Contains(ignorable(), rule) {
			named = append(named, rule)
			continue
		}
		message, meant := fmt.Sprintf("%s is not a rule that can be ignored", text.Name(word)), text.Nearest(word, ignorable())
		if meant == "" {
			message += "; write -- before a reason"
		}
		r.suggest(pos, ruleUnusedIgnore, meant, "%s", message)
		return named
	}
	if len(named) == 0 {
		r.report(pos, ruleUnusedIgnore, "name the rule to ignore: # %s RULE", ignoreMark)
	}
	return named
}
