package model

// Spec says which values a place in the YAML of a plugin can have, and what they do, so far
// as a value alone, or those beside it, decide. It is derived from the structs that mirror
// the host's and from the tables that the checks use. A value that it refuses gets a
// diagnostic from the package, too, but for a path of an endpoint, of which package gen
// reports an error.
//
// Specs form a graph: a schema of outputs holds itself.
type Spec struct {
	Name     string // if several places can share the spec; else ""
	Title    string // what the value is, in a few words: "option"; "" for nothing to say
	Doc      string // one or more sentences, in plain text
	Kind     ValueKind
	Required bool // neither null nor empty

	Loose bool // maps and lists are allowed as well

	// Of text:
	Words     []Word // the values; nil for any
	Open      bool   // other values than Words are allowed if they match Pattern
	Pattern   string // an expression that Go and JavaScript read alike; "" for any
	Want      string // what the pattern wants, for messages; "" for nothing to say
	MaxLength int    // in characters; 0 for any number

	// Of a number; nil for any.
	Min, Max *float64

	// Of a map:
	Keys      []SpecKey
	Cases     []SpecCase
	Rest      *Spec    // the values of other keys; nil if there are none
	RestKeys  string   // the pattern of other keys; "" for any
	NotKeys   []string // what is not a key although it matches RestKeys
	KeyLength int      // how many characters a key can have; 0 for any number
	Needs     []SpecNeed
	OneNeeded []string // keys of which a map has one that is neither null nor an empty list
	Switch    string   // the key that is true if any other is; "" for none

	// Of a list:
	Items    *Spec
	MinItems int
	MaxItems int // 0 for any number

	Snippets []Snippet
}

// ValueKind is a kind of value in YAML, as the host decodes it.
type ValueKind int

// The kinds of values. Null is among each, unless the spec is required.
const (
	ValueAny        ValueKind = iota
	ValueText                 // a scalar, which becomes text
	ValueString               // text, and no other scalar
	ValueBool                 // true, false, and the words that the decoder takes for them
	ValueBoolOrBit            // true, false, 0, 1, or empty text
	ValueBoolText             // true, false, 0, 1, or text that matches the pattern
	ValueNumber               // a number
	ValueNumberText           // a number, or text that matches the pattern
	ValueWhole                // a number without a fraction
	ValueDecimal              // a number, or text that is one
	ValueTime                 // a date, or a date and a time
	ValueMap                  // a map
	ValueList                 // a list
	ValueMapOrList            // a map or a list
	ValueNothing              // null, or empty text
)

// Word is one of a few values.
type Word struct {
	Value string
	Doc   string // what it means; "" if that is plain
}

// SpecKey is a key of a map.
type SpecKey struct {
	Key     string
	Spec    *Spec
	MayLack bool // the map may lack the key even if its spec is required
	Refused bool // the host does not use what is there
}

// SpecCase says what the keys of a map are if one of them has one of some values.
type SpecCase struct {
	Key    string
	Values []string
	Keys   []SpecKey // more about these keys
}

// SpecNeed says that a map with one key has another.
type SpecNeed struct{ Key, Needed string }

// Snippet is a value to start with.
type Snippet struct {
	Label, Doc string
	Body       string // JSON, with tab stops such as "$1" and "${2:name}"; a text that starts with ^ is not quoted
}

// key returns the spec of a key, or nil.
func (s *Spec) key(name string) *Spec {
	for _, k := range s.Keys {
		if k.Key == name {
			return k.Spec
		}
	}
	return nil
}
