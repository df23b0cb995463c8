package generate_test

import (
	"go/format"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/model"
)

// toolFiles reads the provider files of all tool plugins of the corpus.
func toolFiles(b *testing.B) map[string][]byte {
	b.Helper()
	paths, err := filepath.Glob(filepath.Join(corpus.Dir(b), "plugins", "tools", "*", "provider", "*.yaml"))
	if err != nil || len(paths) == 0 {
		b.Fatal("no files", err)
	}
	files := make(map[string][]byte)
	for _, path := range paths {
		if files[path], err = os.ReadFile(path); err != nil {
			b.Fatal(err)
		}
	}
	return files
}

// generateAll runs the whole line in memory.
func generateAll(b *testing.B, files map[string][]byte) (outputs [][]byte) {
	b.Helper()
	for name, data := range files {
		p, _, err := model.Load(name, data, model.KindTool)
		if err != nil || p == nil {
			b.Fatal(name, err)
		}
		plan, _, err := gen.NewPlan(p, gen.Options{Package: "provider", Source: "provider.yaml"})
		if err != nil {
			b.Fatal(err)
		}
		if plan == nil {
			continue
		}
		list, err := plan.Files("provider")
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range list {
			outputs = append(outputs, f.Content)
		}
	}
	return outputs
}

// parseAndFormat is the work that no generator can avoid.
func parseAndFormat(b *testing.B, files map[string][]byte, outputs [][]byte) {
	b.Helper()
	for _, data := range files {
		var node yaml.Node
		if err := yaml.Unmarshal(data, &node); err != nil {
			b.Fatal(err)
		}
	}
	for _, src := range outputs {
		if _, err := format.Source(src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCorpus generates all tool plugins of the corpus. The metric x-floor is
// the time of generating over that of parsing the same YAML and formatting the
// same Go; it is to be at most 2.
func BenchmarkCorpus(b *testing.B) {
	files := toolFiles(b)
	outputs := generateAll(b, files)
	var generating, floor time.Duration
	for b.Loop() {
		start := time.Now()
		generateAll(b, files)
		generating += time.Since(start)
		start = time.Now()
		parseAndFormat(b, files, outputs)
		floor += time.Since(start)
	}
	b.ReportMetric(float64(generating)/float64(floor), "x-floor")
	b.ReportMetric(float64(len(files)), "files")
}
