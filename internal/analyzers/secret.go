package analyzers

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// revealed returns what a value reveals, such as "Secret.Reveal"; "" if it reveals nothing.
func (s *source) revealed(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Call:
		return s.reveals(v)
	case *ssa.Lookup:
		return s.revealedKey(v)
	case *ssa.Extract:
		if l, ok := v.Tuple.(*ssa.Lookup); ok && v.Index == 0 {
			return s.revealedKey(l)
		}
	}
	return ""
}

// reveals returns what a call reveals.
func (s *source) reveals(call *ssa.Call) string {
	f := called(call.Common())
	switch {
	case f == function{runtimePath, "Secret", "Reveal"}:
		return "Secret.Reveal"
	case f.name == "Reveal" && f.pkg == runtimePath:
		return f.receiver + ".Reveal"
	case f.name == "Values" && slices.ContainsFunc(s.valuesOf(call), hasSecret):
		return "Values"
	}
	return ""
}

// revealedKey returns what the value of a key in revealed values reveals.
func (s *source) revealedKey(l *ssa.Lookup) string {
	key, ok := textOf(l.Index)
	if !ok {
		return ""
	}
	for _, section := range s.valuesBehind(l.X) {
		if f, ok := section.field(key); ok && f.Secret {
			return "Values"
		}
	}
	return ""
}

// valuesBehind returns the sections whose Values a map certainly is.
func (s *source) valuesBehind(m ssa.Value) []Section {
	var list []Section
	sure := true
	t := trace{
		source: s, callers: true,
		found: func(v ssa.Value) bool {
			call, ok := v.(*ssa.Call)
			if !ok {
				return false
			}
			sections := s.valuesOf(call)
			list = append(list, sections...)
			return len(sections) > 0
		},
		unknown: func(v ssa.Value) {
			if c, ok := v.(*ssa.Const); !ok || !c.IsNil() {
				sure = false
			}
		},
	}
	t.from(m)
	if !sure {
		return nil
	}
	return list
}

// valuesOf returns the sections whose values a call returns as a map.
func (s *source) valuesOf(call *ssa.Call) []Section {
	common := call.Common()
	f := called(common)
	if f.name != "Values" {
		return nil
	}
	if common.IsInvoke() {
		return s.implementations(common.Value.Type())
	}
	if len(common.Args) != 1 {
		return nil
	}
	section, ok := s.section(common.Args[0].Type())
	if !ok {
		return nil
	}
	return []Section{section}
}

func hasSecret(s Section) bool {
	return slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Secret })
}

// keepsText reports whether what a function returns contains the text of an argument.
func keepsText(f function, arg int) bool {
	switch f.pkg {
	case "":
		return f.name == "append"
	case runtimePath:
		return f.name == "Some"
	case "fmt":
		return strings.HasPrefix(f.name, "Sprint") || strings.HasPrefix(f.name, "Append")
	case "strings", "bytes":
		switch f.receiver {
		case "":
			return strings.HasPrefix(f.name, "Trim") && arg == 0 || isReplace(f) && arg != replacedArg || strings.HasPrefix(f.name, "To") ||
				slices.Contains([]string{"Join", "Repeat", "Clone", "Title", "NewReader", "NewBuffer", "NewBufferString"}, f.name)
		case "Builder", "Buffer":
			return f.name == "String" || f.name == "Bytes"
		}
	case "net/url":
		return f.name == "QueryEscape" || f.name == "PathEscape"
	case "encoding/base64", "encoding/hex", "encoding/base32":
		return f.name == "EncodeToString"
	case "encoding/json":
		return f.name == "Marshal" || f.name == "MarshalIndent"
	case "strconv":
		return strings.HasPrefix(f.name, "Quote")
	case "cmp":
		return f.name == "Or"
	}
	return false
}

// replacedArg is the argument of a function that replaces a text which its result lacks.
const replacedArg = 1

// isReplace reports whether a function replaces a text in another.
func isReplace(f function) bool {
	return (f.pkg == "strings" || f.pkg == "bytes") && f.receiver == "" && (f.name == "Replace" || f.name == "ReplaceAll")
}

// replaced returns the text that a value, the result of a call, lacks since it was replaced; nil if
// there is none.
func replaced(v ssa.Value) ssa.Value {
	call, ok := v.(*ssa.Call)
	if !ok || !isReplace(called(call.Common())) {
		return nil
	}
	return call.Call.Args[replacedArg]
}

// isRedacted reports whether a value is a text in which a secret was replaced.
func (s *source) isRedacted(v ssa.Value) bool {
	old := replaced(v)
	if old == nil {
		return false
	}
	found := false
	t := trace{source: s, passes: keepsText, callers: true}
	t.found = func(v ssa.Value) bool {
		found = found || s.revealed(v) != ""
		return found
	}
	t.from(old)
	return found
}

// revealedIn returns what a value contains that is revealed, and the call that reveals it.
func (s *source) revealedIn(v ssa.Value, callers bool) (what string, at ssa.Value) {
	t := trace{
		source: s, passes: keepsText, callers: callers,
		found: func(v ssa.Value) bool {
			if at != nil || s.isRedacted(v) {
				return true
			}
			if w := s.revealed(v); w != "" {
				what, at = w, v
				return true
			}
			if l, ok := v.(*ssa.Lookup); ok {
				// Of revealed values, only the key that is asked for counts.
				return len(s.valuesBehind(l.X)) > 0
			}
			_, number := v.Type().Underlying().(*types.Basic)
			return number && !isText(v.Type()) // a length, a result of a comparison …
		},
	}
	t.from(v)
	return what, at
}
