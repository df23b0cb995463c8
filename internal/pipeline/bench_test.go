package pipeline_test

import (
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/pipeline"
)

// plugins returns a configuration for each plugin of the corpus, with a folder to
// generate into.
func plugins(b *testing.B) []pipeline.Config {
	b.Helper()
	manifests, err := filepath.Glob(filepath.Join(corpus.Dir(b), "plugins", "*", "*", "manifest.yaml"))
	if err != nil || len(manifests) == 0 {
		b.Fatal("no plugins", err)
	}
	dir := b.TempDir()
	configs := make([]pipeline.Config, len(manifests))
	for i, manifest := range manifests {
		plugin := filepath.Dir(manifest)
		out := filepath.Join(dir, filepath.Base(filepath.Dir(plugin)), filepath.Base(plugin))
		if err := os.MkdirAll(out, 0o750); err != nil {
			b.Fatal(err)
		}
		configs[i] = pipeline.Config{Dir: plugin, Out: out}
	}
	return configs
}

// generateAll runs every step but writing, on several processors at once.
func generateAll(b *testing.B, configs []pipeline.Config, workers int) [][]commit.Change {
	b.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	changes := make([][]commit.Change, len(configs))
	var group sync.WaitGroup
	var next atomic.Int64
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(configs); i = int(next.Add(1)) - 1 {
				result, err := pipeline.Run(configs[i])
				if err != nil {
					b.Error(configs[i].Dir, err)
					return
				}
				changes[i] = result.Changes
			}
		})
	}
	group.Wait()
	return changes
}

// generatedFiles counts the files that are not stubs.
func generatedFiles(changes [][]commit.Change) (n int) {
	for _, list := range changes {
		for _, c := range list {
			if strings.HasSuffix(c.Name, "_dify.go") {
				n++
			}
		}
	}
	return n
}

// floor is the work that no generator can avoid: reading and parsing the YAML, and
// formatting the Go code.
type floor struct {
	yaml []string
	code [][]byte
}

func newFloor(b *testing.B, configs []pipeline.Config, changes [][]commit.Change) floor {
	b.Helper()
	var f floor
	for i, cfg := range configs {
		result, err := pipeline.Inspect(cfg)
		if err != nil {
			b.Fatal(err)
		}
		f.yaml = append(f.yaml, filepath.Join(cfg.Dir, "manifest.yaml"))
		for name := range result.Sources {
			f.yaml = append(f.yaml, filepath.Join(cfg.Dir, name))
		}
		for _, c := range changes[i] {
			f.code = append(f.code, c.New)
		}
	}
	return f
}

func (f floor) parse(b *testing.B) {
	b.Helper()
	for _, file := range f.yaml {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		var node yaml.Node
		if err := yaml.Unmarshal(data, &node); err != nil {
			b.Fatal(err)
		}
	}
}

func (f floor) format(b *testing.B) {
	b.Helper()
	for _, src := range f.code {
		if _, err := format.Source(src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCorpus generates all plugins of the corpus in one process, which reads the
// manifest, the providers and the items of each. Its metrics are the time relative to that
// of reading and parsing the same YAML and formatting the same Go on one processor (x-floor), and all memory that the process has taken from the
// system (MB-sys). Generating uses the command's setting of the garbage collector, the
// rest uses Go's default. The metrics must be at most
//
//	new-1cpu      1.75 x-floor
//	new-2cpu      1.2 x-floor
//	current-2cpu  1.1 x-floor   nothing has changed since the last run
//	any           150 MB-sys
func BenchmarkCorpus(b *testing.B) {
	configs := plugins(b)
	changes := generateAll(b, configs, 1)
	f := newFloor(b, configs, changes)
	newAndCurrent := func(state string, files int) {
		for workers, name := range []string{1: state + "-1cpu", 2: state + "-2cpu"} {
			if workers == 0 {
				continue
			}
			b.Run(name, func(b *testing.B) {
				var ours, theirs time.Duration
				for b.Loop() {
					percent := debug.SetGCPercent(pipeline.GCPercent)
					start := time.Now()
					got := generateAll(b, configs, workers)
					ours += time.Since(start)
					debug.SetGCPercent(percent)
					if generatedFiles(got) != files {
						b.Fatal("some files were not generated")
					}
					processors := runtime.GOMAXPROCS(1)
					start = time.Now()
					f.parse(b)
					f.format(b)
					runtime.GOMAXPROCS(processors)
					theirs += time.Since(start)
				}
				b.ReportMetric(float64(ours)/float64(theirs), "x-floor")
				var memory runtime.MemStats
				runtime.ReadMemStats(&memory)
				b.ReportMetric(float64(memory.Sys)/1e6, "MB-sys")
			})
		}
	}
	newAndCurrent("new", generatedFiles(changes))
	for i, c := range changes {
		apply(b, configs[i].Out, c)
	}
	for _, c := range generateAll(b, configs, 1) {
		for _, change := range c {
			b.Fatalf("a second run changes %s", strings.TrimSuffix(change.Path, ".go"))
		}
	}
	newAndCurrent("current", 0)
}

// BenchmarkModels generates a plugin with 200 models. It must take at most 100 ms.
func BenchmarkModels(b *testing.B) {
	dir := b.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write("manifest.yaml", "plugins: {models: [provider/many.yaml]}\n")
	write("provider/many.yaml", `provider: many
label: {en_US: Many}
supported_model_types: [llm]
configurate_methods: [predefined-model]
models: {llm: {predefined: ["models/llm/*.yaml"]}}
provider_credential_schema:
  credential_form_schemas:
    - {variable: api_key, type: secret-input, required: true, label: {en_US: API key}}
`)
	const rule = "  - {name: parameter_%d, type: float, required: false, default: 0.5, min: 0, max: 1, precision: 2, label: {en_US: P, zh_Hans: P}, help: {en_US: H, zh_Hans: H}}\n"
	for i := range 200 {
		var text strings.Builder
		fmt.Fprintf(&text, "model: model-%d\nlabel: {en_US: Model}\nmodel_type: llm\nfeatures: [vision, tool-call]\nmodel_properties: {mode: chat, context_size: 8192}\nparameter_rules:\n  - {name: temperature, use_template: temperature}\n", i)
		for j := range 10 {
			fmt.Fprintf(&text, rule, j)
		}
		text.WriteString("pricing: {input: '0.1', output: '0.2', unit: '0.000001', currency: USD}\n")
		write(fmt.Sprintf("models/llm/model-%d.yaml", i), text.String())
	}
	cfg := pipeline.Config{Dir: dir, Out: filepath.Join(dir, "provider")}
	defer debug.SetGCPercent(debug.SetGCPercent(pipeline.GCPercent))
	for b.Loop() {
		result, err := pipeline.Run(cfg)
		if err != nil || len(result.Diagnostics) > 0 || len(result.Sources) != 201 {
			b.Fatal(err, result.Diagnostics, len(result.Sources))
		}
	}
}
