package pathpattern

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/text"
)

// argument is an argument of a type, as Python has it.
type argument struct {
	kind    argumentKind
	written string
	text    string
	number  float64 // of isInt, the nearest one; of isBool, 0 or 1
	inexact bool    // number is not the number that is written
}

type argumentKind int

const (
	isNone argumentKind = iota
	isBool
	isInt
	isFloat
	isText
)

// oneArgument is the next argument. Its alternatives are tried in the order of Werkzeug's: 1,2 is a
// text, since a number may have any character in its middle.
var oneArgument = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(strings.NewReplacer(`\s`, `[\s\v\x1c-\x1f\x{85}\pZ]`, `\w`, `[\pL\pN_]`, `\d`, `\p{Nd}`).Replace(
		`\A\s*(?:(\w+)\s*=\s*)?(True|False|\d+.\d+|\d+.|\d+|(?:\w|[.])+|[urUR]?("[^"]*?"|'[^']*'))\s*,`))
})

// arguments reads the arguments of a type: those with a name by that, and those before, in order.
func arguments(s string) (ordered []argument, named map[string]argument, names []string, err error) {
	named = make(map[string]argument)
	for rest := s + ","; ; {
		m := oneArgument().FindStringSubmatch(rest)
		if m == nil {
			if rest = strings.TrimSpace(rest); rest == "," || rest == "" {
				return ordered, named, names, nil
			}
			return nil, nil, nil, fmt.Errorf("the argument %s cannot be read: write a number, True, False, None, a word or a text in quotes", text.Name(strings.TrimSuffix(rest, ",")))
		}
		rest = rest[len(m[0]):]
		value := m[2]
		if m[3] != "" {
			value = m[3]
		}
		a := newArgument(value)
		name := m[1]
		if name == "" {
			ordered = append(ordered, a)
			continue
		}
		if _, twice := named[name]; twice {
			return nil, nil, nil, fmt.Errorf("the argument %s is given twice", text.Name(name))
		}
		named[name] = a
		names = append(names, name)
	}
}

// newArgument returns the argument that is written so.
func newArgument(s string) argument {
	a := argument{kind: isText, written: s, text: s}
	switch s {
	case "None":
		a.kind = isNone
	case "True":
		a.kind, a.number = isBool, 1
	case "False":
		a.kind = isBool
	default:
		if n, ok := parseInt(s); ok {
			nearest, exact := new(big.Float).SetInt(n).Float64()
			a.kind, a.number, a.inexact = isInt, nearest, exact != big.Exact
		} else if f, ok := parseFloat(s); ok {
			a.kind, a.number = isFloat, f
		} else if first, last := s[0], s[len(s)-1]; len(s) >= 2 && first == last && (first == '"' || first == '\'') {
			a.text = s[1 : len(s)-1]
		}
	}
	return a
}

// digits are digits with underscores between them.
const digits = `[0-9]+(?:_[0-9]+)*`

var (
	pythonInt   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A[+-]?` + digits + `\z`) })
	pythonFloat = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\A[+-]?(?:inf|infinity|nan|(?:` + digits + `\.?(?:` + digits + `)?|\.` + digits + `)(?:e[+-]?` + digits + `)?)\z`)
	})
)

// maxDigits is how long an integer in a text can be.
const maxDigits = 4300

func parseInt(s string) (*big.Int, bool) {
	if !pythonInt().MatchString(s) || len(s) > maxDigits {
		return nil, false
	}
	return new(big.Int).SetString(strings.ReplaceAll(s, "_", ""), 10)
}

func parseFloat(s string) (float64, bool) {
	if !pythonFloat().MatchString(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // with that, it is infinite, as in Python
		return 0, false
	}
	return f, true
}

// truth is what Python takes an argument for as a bool.
func (a argument) truth() bool {
	switch a.kind {
	case isNone:
		return false
	case isText:
		return a.text != ""
	}
	return a.number != 0
}

// length is Python's int of an argument, as long as it is one for a length.
func (a argument) length() (int, error) {
	n := a.number
	switch a.kind {
	case isNone:
		return 0, fmt.Errorf("%s is not a length", a.written)
	case isText:
		i, ok := parseInt(strings.TrimSpace(a.text))
		if !ok {
			return 0, fmt.Errorf("%s is not a length", text.Name(a.written))
		}
		n, _ = new(big.Float).SetInt(i).Float64()
	}
	switch n = math.Trunc(n); {
	case math.IsNaN(n) || n < 0:
		return 0, fmt.Errorf("%s is not a length", text.Name(a.written))
	case n > maxLength:
		return 0, fmt.Errorf("a length of %s is too large: it can be %d at most", text.Name(a.written), maxLength)
	}
	return int(n), nil
}

// bound is an argument that restricts a number, or nil for none.
func (a argument) bound() (*float64, error) {
	switch {
	case a.kind == isNone || math.IsNaN(a.number): // Python compares NaN with nothing
		return nil, nil //nolint:nilnil // there is no bound
	case a.kind == isText:
		return nil, fmt.Errorf("%s is not a number", text.Name(a.written))
	case a.inexact:
		return nil, fmt.Errorf("the number %s has too many digits: write one that a float has exactly", text.Name(a.written))
	}
	n := a.number
	return &n, nil
}
