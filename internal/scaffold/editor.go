package scaffold

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/difygen/difygen/internal/plugin"
)

// editorSettings are the settings of VS Code for a plugin whose YAML names no schemas: which
// file has which.
func editorSettings(dir string, p *plugin.Plugin) ([]byte, error) {
	schemaOf := map[string]string{plugin.ManifestName: "manifest"} // by the files of the plugin
	for _, d := range p.Providers {
		schemaOf[d.Path] = "provider-" + string(d.Kind)
		for _, item := range d.Items {
			if item.Path != "" {
				schemaOf[item.Path] = d.Kind.ItemKind()
			}
		}
	}
	patterns := make(map[string][]string) // by the path of the schema
	for file, name := range schemaOf {
		pattern := "/" + file
		if at := path.Dir(file); at != "." && holdsOnly(dir, at, schemaOf, name) {
			pattern = "/" + at + "/*.yaml"
		}
		schema := "./" + schemas + "/" + name + ".json"
		if !slices.Contains(patterns[schema], pattern) {
			patterns[schema] = append(patterns[schema], pattern)
		}
	}
	for _, list := range patterns {
		slices.Sort(list)
	}
	data, err := json.MarshalIndent(map[string]any{"yaml.yamlVersion": "1.1", "yaml.schemas": patterns}, "", "\t")
	return append(data, '\n'), err
}

// holdsOnly reports whether every YAML file in a folder has the same schema.
func holdsOnly(dir, at string, schemaOf map[string]string, name string) bool {
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(at)))
	return err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return path.Ext(e.Name()) == ".yaml" && schemaOf[path.Join(at, e.Name())] != name
	})
}
