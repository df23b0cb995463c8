// Package pathpattern reads the patterns of endpoints' paths, such as /items/<int:id>, as Dify's SDK
// for Python does with Werkzeug 3.1.9.
package pathpattern

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
)

// Pattern is the pattern of a path.
type Pattern struct {
	Segments []Segment // what is between two slashes, in their order, from the first slash on
	Values   []Value   // of all segments, in their order
	Words    []string  // its texts and the names of its values, in their order

	weights []weight // of the segments
}

// Segment is what is between two slashes of a pattern.
type Segment struct {
	// Text is what the segment must be, if there is no Expression.
	Text string
	// Expression is a regular expression with a group for each value. It matches the whole segment.
	Expression string
	// Rest: the segment is all that is left of the path.
	Rest bool
	// Slash: the segment is all that is left of the path but a slash at the end, and has no other slash
	// there. An empty segment follows, which is what comes after that slash.
	Slash bool
	// Rank orders the expressions that a segment can match: the smaller one is tried first. Rank sets it.
	Rank int
}

// TakesAll reports whether p matches all paths that another pattern matches, as far as expressions say:
// their values can differ in names and bounds.
func (p *Pattern) TakesAll(of *Pattern) bool {
	return slices.EqualFunc(p.Segments, of.Segments, func(a, b Segment) bool {
		a.Rank, b.Rank = 0, 0
		return a == b
	})
}

// Type is the type of a value.
type Type int

// The types of values. A Text is also that of Werkzeug's types path and any.
const (
	Text Type = iota
	Int
	Float
	UUID
)

// Value is a value in a pattern.
type Value struct {
	Name     string
	Type     Type
	Min, Max *float64 // of a number, inclusive; nil if there is no bound
	// MinLength and MaxLength are in characters, of a text; nil if there is no bound but that it is not empty.
	MinLength, MaxLength *int
	Slashes              bool     // it can have slashes
	Digits               int      // of an Int: its length, with the sign; 0 if any
	Choices              []string // of the type any: what it can be
}

// token is the next piece of a pattern: a slash, a text or a value.
var token = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\A(?:(/)|([^</]+)|<(?:([a-zA-Z_][a-zA-Z0-9_]*)(?:\((.*?)\))?:)?([a-zA-Z_][a-zA-Z0-9_]*)>)`)
})

// What a token has.
const (
	_ = iota
	tokenSlash
	tokenText
	tokenType
	tokenArguments
	tokenName
)

var slashes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("/{2,}") })

// maxPattern is the size of the longest pattern, in bytes.
const maxPattern = 4096

// maxValues is how many values a pattern can have. Of hundreds in one part, a long path takes seconds to match.
const maxValues = 20

// Parse reads a pattern. Its error says what is wrong and what to do, for an author to read.
//
// It reads what Werkzeug reads, and in the same way, but refuses what Werkzeug accepts although it
// is a mistake: a name or an argument that is given twice, arguments that have no effect, a choice
// that no path can have, bounds between which there is nothing, lengths over 1000, which package
// regexp cannot match, and a pattern of more than 20 values or 4096 bytes.
func Parse(pattern string) (*Pattern, error) {
	if !strings.HasPrefix(pattern, "/") {
		return nil, errors.New("the path must start with a slash")
	}
	if !utf8.ValidString(pattern) {
		return nil, errors.New("the path is not valid UTF-8")
	}
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("the path is too long: it can have %d bytes at most", maxPattern)
	}
	p := parser{pattern: new(Pattern)}
	for rest := slashes().ReplaceAllString(pattern, "/")[1:]; rest != ""; {
		m := token().FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%s is not a value: write <NAME> or <TYPE:NAME>, such as <int:id>", text.Name(rest))
		}
		rest = rest[len(m[0]):]
		var err error
		switch {
		case m[tokenSlash] != "":
			err = p.slash()
		case m[tokenText] != "":
			p.text(m[tokenText])
		default:
			err = p.value(m[0], m[tokenType], m[tokenArguments], m[tokenName])
		}
		if err != nil {
			return nil, err
		}
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return p.pattern, nil
}

// parser reads a pattern.
type parser struct {
	pattern    *Pattern
	expression strings.Builder // of the segment
	plain      strings.Builder // its text, if there is no value in it
	values     int             // in the segment
	length     int             // of the values in the segment, as far as it is restricted
	final      bool            // the segment has a value of the type path, and thus slashes
	closed     bool            // the segment ends with a slash
	weight     weight          // of the segment
}

// slash ends a segment, or belongs to it.
func (p *parser) slash() error {
	if p.final {
		p.expression.WriteByte('/')
		p.closed = true
		return nil
	}
	return p.segment(false)
}

func (p *parser) text(s string) {
	p.pattern.Words = append(p.pattern.Words, s)
	p.plain.WriteString(s)
	p.expression.WriteString(regexp.QuoteMeta(s))
	p.weight.texts = append(p.weight.texts, utf8.RuneCountInString(s))
	p.closed = false
}

// value reads a value, as it is written and what that consists of.
func (p *parser) value(written, typ, arguments, name string) error {
	if typ == "" {
		typ = "default"
	}
	c, v, err := convert(typ, arguments)
	if err != nil {
		return fmt.Errorf("%s: %w", text.Name(written), err)
	}
	v.Name = name
	for _, other := range p.pattern.Values {
		if other.Name == name {
			return fmt.Errorf("two values have the name %s: give one of them another name", name)
		}
	}
	if len(p.pattern.Values) == maxValues {
		return fmt.Errorf("the path has more than %d values: take several of them as one of the type path", maxValues)
	}
	p.pattern.Values = append(p.pattern.Values, v)
	p.pattern.Words = append(p.pattern.Words, name)
	p.expression.WriteString("(" + c.expression + ")")
	p.values++
	p.length += c.length
	p.final = p.final || c.slashes
	p.closed = false
	p.weight.values = append(p.weight.values, c.weight)
	return nil
}

// segment adds a segment to the pattern. If rest, it is the last one, and can have slashes.
func (p *parser) segment(rest bool) error {
	segment := Segment{Text: p.plain.String()}
	if p.values > 0 {
		segment = Segment{Expression: p.expression.String(), Rest: rest}
		if rest && p.closed {
			segment.Expression, segment.Rest, segment.Slash = strings.TrimSuffix(segment.Expression, "/"), false, true
		}
		if err := p.check(); err != nil {
			return err
		}
	}
	p.pattern.Segments = append(p.pattern.Segments, segment)
	p.pattern.weights = append(p.pattern.weights, p.weight)
	*p = parser{pattern: p.pattern}
	if segment.Slash {
		return p.segment(false)
	}
	return nil
}

// check checks the values of a segment.
func (p *parser) check() error {
	if p.length > maxLength {
		return fmt.Errorf("the lengths between two slashes add up to %d: it can be %d at most", p.length, maxLength)
	}
	for _, v := range p.pattern.Values[len(p.pattern.Values)-p.values:] {
		for _, choice := range v.Choices {
			if !p.final && strings.Contains(choice, "/") {
				return fmt.Errorf("the choice %s of %s contains a slash, which it never matches: write an endpoint for it", text.Name(choice), v.Name)
			}
		}
	}
	return nil
}

func (p *parser) end() error { return p.segment(p.final) }
