package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// commentWidth is where comments are wrapped, in characters without the slashes.
const commentWidth = 92

// comment is the comment of a field: label, need, help, URL, and at the end its places in
// the YAML.
func (f *field) comment() []string {
	sentences := []string{sentence(f.label)}
	for _, v := range f.variants {
		words := append([]string{v.need()}, f.shape.limitWords(v.bounds)...)
		if when := shownWhen(v.conditions); when != "" {
			words = append(words, when)
		}
		if sentence := strings.Join(words, ", ") + "."; !slices.Contains(sentences, sentence) {
			sentences = append(sentences, sentence)
		}
	}
	if who, ok := formWords[f.about.Form]; ok {
		sentences = append(sentences, who)
	}
	lines := wrap(strings.Join(sentences, " "))
	help := helpOf(f.about)
	if len(help) > 0 {
		lines = append(append(lines, ""), help...)
	}
	lines = append(lines, forModel(f.about.LLMDescription, strings.Join(help, " "))...)
	url := text.Line(f.about.URL)
	if url != "" && !strings.Contains(strings.Join(help, " "), url) {
		lines = append(append(lines, ""), wrap("See "+url)...)
	}
	return append(append(lines, ""), f.places()...)
}

// formWords say who sets a parameter of a tool.
var formWords = map[string]string{
	model.ParameterFormLLM:    "Filled in by a language model.",
	model.ParameterFormForm:   "Set by the user.",
	model.ParameterFormSchema: "Set by the user, who can refer to variables.",
}

// forModel is what a language model is told, as a paragraph after others. It is left out if
// people are told the same.
func forModel(s, human string) []string {
	if line := text.Line(s); line == "" || sentence(line) == human || line == text.Line(human) {
		return nil
	}
	return separated("For the language model: " + s)
}

// separated is a paragraph of untrusted text after another one.
func separated(s string) []string {
	lines := paragraph(s)
	if len(lines) == 0 {
		return nil
	}
	return append([]string{""}, lines...)
}

// helpOf is the help of a field as a paragraph.
func helpOf(f *model.Field) []string {
	if f.Help == nil {
		return nil
	}
	return paragraph(f.Help.Best())
}

// comment says what the options of a select are, with the field's help.
func (e *enum) comment() []string {
	const most = 4
	words := "one of " + strconv.Itoa(len(e.options)) + " options"
	if len(e.options) <= most {
		values := make([]string, len(e.options))
		for i, o := range e.options {
			values[i] = shown(o.value)
		}
		words = listed(values, "or")
	}
	lines := doc("%s is %s.", e.typ, words)
	if len(e.help) > 0 {
		lines = append(append(lines, ""), e.help...)
	}
	return lines
}

// comment says which outputs have the type, with the first description of them.
func (s *outputStruct) comment() []string {
	const most = 4
	is := cmp.Or(s.is, "is")
	lines := append(doc("%s %s %s.", s.typ, is, s.what), separated(s.about)...)
	others := s.others
	if len(others) > most {
		others = append(others[:most-1:most-1], strconv.Itoa(len(others)-most+1)+" others")
	}
	if len(others) > 0 {
		lines = append(append(lines, ""), doc("It is also %s.", listed(others, "and"))...)
	}
	return lines
}

// listed joins phrases, with a word before the last one.
func listed(phrases []string, word string) string {
	last := len(phrases) - 1
	if last < 1 {
		return strings.Join(phrases, "")
	}
	return strings.Join(phrases[:last], ", ") + " " + word + " " + phrases[last]
}

// doc formats a comment. Its arguments may be untrusted text.
func doc(format string, args ...any) []string {
	return wrap(text.Line(fmt.Sprintf(format, args...)))
}

// need says whether a field must be given, and its default. The value of a secret's
// default is left out.
func (v *variant) need() string {
	word, without := "Optional", " if not given"
	if v.required {
		word, without = "Required", " by default"
	}
	switch {
	case v.def == nil:
		return word
	case v.def.words == "":
		return word + "; has a default"
	}
	return word + "; " + v.def.words + without
}

// shownWhen describes conditions, such as "shown when AuthMethod is api_key, for LLM
// models"; "" for none.
func shownWhen(conditions []condition) string {
	var clauses, types []string
	for _, c := range conditions {
		switch {
		case c.field != nil && c.never():
			return "never shown, since " + c.field.name + " is never " + text.Name(c.value)
		case c.field != nil:
			clauses = append(clauses, c.field.name+" is "+text.Name(c.value))
		case c.variable == model.ModelTypeVariable:
			types = append(types, modelTypeWord(c.value)+" models")
		default:
			return "never shown, since there is no field " + text.Name(c.variable)
		}
	}
	var words []string
	if len(clauses) > 0 {
		words = append(words, "shown when "+strings.Join(clauses, " and "))
	}
	if len(types) > 0 {
		words = append(words, "for "+strings.Join(types, " and "))
	}
	return strings.Join(words, ", ")
}

// modelTypeWord is the name of a type of model for comments.
func modelTypeWord(t string) string {
	switch t {
	case "llm", "tts":
		return strings.ToUpper(t)
	case "text-embedding":
		return "text embedding"
	}
	return text.Name(t)
}

func shown(s string) string { return strconv.Quote(text.Cut(text.Line(s), 80)) }

func (o option) comment() []string {
	label := text.Cut(text.Line(o.label), 200)
	if label == "" || label == o.value {
		return nil
	}
	return wrap(label)
}

// sentence adds a period to s unless s ends with a punctuation mark or a URL.
func sentence(s string) string {
	last, _ := utf8.DecodeLastRuneInString(s)
	word := s[strings.LastIndexByte(s, ' ')+1:]
	if strings.ContainsRune(".!?:。！？：", last) || strings.Contains(word, "://") {
		return s
	}
	return s + "."
}

// paragraph wraps untrusted text, keeping its lines. It ends with a punctuation mark,
// since gofmt formats a single line without one as a heading.
func paragraph(s string) []string {
	var lines []string
	list := text.Lines(s)
	for i, l := range list {
		if i == len(list)-1 {
			l = sentence(l)
		}
		lines = append(lines, wrap(l)...)
	}
	return lines
}

// directives are the starts of comment lines, in lower case, that mean something to a tool
// even after a space: old build constraints, directives of linters, notices of deprecated
// code and of bugs. What the compiler and cgo obey, such as //line and //export, has no space.
var directives = []string{"+build", "#nosec", "nolint", "revive:", "deprecated:", "bug("}

// isDirective reports whether a comment line means something to a tool, after "// ". Notices
// of generated code and definitions of links count too, and what staticcheck takes for a
// misspelled //go: directive.
func isDirective(line string) bool {
	if strings.HasPrefix(line, "go:") {
		return true
	}
	line = strings.ToLower(line)
	if slices.ContainsFunc(directives, func(d string) bool { return strings.HasPrefix(line, d) }) {
		return true
	}
	if link, ok := strings.CutPrefix(line, "["); ok {
		_, after, _ := strings.Cut(link, "]")
		return strings.HasPrefix(after, ":")
	}
	return strings.HasPrefix(line, "code generated ") && strings.HasSuffix(line, "do not edit.")
}

// wrap breaks a text into lines of commentWidth, none of which means anything to a tool.
func wrap(s string) []string {
	var lines []string
	var line strings.Builder
	width := 0
	flush := func() {
		if l := line.String(); isDirective(l) {
			lines = append(lines, "| "+l)
		} else if l != "" {
			lines = append(lines, l)
		}
		line.Reset()
		width = 0
	}
	for _, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		if width > 0 && width+1+n > commentWidth {
			flush()
		}
		if width > 0 {
			line.WriteByte(' ')
			width++
		}
		line.WriteString(word)
		width += n
	}
	flush()
	return lines
}
