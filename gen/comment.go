package gen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// commentWidth is where comments are wrapped, in characters without the slashes.
const commentWidth = 92

// comment is the comment of a field: label, need, help, URL, and at the end its path in
// the YAML.
func (f *field) comment() []string {
	sentences := []string{sentence(f.label)}
	for _, v := range f.variants {
		words := append([]string{v.need()}, f.shape.limitWords(v.bounds)...)
		if when := shownWhen(v.conditions); when != "" {
			words = append(words, when)
		}
		sentences = append(sentences, strings.Join(words, ", ")+".")
	}
	lines := wrap(strings.Join(sentences, " "))
	help := helpOf(f.about)
	if len(help) > 0 {
		lines = append(append(lines, ""), help...)
	}
	url := text.Line(f.about.URL)
	if url != "" && !strings.Contains(strings.Join(help, " "), url) {
		lines = append(append(lines, ""), wrap("See "+url)...)
	}
	return append(lines, "", "YAML: "+f.path)
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
	if n := len(e.options); n <= most {
		values := make([]string, n)
		for i, o := range e.options {
			values[i] = shown(o.value)
		}
		words = values[n-1]
		if n > 1 {
			words = strings.Join(values[:n-1], ", ") + " or " + words
		}
	}
	lines := doc("%s is %s.", e.typ, words)
	if len(e.help) > 0 {
		lines = append(append(lines, ""), e.help...)
	}
	return lines
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

// directives are the starts of comment lines that mean something to a tool: build
// constraints, directives of linters and the compiler, notices of deprecated or generated
// code, the output of examples.
var directives = []string{
	"+", "#nosec", "lint:", "go:", "line ", "export ", "deprecated:", "code generated", "bug(", "output:", "unordered output:",
}

// isDirective reports whether a comment line means something to a tool. Definitions of
// links and all spellings of nolint count too.
func isDirective(line string) bool {
	line = strings.ToLower(line)
	if slices.ContainsFunc(directives, func(d string) bool { return strings.HasPrefix(line, d) }) {
		return true
	}
	if link, ok := strings.CutPrefix(line, "["); ok {
		_, after, _ := strings.Cut(link, "]")
		return strings.HasPrefix(after, ":")
	}
	word, no := strings.CutPrefix(line, "no")
	end := strings.IndexFunc(word, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if end >= 0 {
		word = word[:end]
	}
	return no && strings.Contains(word, "lint")
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
