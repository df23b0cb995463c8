package gen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// commentWidth is where comments are wrapped, in characters without the slashes.
const commentWidth = 92

// comment is what an editor shows at a field: label, need, help, URL.
func (f *Field) comment() []string {
	sentences := []string{sentence(f.Label)}
	if len(f.Cases) == 0 {
		sentences = append(sentences, need(f, f.Required, f.Default)+f.limitWords()+".")
	}
	for _, c := range f.Cases {
		words := []string{need(f, c.Required, c.Default)}
		if c.MaxLength > 0 && (f.Form == FormText || f.Form == FormSecret) {
			words = append(words, "at most "+strconv.Itoa(c.MaxLength)+" characters")
		}
		if when := shownWhen(c.Conditions); when != "" {
			words = append(words, when)
		}
		sentences = append(sentences, strings.Join(words, ", ")+".")
	}
	lines := wrap(strings.Join(sentences, " "))
	var help []string
	if f.about.Help != nil {
		help = paragraph(f.about.Help.Best())
	}
	if len(help) > 0 {
		lines = append(append(lines, ""), help...)
	}
	url := text.Line(f.about.URL)
	if url != "" && !strings.Contains(strings.Join(help, " "), url) {
		lines = append(append(lines, ""), wrap("See "+url)...)
	}
	return lines
}

// limitWords are the bounds of a number in words.
func (f *Field) limitWords() string {
	words := ""
	if f.Form != FormNumber {
		return words
	}
	if f.Min != nil {
		words += ", at least " + strconv.FormatFloat(*f.Min, 'f', -1, 64)
	}
	if f.Max != nil {
		words += ", at most " + strconv.FormatFloat(*f.Max, 'f', -1, 64)
	}
	switch {
	case f.Decimals == nil:
	case *f.Decimals == 0:
		words += ", a whole number"
	default:
		words += ", with at most " + strconv.Itoa(*f.Decimals) + " decimal places"
	}
	return words
}

// doc is a comment of our own words around untrusted ones.
func doc(format string, args ...any) []string {
	return wrap(text.Line(fmt.Sprintf(format, args...)))
}

// need says whether a field must be given and what holds if it is not. The
// default of a secret is not repeated.
func need(f *Field, required bool, def any) string {
	word, without := "Optional", " if not given"
	if required {
		word, without = "Required", " by default"
	}
	switch v := def.(type) {
	case EnumOption:
		return word + "; " + shown(v.Value) + without
	case bool:
		return word + "; " + strconv.FormatBool(v) + without
	case float64:
		return word + "; " + strconv.FormatFloat(v, 'f', -1, 64) + without
	case []string:
		return word + "; " + shown(strings.Join(v, ", ")) + without
	case []EnumOption:
		var values []string
		for _, o := range v {
			values = append(values, o.Value)
		}
		return word + "; " + shown(strings.Join(values, ", ")) + without
	case string:
		if f.Form == FormSecret {
			return word + "; has a default"
		}
		return word + "; " + shown(v) + without
	}
	return word
}

// shownWhen says in words when all conditions hold, such as "shown when AuthMethod
// is api_key; LLM models only"; "" for none.
func shownWhen(conditions []Condition) string {
	var parts, types []string
	for _, c := range conditions {
		switch {
		case c.Field != nil && c.never():
			return "never shown, since " + c.Field.Name + " is never " + text.Name(c.Value)
		case c.Field != nil:
			parts = append(parts, c.Field.Name+" is "+text.Name(c.Value))
		case c.Variable == model.ModelTypeVariable:
			types = append(types, modelTypeWord(c.Value)+" models only")
		default:
			return "never shown, since there is no field " + text.Name(c.Variable)
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(append([]string{"shown when " + strings.Join(parts, " and ")}, types...), "; ")
	case len(types) > 0:
		return "for " + strings.Join(types, "; ")
	}
	return ""
}

// modelTypeWord names a type of model to a person.
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

func (o EnumOption) comment() []string {
	label := text.Cut(text.Line(o.Label), 200)
	if label == "" || label == o.Value {
		return nil
	}
	return wrap(label)
}

// sentence ends s with a full stop unless it ends with a mark or a URL.
func sentence(s string) string {
	last, _ := utf8.DecodeLastRuneInString(s)
	word := s[strings.LastIndexByte(s, ' ')+1:]
	if strings.ContainsRune(".!?:。！？：", last) || strings.Contains(word, "://") {
		return s
	}
	return s + "."
}

// paragraph wraps untrusted text, keeping its lines. It ends with a mark, since
// gofmt takes a lone line without one for a heading.
func paragraph(s string) []string {
	var lines []string
	parts := text.Lines(s)
	for i, l := range parts {
		if i == len(parts)-1 {
			l = sentence(l)
		}
		lines = append(lines, wrap(l)...)
	}
	return lines
}

// directive matches comment lines that mean something to a tool: a build
// constraint, a linter's or the compiler's directive, a mark of deprecated or
// generated code, a link definition, the output of an example.
var directive = regexp.MustCompile(`(?i)^(\+|#nosec|no\w*lint|lint:|go:|line |export |deprecated:|code generated|bug\(|\[[^\]]*\]:|output:|unordered output:)`)

// wrap cuts a text without line breaks into lines of commentWidth, none of which
// means anything to a tool.
func wrap(s string) []string {
	var lines []string
	var line strings.Builder
	width := 0
	flush := func() {
		if l := line.String(); directive.MatchString(l) {
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
