package model

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// archs are the architectures that the host knows.
var archs = []string{"amd64", "arm64"}

// endpointPermission is the path of the key that lets users set up endpoints.
var endpointPermission = []string{"resource", "permission", "endpoint", "enabled"}

// The host's limits for texts in a manifest, in characters.
const (
	maxPath          = 128
	maxRunnerVersion = 128
	maxEntrypoint    = 256
)

// The least and most storage that a plugin may ask for, in bytes.
const (
	minStorage = 1 << 10
	maxStorage = 1 << 30
)

// Check reports what the host would refuse in a manifest that it can load. Unless the run
// only inspects, that is an error.
func (m *Manifest) Check() Findings {
	r := &reporter{file: m.file}
	c := &manifestChecker{reporter: r, root: m.root, missing: make(map[string]bool)}
	c.check(&m.host)
	c.kinds(m.Providers, &m.host)
	c.strategies(m)
	return r.Findings
}

// manifestChecker checks a manifest against the host's rules.
type manifestChecker struct {
	*reporter
	root    *yamldoc.Node
	missing map[string]bool // the keys, with those above them, that were reported
}

func (c *manifestChecker) check(h *hostManifest) {
	c.match(h.Version, &versionPattern, "version")
	c.oneOf(h.Type, []string{"plugin"}, "type")
	c.match(h.Author, &authorPattern, "author")
	c.match(h.Name, &pluginPattern, "name")
	c.text(h.Label, "label")
	c.text(h.Description, "description")
	c.atMost(h.Icon, maxPath, "icon")
	if h.IconDark != "" {
		c.atMost(h.IconDark, maxPath, "icon_dark")
	}
	c.match(h.Meta.Version, &versionPattern, "meta", "version")
	c.archs(h)
	// The host runs only Python, so a Go plugin has a small Python main.
	c.oneOf(h.Meta.Runner.Language, []string{"python"}, "meta", "runner", "language")
	c.atMost(h.Meta.Runner.Version, maxRunnerVersion, "meta", "runner", "version")
	c.atMost(h.Meta.Runner.Entrypoint, maxEntrypoint, "meta", "runner", "entrypoint")
	if c.given(!h.CreatedAt.IsZero(), "created_at") && h.CreatedAt.Year() > 9999 {
		c.wrong([]string{"created_at"}, "must be a time before the year 10000")
	}
	c.resources(&h.Resource)
	if h.Repo != nil && !isURL(*h.Repo) {
		c.wrong([]string{"repo"}, "must be a link that a browser can open, such as https://example.com/repo")
	}
}

// wrong reports the value at a path of keys.
func (c *manifestChecker) wrong(path []string, format string, args ...any) {
	c.strictly(deepest(c.root, path...), RuleManifest, "%s %s", strings.Join(path, "."), fmt.Sprintf(format, args...))
}

// given reports a key that is missing or empty, unless is says that it is not. Of several
// that are missing in a map that is missing itself, it reports the map.
func (c *manifestChecker) given(is bool, path ...string) bool {
	if is {
		return true
	}
	for i := range path {
		if _, value := yamldoc.Lookup(c.root, path[:i+1]...); value == nil || yamldoc.IsNull(yamldoc.Resolve(value)) {
			path = path[:i+1]
			break
		}
	}
	if key := strings.Join(path, "."); !c.missing[key] {
		c.missing[key] = true
		c.wrong(path, "is missing")
	}
	return false
}

func (c *manifestChecker) match(value string, pattern *textPattern, path ...string) {
	if c.given(value != "", path...) && !pattern.match(value) {
		c.wrong(path, "must be %s", pattern.want)
	}
}

func (c *manifestChecker) oneOf(value string, words []string, path ...string) {
	if c.given(value != "", path...) && !slices.Contains(words, value) {
		c.strictly(deepest(c.root, path...), RuleManifest, "%s must be %s", strings.Join(path, "."), strings.Join(words, " or "))
		c.meant(value, words)
	}
}

// meant adds a suggestion to the last diagnostic, if the value is near one of the words.
func (c *manifestChecker) meant(value string, words []string) {
	c.diagnostics[len(c.diagnostics)-1].Suggestion = text.Nearest(value, words)
}

// atMost reports a text that is missing or has more characters than a limit.
func (c *manifestChecker) atMost(value string, limit int, path ...string) {
	if c.given(value != "", path...) && utf8.RuneCountInString(value) > limit {
		c.wrong(path, "must have at most %d characters", limit)
	}
}

func (c *manifestChecker) text(t hostText, path ...string) {
	path = path[:len(path):len(path)]
	c.given(t.English != "", append(path, "en_US")...)
	for language, s := range t.text().languages() {
		if utf8.RuneCountInString(s) >= maxText {
			c.wrong(append(path, language), "must have fewer than %d characters", maxText)
		}
	}
}

func (c *manifestChecker) archs(h *hostManifest) {
	path := []string{"meta", "arch"}
	c.given(h.Meta.Arch != nil, path...)
	_, list := yamldoc.Lookup(c.root, path...)
	for _, arch := range unknownWords(list, archs) {
		c.strictly(at(arch), RuleManifest, "an architecture in meta.arch must be %s", strings.Join(archs, " or "))
		c.meant(arch.Value, archs)
	}
}

func (c *manifestChecker) resources(h *hostResource) {
	memory := []string{"resource", "memory"}
	if _, n := yamldoc.Lookup(c.root, memory...); c.given(n != nil, memory...) && h.Memory <= 0 {
		c.wrong(memory, "must be a number of bytes, such as 67108864")
	}
	p := h.Permission
	if p == nil {
		return
	}
	c.permissions(p)
	if p.Storage != nil && (p.Storage.Size < minStorage || p.Storage.Size > maxStorage) {
		c.wrong([]string{"resource", "permission", "storage", "size"}, "must be between %d and %d bytes", minStorage, maxStorage)
	}
}

// kinds reports providers that the host does not accept together.
func (c *manifestChecker) kinds(providers []ProviderFile, h *hostManifest) {
	first := make(map[Kind]ProviderFile)
	for _, p := range providers {
		if utf8.RuneCountInString(p.Path) > maxPath {
			c.strictly(p.Pos, RuleManifest, "the name of a provider file must have at most %d characters", maxPath)
		}
		if other, have := first[p.Kind]; have {
			c.warnf(p.Pos, RuleManifest, "the host uses only one provider of each kind; it has %s already", text.Name(other.Path))
			continue
		}
		first[p.Kind] = p
	}
	for _, p := range providers {
		together := p.Kind == KindTool || p.Kind == KindEndpoint
		if alone := !together && len(first) > 1; alone {
			c.strictly(p.Pos, RuleManifest, "a provider of kind %s must be the only one in its plugin; only tool and endpoint providers can share one", p.Kind)
			return
		}
	}
	if _, endpoints := first[KindEndpoint]; endpoints {
		if p := h.Resource.Permission; p == nil || p.Endpoint == nil || !p.Endpoint.Enabled {
			c.warnf(deepest(c.root, endpointPermission...), RuleManifest,
				"%s must be true, or nobody can set up an endpoint", strings.Join(endpointPermission, "."))
		}
	}
}

// strategies reports agent strategies that can ask Dify neither for models nor for tools, of which agents are made.
func (c *manifestChecker) strategies(m *Manifest) {
	isOfAgents := func(p Permitted) bool { return p.Permission == PermissionLLM || p.Permission == PermissionTool }
	if !slices.Contains(m.Kinds(), KindAgentStrategy) || slices.ContainsFunc(m.Permissions(), isOfAgents) {
		return
	}
	c.warnf(deepest(c.root, "resource", "permission"), RuleManifest,
		"resource.permission permits neither models (model.enabled and model.llm) nor tools (tool.enabled), so agent strategies can call none")
}
