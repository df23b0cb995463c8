package generate

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// naming is what the names of a provider's Go code come from. Each plugin decides
// it by its manifest, whichever of its providers a run is for.
type naming struct {
	file   string // start of the Go files' names
	byKind bool   // an earlier provider of another kind has the same Go name
}

// names decides the naming of a plugin's providers, in the manifest's order of
// kinds: the first of a name, or with a file of a name, has it for itself, whether
// it has credentials or not. The kind is added to those of later kinds.
func names(list []loaded) []naming {
	owners := make(map[string]model.Kind)
	taken := func(name string, kind model.Kind) bool {
		owner, ok := owners[name]
		if !ok {
			owners[name] = kind
		}
		return ok && owner != kind
	}
	result := make([]naming, len(list))
	for i := range list {
		l := &list[i]
		n := naming{file: stem(l.source.ID)}
		if l.provider == nil || l.provider.Kind == model.KindAgentStrategy {
			result[i] = n
			continue
		}
		n.byKind = taken("name "+strings.ToLower(gen.GoName(cmp.Or(l.provider.Name, n.file))), l.source.Kind)
		if taken("file "+strings.ToLower(n.file), l.source.Kind) {
			n.file += "_" + string(l.source.Kind)
		}
		result[i] = n
	}
	return result
}

// setNames gives every loaded provider its naming. What a file that was named alone
// shares a plugin with is read for that; what is wrong with it is reported, as the
// names could be other ones.
func (r *Result) setNames(list []loaded, cfg Config) error {
	if len(cfg.Files) == 0 {
		for i, n := range names(list) {
			list[i].naming = n
		}
		return nil
	}
	plugins := make(map[string]map[string]naming)
	for i := range list {
		s := &list[i].source
		list[i].naming.file = stem(s.ID)
		if s.File == nil {
			continue
		}
		byID, ok := plugins[s.plugin.dir]
		if !ok {
			var err error
			if byID, err = r.pluginNames(s.plugin, cfg.Dir); err != nil {
				return err
			}
			plugins[s.plugin.dir] = byID
		}
		if n, ok := byID[s.ID]; ok {
			list[i].naming = n
		}
	}
	return nil
}

// pluginNames is the naming of all providers of a plugin, by the ID of their source.
func (r *Result) pluginNames(p *pluginFolder, base string) (map[string]naming, error) {
	if kind := p.manifest.Providers[0].Kind; !slices.ContainsFunc(p.manifest.Providers, func(f model.ProviderFile) bool { return f.Kind != kind }) {
		return nil, nil // names of one kind must differ anyhow
	}
	sources, findings, err := p.sources(base)
	if err != nil {
		return nil, err
	}
	list, err := loadSources(sources)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.provider == nil {
			r.Sources[l.source.Name] = l.source.Data
			findings.Merge(l.findings)
		}
	}
	for _, d := range findings.Settle() {
		if d.Severity == model.SeverityError {
			r.findings.Add(d)
		}
	}
	byID := make(map[string]naming, len(list))
	for i, n := range names(list) {
		byID[list[i].source.ID] = n
	}
	return byID, nil
}

// stem is the name of a file without folder and extension.
func stem(id string) string {
	base := id[strings.LastIndexByte(id, '/')+1:]
	return strings.TrimSuffix(base, filepath.Ext(base))
}
