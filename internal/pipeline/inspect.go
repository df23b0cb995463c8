package pipeline

import (
	"fmt"

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
	folder := &pluginFolder{dir: at, base: dir}
	root, err := folder.open()
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	p, diags, err := plugin.Inspect(regular.FS(root), folder.show)
	if err != nil {
		return nil, nil, err
	}
	return p, &Result{Sources: p.Files, Diagnostics: diags}, nil
}
