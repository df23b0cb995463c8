package model

import (
	"go/token"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// GoName is a name in Go that a comment "# difygen:name NAME" chooses. This package passes
// it on. The zero value chooses nothing.
type GoName struct {
	Name string   // an exported identifier
	Pos  Position // of the comment
}

const (
	// nameMark starts a comment that names a field or an option: "# difygen:name NAME".
	nameMark = "difygen:name"
	// maxNames is how many comments of a file can choose names.
	maxNames = 1000
	// maxNameLength bounds a name, in characters.
	maxNameLength = 100
)

var (
	nameRE = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^#[ \t]*` + nameMark + `(?:[ \t]+(.*))?$`)
	})
	// nearlyNameRE matches, among others, comments that were probably meant to choose names.
	nearlyNameRE = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)difygen[ \t]*[:-][ \t]*(n\w*)`)
	})
)

// nameFields gives fields and their options the names that the comments of a document
// choose, and reports comments that choose none. The lists are all that a comment in the
// document can name. Only the positions of fields and options matter, and the types of
// fields, since options of other types than selects have no names.
func (r *reporter) nameFields(doc *yamldoc.Document, lists ...[]Field) {
	r.nameFieldsAnd(doc, nil, lists...)
}

// nameFieldsAnd is nameFields, if comments can name other things, too.
func (r *reporter) nameFieldsAnd(doc *yamldoc.Document, others []*nameable, lists ...[]Field) {
	var all *nameables
	count := 0
	for _, c := range doc.Comments("difygen") {
		pos := Position{File: r.file, Line: c.Line, Column: c.Column}
		m := nameRE().FindStringSubmatch(c.Text)
		if m == nil {
			if isNearlyName(c.Text) {
				r.warnf(pos, ruleNameComment, "this comment names nothing; start it with # %s NAME", nameMark)
			}
			continue
		}
		if count++; count > maxNames {
			r.report(pos, ruleNameComment, "a file can have at most %d comments that choose names", maxNames)
			return
		}
		if all == nil {
			all = findNameables(lists)
			for _, n := range others {
				all.at[yamldoc.Position{Line: n.pos.Line, Column: n.pos.Column}] = n
				all.starts[startsIn{n.pos.Line, n.isField}]++
			}
		}
		if name, ok := r.chosenName(pos, m[1]); ok {
			r.name(all, c, GoName{Name: name, Pos: pos})
		}
	}
}

// name gives the field or option that a comment belongs to a name.
func (r *reporter) name(all *nameables, c yamldoc.Comment, name GoName) {
	switch target := all.at[c.Element]; {
	case target == nil:
		r.warnf(name.Pos, ruleNameComment, "there is nothing to name here; write the comment above a field, an option or the name of a model, or at the end of its first line")
	case all.starts[startsIn{c.First, target.isField}] > 1: // a field can share its line with its options
		r.warnf(name.Pos, ruleNameComment, "several fields or options start in line %d; write the one to name on a line of its own", c.First)
	case target.names[0].Name != "":
		r.warnf(name.Pos, ruleNameComment, "the comment in line %d names this %s already; remove one of them", target.names[0].Pos.Line, text.Name(target.names[0].Name))
	default:
		for _, n := range target.names {
			*n = name
		}
	}
}

// chosenName returns the name in a comment at pos, given what follows the mark. What
// follows "--" or another "#" is the author's reason.
func (r *reporter) chosenName(pos Position, words string) (name string, ok bool) {
	name, rest := words, ""
	if i := strings.IndexFunc(words, unicode.IsSpace); i >= 0 {
		name, rest = words[:i], strings.TrimSpace(words[i:])
	}
	switch {
	case name == "":
		r.report(pos, ruleNameComment, "choose a name: # %s NAME", nameMark)
	case utf8.RuneCountInString(name) > maxNameLength:
		r.report(pos, ruleNameComment, "a name can have at most %d characters", maxNameLength)
	case !isExportedName(name):
		r.suggest(pos, ruleNameComment, exportedName(name), "%s is not an exported Go name: it must start with an upper-case letter and may hold only letters, digits and _", text.Name(name))
	case rest != "" && !strings.ContainsRune("#-–—", []rune(rest)[0]):
		r.report(pos, ruleNameComment, "choose one name; write -- before a reason")
	default:
		return name, true
	}
	return "", false
}

// exportedName returns s with its first letter in upper case, or "" if that is not an
// exported name.
func exportedName(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if s = string(unicode.ToUpper(first)) + s[size:]; isExportedName(s) {
		return s
	}
	return ""
}

func isExportedName(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }

// isNearlyName reports whether a comment has a word such as difygen:names.
func isNearlyName(comment string) bool {
	for _, m := range nearlyNameRE().FindAllStringSubmatch(comment, maxNames) {
		if text.Nearest(m[1], []string{"name"}) != "" {
			return true
		}
	}
	return false
}

// nameables are the fields and options of a document.
type nameables struct {
	at     map[yamldoc.Position]*nameable // where they start
	starts map[startsIn]int               // how many
}

type nameable struct {
	pos     Position
	isField bool
	names   []*GoName // of one field or option; several if aliases repeat it
}

type startsIn struct {
	line    int
	isField bool
}

func findNameables(lists [][]Field) *nameables {
	n := &nameables{at: make(map[yamldoc.Position]*nameable), starts: make(map[startsIn]int)}
	add := func(at Position, name *GoName, isField bool) {
		pos := yamldoc.Position{Line: at.Line, Column: at.Column}
		if n.at[pos] == nil {
			n.at[pos] = &nameable{pos: at, isField: isField}
			n.starts[startsIn{at.Line, isField}]++
		}
		n.at[pos].names = append(n.at[pos].names, name)
	}
	for _, fields := range lists {
		for i := range fields {
			f := &fields[i]
			add(f.Pos, &f.GoName, true)
			for j := range f.Options {
				if f.openNames || f.Type.HasOptions() {
					add(f.Options[j].Pos, &f.Options[j].GoName, false)
				}
			}
		}
	}
	return n
}
