package scaffold

import (
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// pythonSources returns the files with the Python code of what a YAML file declares, as it says
// under extra.python, in the map at a path of keys: source, provider_source or model_sources.
// It returns nil for a file that is not YAML.
func pythonSources(data []byte, at ...string) []string {
	doc, err := yamldoc.Parse(data)
	if err != nil || doc.Root == nil {
		return nil
	}
	path := slices.Concat(at, []string{"extra", "python"})
	var files []string
	for _, key := range []string{"source", "provider_source", "model_sources"} {
		_, value := yamldoc.Lookup(doc.Root, slices.Concat(path, []string{key})...)
		if value == nil {
			continue
		}
		value = yamldoc.Resolve(value)
		list := []*yamldoc.Node{value}
		if value.Kind == yamldoc.Sequence {
			list = value.Content
		}
		for _, n := range list {
			if n = yamldoc.Resolve(n); n.Kind == yamldoc.Scalar && n.Value != "" {
				files = append(files, text.Name(n.Value))
			}
		}
	}
	return files
}
