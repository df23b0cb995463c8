package gen

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

const (
	// placeholder stands in proposals for a name that the author must think of.
	placeholder = "NAME"
	// maxProposal bounds a proposed name, in bytes.
	maxProposal = 80
)

// agree sets the name that comments choose for one thing. It is an error if they differ.
func (pl *planner) agree(chosen *model.GoName, another model.GoName, what string) {
	switch {
	case another.Name == "":
	case chosen.Name == "":
		*chosen = another
	case chosen.Name != another.Name:
		where := "line " + strconv.Itoa(chosen.Pos.Line)
		if chosen.Pos.File != another.Pos.File {
			where = place(chosen.Pos.File, chosen.Pos.Line, "")
		}
		pl.report(another.Pos, model.SeverityError, model.RuleNameClash, "%s is named %s here and %s in %s; choose one name",
			what, text.Name(another.Name), text.Name(chosen.Name), where)
	}
}

// claimChosen claims a name that a comment chose. It is an error if the name is taken.
func (pl *planner) claimChosen(sc *scope, name string, by owner) string {
	got, other := sc.claim(pl.source, name, by)
	if other.what != "" {
		pl.refuse(by.chosen, by.what, name, other.what)
	}
	return got
}

// refuse reports that a comment chooses a name that something else has.
func (pl *planner) refuse(chosen model.GoName, what, name, holder string) {
	pl.report(chosen.Pos, model.SeverityError, model.RuleNameClash, "%s cannot be named %s in Go: %s is taken by %s; choose another name",
		what, text.Name(name), text.Name(name), holder)
}

// settle reports a name that was changed because another owner, if there is one, has the
// wanted one: that is an error if a comment chose that, or else a warning.
func (pl *planner) settle(at model.Position, self owner, got, want string, other owner, proposal string) {
	switch {
	case other.what == "":
	case other.chosen.Name != "":
		pl.refuse(other.chosen, other.what, want, self.what)
	default:
		pl.report(at, model.SeverityWarning, model.RuleNameClash, "%s becomes %s in Go: %s is taken by %s; %s",
			self.what, text.Name(got), text.Name(want), other.what, proposed(proposal))
	}
}

// warnNumbered warns that only the order of the YAML decides a name.
func (pl *planner) warnNumbered(at model.Position, what, got, proposal string) {
	pl.report(at, model.SeverityWarning, model.RuleNumberedName, "%s becomes %s in Go, which changes when the YAML is reordered; %s",
		what, text.Name(got), proposed(proposal))
}

// proposed returns the end of a warning that proposes a comment.
func proposed(name string) string {
	return fmt.Sprintf(`to choose a name, write "# difygen:name %s" above it`, name)
}

func (pl *planner) report(at model.Position, severity model.Severity, rule model.Rule, format string, args ...any) {
	pl.diags = append(pl.diags, model.Diagnostic{Pos: at, Severity: severity, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

// symbols are the words for symbols that are options, or distinguish them.
var symbols = strings.NewReplacer(
	"<=", "LessOrEqual", ">=", "GreaterOrEqual", "!=", "NotEqual", "<>", "NotEqual", "==", "Equal", "&&", "And", "||", "Or",
	"+", "Plus", "-", "Minus", "−", "Minus", "*", "Star", "×", "Times", "/", "Slash", "÷", "DividedBy", "%", "Percent",
	"<", "Less", ">", "Greater", "=", "Equal", "≤", "LessOrEqual", "≥", "GreaterOrEqual", "≠", "NotEqual",
	"!", "Exclamation", "?", "Question", "&", "And", "|", "Pipe", "^", "Caret", "~", "Tilde", "#", "Hash", "@", "At",
	"$", "Dollar", "€", "Euro", "£", "Pound", "¥", "Yen", ".", "Dot", ",", "Comma", ":", "Colon", ";", "Semicolon",
	"_", "Underscore", "\"", "Quote", "'", "Apostrophe", "`", "Backquote", "\\", "Backslash",
	"(", "OpenParen", ")", "CloseParen", "[", "OpenBracket", "]", "CloseBracket", "{", "OpenBrace", "}", "CloseBrace",
	"→", "Right", "←", "Left", "↑", "Up", "↓", "Down", "…", "Ellipsis",
)

// spokenSymbols is like camel, but spells out the symbols around the words, which tell -id
// from id.
func spokenSymbols(s string) string {
	isSymbol := func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }
	rest := strings.TrimLeftFunc(s, isSymbol)
	words := strings.TrimRightFunc(rest, isSymbol)
	before, after := s[:len(s)-len(rest)], rest[len(words):]
	return camel(symbols.Replace(before)) + camel(words) + camel(symbols.Replace(after))
}
