package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// What the host accepts as names and versions.
var (
	authorRE  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9_-]{1,64}$`) })
	pluginRE  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9_-]{1,128}$`) })
	versionRE = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\d{1,4}(\.\d{1,4}){2}(-\w{1,16})?$`)
	})
	archs = []string{"amd64", "arm64"}
)

// endpointPermission is the path of the key that lets users set up endpoints.
var endpointPermission = []string{"resource", "permission", "endpoint", "enabled"}

// The least and most storage that a plugin may ask for, in bytes.
const (
	minStorage = 1 << 10
	maxStorage = 1 << 30
)

// Declaration returns what a plugin tells the host about its manifest, as a value for
// encoding/json. It is nil if the host could not load the manifest. A name, version, time,
// architecture, amount of memory or combination of kinds that the host would refuse is an
// error; tags and repo are not checked. m must come from LoadManifest, without an error
// among the findings.
func (m *Manifest) Declaration() (map[string]any, Findings) {
	l := &loader{reporter: reporter{file: m.file}, doc: m.doc}
	value := l.json(new(hostManifest), conversion{})
	if value == nil {
		return nil, l.Findings
	}
	c := &manifestChecker{reporter: &l.reporter, root: m.doc.Root, value: value}
	c.check(m.Providers)
	return value, l.Findings
}

// manifestChecker checks a manifest against the host's rules.
type manifestChecker struct {
	*reporter
	root  *yamldoc.Node
	value map[string]any
}

func (c *manifestChecker) check(providers []ProviderFile) {
	c.match(authorRE, "1 to 64 lowercase letters, digits, _ or -", "author")
	c.match(pluginRE, "1 to 128 lowercase letters, digits, _ or -", "name")
	c.match(versionRE, "a version such as 0.1.0", "version")
	c.match(versionRE, "a version such as 0.1.0", "meta", "version")
	c.oneOf([]string{"plugin"}, "type")
	c.given("label", "en_US")
	c.given("description", "en_US")
	c.given("icon")
	c.given("meta", "runner", "version")
	c.given("meta", "runner", "entrypoint")
	// The host runs only Python, so a Go plugin has a small Python main.
	c.oneOf([]string{"python"}, "meta", "runner", "language")
	c.createdAt()
	c.archs()
	c.resources()
	c.kinds(providers)
}

// wrong reports the value at a path of keys.
func (c *manifestChecker) wrong(path []string, format string, args ...any) {
	c.report(deepest(c.root, path...), RuleManifest, "%s %s", strings.Join(path, "."), fmt.Sprintf(format, args...))
}

func (c *manifestChecker) given(path ...string) {
	if textAt(c.value, path...) == "" {
		if v, ok := Scalar(valueAt(c.value, path...)); !ok || v == "" {
			c.wrong(path, "is missing")
		}
	}
}

func (c *manifestChecker) match(re func() *regexp.Regexp, want string, path ...string) {
	if !re().MatchString(textAt(c.value, path...)) {
		c.wrong(path, "must be %s", want)
	}
}

func (c *manifestChecker) oneOf(words []string, path ...string) {
	if !slices.Contains(words, textAt(c.value, path...)) {
		c.wrong(path, "must be %s", strings.Join(words, " or "))
	}
}

func (c *manifestChecker) createdAt() {
	s := textAt(c.value, "created_at")
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		c.wrong([]string{"created_at"}, "must be a time with a zone, such as 2026-01-31T12:00:00Z")
	}
}

func (c *manifestChecker) archs() {
	path := []string{"meta", "arch"}
	list, ok := valueAt(c.value, path...).([]any)
	unknown := func(arch any) bool {
		s, _ := arch.(string)
		return !slices.Contains(archs, s)
	}
	if !ok || slices.ContainsFunc(list, unknown) {
		c.wrong(path, "must be a list of architectures, each %s", strings.Join(archs, " or "))
	}
}

func (c *manifestChecker) resources() {
	memory, _ := valueAt(c.value, "resource", "memory").(int)
	if memory <= 0 {
		c.wrong([]string{"resource", "memory"}, "must be a number of bytes, such as 67108864")
	}
	storage := []string{"resource", "permission", "storage", "size"}
	if size, ok := valueAt(c.value, storage...).(int); ok && (size < minStorage || size > maxStorage) {
		c.wrong(storage, "must be between %d and %d bytes", minStorage, maxStorage)
	}
}

// kinds reports providers that the host does not accept together.
func (c *manifestChecker) kinds(providers []ProviderFile) {
	first := make(map[Kind]ProviderFile)
	for _, p := range providers {
		if other, have := first[p.Kind]; have {
			c.warnf(p.Pos, RuleManifest, "the host uses only the first provider of each kind, %s", text.Name(other.Path))
			continue
		}
		first[p.Kind] = p
	}
	for _, p := range providers {
		together := p.Kind == KindTool || p.Kind == KindEndpoint
		if alone := !together && len(first) > 1; alone {
			c.report(p.Pos, RuleManifest, "a provider of kind %s must be the only one in its plugin; only tool and endpoint providers can share one", p.Kind)
			return
		}
	}
	if _, endpoints := first[KindEndpoint]; endpoints {
		if on, _ := valueAt(c.value, endpointPermission...).(bool); !on {
			c.warnf(deepest(c.root, endpointPermission...), RuleManifest,
				"%s must be true, or nobody can set up an endpoint", strings.Join(endpointPermission, "."))
		}
	}
}
