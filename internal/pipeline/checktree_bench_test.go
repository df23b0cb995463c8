package pipeline_test

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/pipeline"
)

// BenchmarkCheckTree checks all plugins of the corpus at once, with generated code and without
// Go. It must take at most 1.2 times (x-alone) as long as a run for each of them, one after the
// other, in the same process. MB-heap is the largest heap that was seen.
func BenchmarkCheckTree(b *testing.B) {
	for name, withGo := range map[string]bool{"go": true, "yaml": false} {
		b.Run(name, func(b *testing.B) {
			dir, plugins := copyPlugins(b, withGo)
			defer debug.SetGCPercent(debug.SetGCPercent(pipeline.GCPercent))
			var ours, theirs time.Duration
			var most uint64
			for b.Loop() {
				began := time.Now()
				for _, plugin := range plugins {
					checkAlone(b, plugin, withGo)
				}
				theirs += time.Since(began)
				began = time.Now()
				checked := 0
				from := pipeline.Tree{Dir: dir, Patterns: []string{"./..."}, Parse: wholeRun}
				_, _, err := pipeline.CheckTree(b.Context(), from, func(c pipeline.Checked) {
					if c.Err != nil || len(c.Changes) > 0 || c.OnlyYAML == withGo {
						b.Errorf("%s: %v, %d changes", c.Folder, c.Err, len(c.Changes))
					}
					if checked++; checked%50 == 0 {
						most = max(most, inUse())
					}
				})
				ours += time.Since(began)
				if err != nil || checked != len(plugins) {
					b.Fatalf("%d of %d plugins: %v", checked, len(plugins), err)
				}
			}
			b.ReportMetric(float64(ours)/float64(theirs), "x-alone")
			b.ReportMetric(float64(most)/1e6, "MB-heap")
			b.ReportMetric(float64(len(plugins)), "plugins")
		})
	}
}

// wholeRun parses a directive without arguments.
func wholeRun(dir, _ string, _ []string) (cfg pipeline.Config, strict, ok bool, err error) {
	return pipeline.Config{Dir: dir}, false, true, nil
}

func inUse() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// checkAlone checks one plugin, as a run in its folder does.
func checkAlone(b *testing.B, dir string, withGo bool) {
	b.Helper()
	if !withGo {
		if _, _, err := pipeline.InspectPlugin(dir); err != nil {
			b.Fatal(err)
		}
		return
	}
	result, err := pipeline.Run(pipeline.Config{Dir: dir, Check: true})
	if err != nil || len(result.Changes) > 0 {
		b.Fatal(dir, err, len(result.Changes))
	}
}

// copyPlugins copies the plugins of the corpus that can be generated, in one module, with
// stand-ins for their icons and, if wanted, with their code. It returns their folders.
func copyPlugins(b *testing.B, withGo bool) (dir string, plugins []string) {
	b.Helper()
	dir = b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/plugins\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, c := range corpus.Declarations(b) {
		plugin := filepath.Join(dir, filepath.FromSlash(c.Plugin))
		if err := os.CopyFS(plugin, os.DirFS(filepath.Join(corpus.Dir(b), filepath.FromSlash(c.Plugin)))); err != nil {
			b.Fatal(err)
		}
		addIcons(b, plugin)
		plugins = append(plugins, plugin)
		if !withGo {
			continue
		}
		result, err := pipeline.Run(pipeline.Config{Dir: plugin})
		if err != nil || result.Diagnostics.HasErrors() {
			b.Fatal(plugin, err, result)
		}
		apply(b, plugin, result.Changes)
	}
	return dir, plugins
}
