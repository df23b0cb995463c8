package model

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// The YAML package reports strings with a line at most. The functions of this
// file find the node that is meant and say the same in an author's words.

var (
	lineRE      = regexp.MustCompile(`(?s)^(?:yaml: )?line (\d+): (.*)$`)
	unmarshalRE = regexp.MustCompile("(?s)^cannot unmarshal (\\S+)(?: `(.*)`)? into (.+)$")
	duplicateRE = regexp.MustCompile(`(?s)^mapping key (".*") already defined at line (\d+)$`)
	valueRE     = regexp.MustCompile("(?s) ?`.*`")
	circleRE    = regexp.MustCompile(`(?s)^anchor '(.*)' value contains itself$`)
	unknownRE   = regexp.MustCompile(`(?s)^unknown anchor '(.*)' referenced$`)
)

// syntaxError reports an error of the parser, which gives a line or nothing.
func (r *reporter) syntaxError(data []byte, err error) {
	if !utf8.Valid(data) && !hasUTF16Mark(data) {
		r.errorf(invalidUTF8(data), RuleSyntax, "the file is not valid UTF-8; save it as UTF-8")
		return
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	pos := Position{Line: 1, Column: 1}
	if m := lineRE.FindStringSubmatch(message); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		pos.Column = firstColumn(data, pos.Line)
		message = m[2]
	} else if m := unknownRE.FindStringSubmatch(message); m != nil {
		pos = find(data, "*"+m[1])
		message = fmt.Sprintf("alias *%s has no anchor", text.Name(m[1]))
	} else if strings.Contains(message, "control characters") {
		pos = findControl(data)
	}
	if strings.Contains(message, "mapping values are not allowed") || strings.Contains(message, "did not find expected") {
		message += "; check the indentation and quotes of this line and the one above"
	}
	r.errorf(pos, RuleSyntax, "not YAML: %s", message)
}

func hasUTF16Mark(data []byte) bool {
	return len(data) >= 2 && (data[0] == 0xfe && data[1] == 0xff || data[0] == 0xff && data[1] == 0xfe)
}

// position counts lines and characters up to an offset into data.
func position(data []byte, offset int) Position {
	before := string(data[:offset])
	line := strings.Count(before, "\n")
	start := strings.LastIndexByte(before, '\n') + 1
	return Position{Line: line + 1, Column: utf8.RuneCountInString(before[start:]) + 1}
}

func invalidUTF8(data []byte) Position {
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && size == 1 {
			return position(data, i)
		}
		i += size
	}
	return Position{Line: 1, Column: 1}
}

func find(data []byte, word string) Position {
	return position(data, max(strings.Index(string(data), word), 0))
}

func findControl(data []byte) Position {
	return position(data, max(slices.IndexFunc(data, func(c byte) bool {
		return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f
	}), 0))
}

func firstColumn(data []byte, line int) int {
	rest := string(data)
	for n := 1; n < line; n++ {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			return 1
		}
		rest = rest[i+1:]
	}
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return len(rest) - len(strings.TrimLeft(rest, " \t")) + 1
}

// typeErrors reports an error of decoding n: a list of type errors, or one
// about aliases and merges that has no position.
func (d *decoder) typeErrors(n *yaml.Node, err error) {
	var list *yaml.TypeError
	if errors.As(err, &list) {
		for _, e := range list.Errors {
			d.typeError(n, e)
		}
		return
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	where, rule := at(n), RuleType
	if m := circleRE.FindStringSubmatch(message); m != nil {
		where, rule = d.lines().anchor(m[1], where), RuleAlias
		message = fmt.Sprintf("anchor &%s stands for a value that contains itself", text.Name(m[1]))
	} else if strings.Contains(message, "aliasing") {
		rule = RuleAlias
		message = "aliases stand for too many values: write out what is needed"
	} else if key := badMerge(n); key != nil {
		where = at(key)
		message = "<< wants a map or a list of maps"
	}
	d.errorf(where, rule, "%s", unquoted(message))
}

// badMerge finds a merge key whose value cannot be merged.
func badMerge(n *yaml.Node) *yaml.Node {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && isMerge(c) && !mergeable(n.Content[i+1]) {
			return c
		}
		if found := badMerge(c); found != nil {
			return found
		}
	}
	return nil
}

func mergeable(n *yaml.Node) bool {
	n = resolve(n)
	if n.Kind == yaml.SequenceNode {
		return !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return resolve(c).Kind != yaml.MappingNode })
	}
	return n.Kind == yaml.MappingNode
}

func (d *decoder) typeError(n *yaml.Node, message string) {
	where := at(n)
	if m := lineRE.FindStringSubmatch(message); m != nil {
		where = Position{Line: atoi(m[1]), Column: 1}
		message = m[2]
	}
	if m := unmarshalRE.FindStringSubmatch(message); m != nil {
		node := d.lines().take(lineKey{where.Line, m[1], m[2]})
		if node != nil {
			where = at(node)
		}
		suggestion := ""
		if m[3] == "bool" && node != nil {
			suggestion = meantBool(node.Value)
		}
		d.add(where, SeverityError, RuleType, suggestion,
			fmt.Sprintf("%s must be %s, not %s", d.lines().path(node), wanted(m[3]), found(m[1])))
		return
	}
	if m := duplicateRE.FindStringSubmatch(message); m != nil {
		name, err := strconv.Unquote(m[1])
		if err == nil {
			if node := d.lines().take(lineKey{where.Line, keyTag, name}); node != nil {
				where = at(node)
			}
		}
		d.errorf(where, RuleDuplicateKey, "key %s is already given on line %s", text.Name(name), m[2])
		return
	}
	d.errorf(where, RuleType, "%s", unquoted(message))
}

// unquoted cuts the values out of a message of the YAML package: one may be a
// secret.
func unquoted(message string) string { return valueRE.ReplaceAllString(message, "") }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func meantBool(value string) string {
	switch strings.ToLower(value) {
	case "1", "true", "t", "yes", "y", "on":
		return "true"
	case "0", "false", "f", "no", "n", "off":
		return "false"
	}
	return ""
}

// wanted says what a host type takes in an author's words.
func wanted(goType string) string {
	name := strings.TrimSuffix(goType[strings.LastIndexByte(goType, '.')+1:], "]")
	if strings.HasPrefix(goType, "[]") {
		switch {
		case strings.HasSuffix(name, "Option"):
			return "a list of options"
		case strings.HasSuffix(name, "Field"), name == "hostParameter":
			return "a list of fields"
		}
		return "a list"
	}
	switch name {
	case "bool":
		return "true or false"
	case "int":
		return "a whole number"
	case "float64":
		return "a number"
	case "hostSection":
		return "a map or list of fields"
	case "string", "hostType":
		return "text"
	case "hostText":
		return "a map of languages such as {en_US: …}"
	case "hostField", "hostFormField", "hostParameter":
		return "a field, a map with type and label"
	case "hostOption", "hostFormOption", "hostParameterOption":
		return "an option, a map with value and label"
	}
	return "a map"
}

// found names a YAML tag in an author's words.
func found(tag string) string {
	switch tag {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a boolean"
	case "!!seq":
		return "a list"
	case "!!map":
		return "a map"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return "null"
	}
	return text.Name(tag)
}

// lineKey is how the YAML package describes a node in an error: by line, tag and
// the first characters of its value.
type lineKey struct {
	line  int
	tag   string
	value string
}

// keyTag stands for the tag of a key of a map, which is described by its value.
const keyTag = "key"

// lineIndex finds nodes by such a description, and the keys that lead to them.
type lineIndex struct {
	nodes   map[lineKey][]*yaml.Node // not taken yet, but for the last
	parent  map[*yaml.Node]*yaml.Node
	key     map[*yaml.Node]string
	anchors map[string]*yaml.Node
}

func (d *decoder) lines() *lineIndex {
	if d.index == nil {
		d.index = &lineIndex{
			nodes:   make(map[lineKey][]*yaml.Node),
			parent:  make(map[*yaml.Node]*yaml.Node),
			key:     make(map[*yaml.Node]string),
			anchors: make(map[string]*yaml.Node),
		}
		d.index.add(d.root)
	}
	return d.index
}

func (x *lineIndex) add(n *yaml.Node) {
	described := lineKey{line: n.Line, tag: n.ShortTag()}
	if n.Kind == yaml.ScalarNode {
		if described.value = n.Value; len(n.Value) > 10 {
			described.value = n.Value[:7] + "..."
		}
	}
	x.nodes[described] = append(x.nodes[described], n)
	if n.Anchor != "" && n.Kind != yaml.AliasNode && x.anchors[n.Anchor] == nil {
		x.anchors[n.Anchor] = n
	}
	for i, c := range n.Content {
		x.parent[c] = n
		switch {
		case n.Kind == yaml.SequenceNode:
			x.key[c] = fmt.Sprintf("[%d]", i)
		case n.Kind == yaml.MappingNode && i%2 == 1:
			x.key[c] = text.Name(n.Content[i-1].Value)
		case n.Kind == yaml.MappingNode:
			described := lineKey{c.Line, keyTag, c.Value}
			x.nodes[described] = append(x.nodes[described], c)
		}
		x.add(c)
	}
}

// take returns the first node of that description that was not taken before, or
// the last one.
func (x *lineIndex) take(described lineKey) *yaml.Node {
	nodes := x.nodes[described]
	if len(nodes) == 0 {
		return nil
	}
	if len(nodes) > 1 {
		x.nodes[described] = nodes[1:]
	}
	return nodes[0]
}

// anchor returns where the first anchor of that name stands.
func (x *lineIndex) anchor(name string, otherwise Position) Position {
	if n := x.anchors[name]; n != nil {
		return at(n)
	}
	return otherwise
}

// path joins the keys from the root to n by dots.
func (x *lineIndex) path(n *yaml.Node) string {
	var keys []string
	for ; n != nil; n = x.parent[n] {
		if k := x.key[n]; k != "" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return "the document"
	}
	slices.Reverse(keys)
	return strings.ReplaceAll(strings.Join(keys, "."), ".[", "[")
}
