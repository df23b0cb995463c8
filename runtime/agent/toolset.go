package agent

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// Toolset are tools that a model can call. A nil one is empty.
type Toolset struct {
	service invoke.Tools
	byName  map[string]*Tool
	list    []llm.Tool
}

// NewToolset returns a set of tools that a user has chosen, which the service calls.
//
// Models know each tool by its name, in which characters other than letters, digits, "_" and "-" are "_",
// as most services demand. Where several tools have one name, the last element of the provider stands
// before it, as in google_search, or a number after it.
func NewToolset(service invoke.Tools, tools []Tool) *Toolset {
	s := &Toolset{service: service, byName: make(map[string]*Tool, len(tools))}
	plain, numbered := make(map[string]int), make(map[string]int)
	for i := range tools {
		plain[modelName(tools[i].Name)]++
	}
	for i := range tools {
		t := &tools[i]
		name := modelName(t.Name)
		if plain[name] > 1 && t.ProviderType == invoke.ToolBuiltin {
			name = modelName(path.Base(t.Provider) + "_" + t.Name)
		}
		name = s.free(name, numbered)
		s.byName[name] = t
		s.list = append(s.list, t.forModel(name))
	}
	return s
}

// maxName is how long the name of a tool is that models know.
const maxName = 64

// modelName returns a name that services take.
func modelName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			return c
		}
		return '_'
	}, name)
	return name[:min(len(name), maxName)]
}

// free returns the name, with a number if it is taken: the one after that which the name had last.
func (s *Toolset) free(name string, numbered map[string]int) string {
	base := name
	for s.byName[name] != nil {
		numbered[base] = max(numbered[base]+1, 2)
		number := "_" + strconv.Itoa(numbered[base])
		name = base[:min(len(base), maxName-len(number))] + number
	}
	return name
}

// ForModel returns the tools as models know them, in the order of the user.
func (s *Toolset) ForModel() []llm.Tool {
	if s == nil {
		return nil
	}
	return slices.Clone(s.list)
}

// Find returns the tool that models know by that name, or nil.
func (s *Toolset) Find(name string) *Tool {
	if s == nil {
		return nil
	}
	return s.byName[name]
}

// names lists the tools as models know them.
func (s *Toolset) names() string {
	if s == nil || len(s.list) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(s.byName)), ", ")
}
