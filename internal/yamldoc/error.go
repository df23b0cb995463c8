package yamldoc

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// Fault is the kind of an Error.
type Fault int

// The kinds of Error.
const (
	Syntax       Fault = iota // the file is not YAML
	Type                      // a value has the wrong type
	DuplicateKey              // a mapping defines a key twice
	Expansion                 // aliases expand to a cycle or to too many values
	TooLarge                  // mappings have so many keys that decoding takes minutes
)

// Error is a problem in a document. It never contains a value, which could be a secret.
type Error struct {
	Position
	Fault      Fault
	Message    string
	Suggestion string // what the author may have meant, or ""
}

// Error returns LINE:COLUMN: MESSAGE.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

func faultf(fault Fault, at Position, format string, args ...any) *Error {
	return &Error{Position: at, Fault: fault, Message: fmt.Sprintf(format, args...)}
}

// The errors of the YAML package are text, with a line at most. The functions below find
// their position and reword them for authors.

// cutLine splits a message of the YAML package into its line and the rest.
func cutLine(message string) (line int, rest string, ok bool) {
	number, rest, ok := strings.Cut(strings.TrimPrefix(message, "line "), ": ")
	line, err := strconv.Atoi(number)
	return line, rest, ok && err == nil && strings.HasPrefix(message, "line ")
}

// between returns s without the given beginning and end, and whether s has both.
func between(s, beginning, end string) (string, bool) {
	s, ok := strings.CutPrefix(s, beginning)
	s, ended := strings.CutSuffix(s, end)
	return s, ok && ended
}

func hasUTF16Mark(data []byte) bool {
	return len(data) >= 2 && (data[0] == 0xfe && data[1] == 0xff || data[0] == 0xff && data[1] == 0xfe)
}

// decodeErrors explains an error of decoding n into out: a list of type errors, or an
// error about aliases or merges, which has no position.
func (d *Document) decodeErrors(n *Node, out any, err error) []*Error {
	var list *yaml.TypeError
	if errors.As(err, &list) {
		if found := d.explain(n, out); len(found) > 0 {
			return found
		}
		return unexplained(n, list)
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if name, ok := between(message, "anchor '", "' value contains itself"); ok {
		at := At(n)
		if anchor := d.nodes().anchors[name]; anchor != nil {
			at = At(anchor)
		}
		return []*Error{faultf(Expansion, at, "the value of this anchor contains itself")}
	}
	if strings.Contains(message, "aliasing") {
		return []*Error{faultf(Expansion, At(n), "aliases expand to too many values; write out only what is needed")}
	}
	if key := badMerge(n); key != nil {
		return []*Error{faultf(Type, At(key), "<< must be a map or a list of maps")}
	}
	if bad, problem := d.undecodable(n, make(map[*Node]bool)); bad != nil {
		return []*Error{faultf(Type, At(bad), "%s", problem)}
	}
	if found := d.explain(n, out); len(found) > 0 {
		return found
	}
	// The message is not repeated, because it can hold a value.
	return []*Error{faultf(Type, At(n), "%s cannot be decoded", d.Path(n))}
}

// undecodable returns a node in n that no type can take, and what is wrong with it: a
// scalar that does not match its tag, or a key that is not a scalar.
func (d *Document) undecodable(n *Node, seen map[*Node]bool) (*Node, string) {
	if n = Resolve(n); seen[n] {
		return nil, ""
	}
	seen[n] = true
	if n.Kind == Scalar && guarded(func() error { return n.Decode(new(any)) }) != nil {
		return n, fmt.Sprintf("%s does not match its tag %s", d.Path(n), text.Name(n.ShortTag()))
	}
	for i, c := range n.Content {
		if n.Kind == Mapping && i%2 == 0 && Resolve(c).Kind != Scalar {
			return c, fmt.Sprintf("a key in %s is not text; put text that starts with { or [ in quotes", d.Path(n))
		}
		if bad, problem := d.undecodable(c, seen); bad != nil {
			return bad, problem
		}
	}
	return nil, ""
}

// unexplained returns type errors that explain did not find, with their lines.
func unexplained(n *Node, list *yaml.TypeError) []*Error {
	var found []*Error
	for _, message := range list.Errors {
		at := At(n)
		if line, _, ok := cutLine(message); ok {
			at = Position{line, 1}
		}
		found = append(found, faultf(Type, at, "a value on this line has the wrong type"))
	}
	return found
}

// badMerge returns a merge key in n whose value cannot be merged, or nil.
func badMerge(n *Node) *Node {
	for i, c := range n.Content {
		if n.Kind == Mapping && i%2 == 0 && IsMerge(c) && !mergeable(n.Content[i+1]) {
			return c
		}
		if found := badMerge(c); found != nil {
			return found
		}
	}
	return nil
}

func mergeable(n *Node) bool {
	n = Resolve(n)
	if n.Kind == Sequence {
		return !slices.ContainsFunc(n.Content, func(c *Node) bool { return Resolve(c).Kind != Mapping })
	}
	return n.Kind == Mapping
}
