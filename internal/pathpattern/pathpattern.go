// Package pathpattern reads the patterns of endpoints' paths, such as /items/<int:id>, as Dify's SDK
// for Python does with Werkzeug.
package pathpattern

import "errors"

// Pattern is the pattern of a path.
type Pattern struct {
	Parts  []Part  // what is between two slashes, in their order; the first one is before the first slash
	Values []Value // of all parts, in their order
}

// Part is a part of a pattern.
type Part struct {
	// Text is what the part must be, if there is no Expression.
	Text string
	// Expression is a regular expression with a group for each value. It matches the whole part.
	Expression string
	// Rest: the part is all that is left of the path.
	Rest bool
	// Slash: the part is all that is left of the path but a slash at the end.
	Slash bool
	// Rank orders the expressions that a part can match: the smaller one is tried first. Rank sets it.
	Rank int
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
	Digits   int      // of a number: its length; 0 if any
	Choices  []string // of the type any: what it can be
}

// Parse reads a pattern. Its error says what is wrong, for an author to read.
func Parse(pattern string) (*Pattern, error) { return nil, errors.ErrUnsupported }

// Rank sets the ranks of the parts of all patterns of a plugin.
func Rank(patterns []*Pattern) {}
