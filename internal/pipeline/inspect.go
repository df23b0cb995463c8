package pipeline

import (
	"fmt"
	"io/fs"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Inspect reads the providers that cfg names and reports on them. Its error is one of
// usage or of reading files.
func Inspect(cfg Config) (*Result, error) {
	found, loaded, err := cfg.load()
	if err != nil {
		return nil, err
	}
	return newResult(found.sources, loaded, loaded.findings.Settle()), nil
}

// InspectItems reads the files of items of providers of a kind and reports on them. Paths
// are relative to dir, which is absolute. Its error is one of reading files.
func InspectItems(dir string, files []string, kind model.Kind) ([]*model.Item, *Result, error) {
	var items []*model.Item
	var findings model.Findings
	result := &Result{Sources: make(map[string][]byte)}
	for _, name := range distinct(files) {
		data, err := regular.ReadFile(absolute(dir, name), regular.MaxSize)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", text.Name(name), plugin.Reason(err))
		}
		result.Sources[name] = data
		item, more := model.LoadItem(name, data, kind)
		findings.Merge(more)
		if item != nil {
			items = append(items, item)
		}
	}
	result.Diagnostics = findings.Settle()
	return items, result, nil
}

// InspectPlugin reads the whole plugin whose manifest is in dir, which is absolute, or in
// the nearest parent, and reports on it. The plugin is complete if no diagnostic is an
// error. Its error is one of reading files.
func InspectPlugin(dir string) (*plugin.Plugin, *Result, error) {
	at, ok := pluginDir(dir)
	if !ok {
		return nil, nil, errNoManifest
	}
	return readPlugin(dir, at, plugin.Inspect)
}

// checkPlugin is InspectPlugin for the folder of a plugin, whose files are shown from base. What
// the host would refuse to run is an error, but nothing about Go is.
func checkPlugin(base, dir string) (*Result, error) {
	_, result, err := readPlugin(base, dir, func(fsys fs.FS, show func(file string) string) (*plugin.Plugin, model.Diagnostics, error) {
		p, findings, err := plugin.Read(fsys, show)
		if err != nil {
			return nil, nil, err
		}
		if !findings.HasErrors() {
			_, more := p.Assets(fsys, show)
			findings.Merge(more)
		}
		return p, findings.Settle(model.StepDeclare).ForHost(), nil
	})
	return result, err
}

// readPlugin reads the plugin in a folder, and shows its files from base.
func readPlugin(
	base, dir string, read func(fs.FS, func(file string) string) (*plugin.Plugin, model.Diagnostics, error),
) (*plugin.Plugin, *Result, error) {
	folder := &pluginFolder{dir: dir, base: base}
	root, err := folder.open()
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	p, diags, err := read(regular.FS(root), folder.show)
	if err != nil {
		return nil, nil, err
	}
	return p, &Result{Sources: p.Files, Diagnostics: diags}, nil
}
