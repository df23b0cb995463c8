package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/scaffold"
)

func initFlags(flags *flag.FlagSet) action {
	dir, verbose := dirFlag(flags), verboseFlag(flags)
	var cfg scaffold.Config
	flags.StringVar(&cfg.Kind, "kind", "", "the `kind` of a new plugin: "+strings.Join(scaffold.Words(), ", ")+"\n(default: "+scaffold.Words()[0]+")")
	flags.StringVar(&cfg.Author, "author", "", "the author of a new plugin: your `name` on Dify")
	flags.StringVar(&cfg.Module, "module", "", "the `path` of a new Go module (default: the module that the folder\nis in, or else example.com/NAME)")
	flags.StringVar(&cfg.Replace, "replace", "", "use the difygen of a checkout, in `dir`")
	return func(operands []string, std streams) int {
		if len(operands) > 1 {
			return std.fail(errors.New("init takes one NAME"))
		}
		if len(operands) == 1 {
			cfg.Name = operands[0]
		}
		root, err := folder(*dir)
		if err != nil {
			return std.fail(err)
		}
		cfg.Dir, cfg.Shown, cfg.Created = root, *dir, time.Now()
		if info, ok := debug.ReadBuildInfo(); ok {
			cfg.Version = published(info)
		}
		cfg.Retry = withReplace(flags, operands, checkout())
		debug.SetGCPercent(pipeline.GCPercent)
		return initialize(cfg, std, *verbose)
	}
}

// initialize makes what cfg says, and reports it.
func initialize(cfg scaffold.Config, std streams, verbose bool) int {
	target, err := pipeline.Config{Dir: cfg.Dir}.Open(context.Background())
	if err != nil {
		return std.fail(err)
	}
	defer target.Close()
	result, err := scaffold.New(cfg)
	if err != nil {
		return std.fail(err)
	}
	if std.report(result.Diagnostics, result.Sources, reportOptions{}) {
		return exitWrong
	}
	code := apply(std, target, result.Changes, verbose)
	if code == exitDone {
		for line := range strings.Lines(result.Report.String()) {
			fmt.Fprintln(std.stdout, printableCode(strings.TrimSuffix(line, "\n")))
		}
	}
	return code
}

// published returns the version of the command that a go.mod can require; "" for a development
// build. The version of a build in a checkout names a commit that may be nowhere else.
func published(info *debug.BuildInfo) string {
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return ""
		}
	}
	if m := info.Main; m.Replace == nil && strings.HasPrefix(m.Version, "v") {
		return m.Version
	}
	return ""
}

// checkout returns the folder that the command was built in, or else DIR.
func checkout() string {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil || !filepath.IsAbs(dir) {
		return "DIR"
	}
	return dir
}

// withReplace is the command line with the flag -replace.
func withReplace(flags *flag.FlagSet, operands []string, dir string) string {
	words := []string{"difygen", "init", "-replace", scaffold.ShellWord(dir)}
	flags.Visit(func(f *flag.Flag) {
		words = append(words, "-"+f.Name)
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
			words = append(words, scaffold.ShellWord(f.Value.String()))
		}
	})
	for _, operand := range operands {
		words = append(words, scaffold.ShellWord(operand))
	}
	return strings.Join(words, " ")
}
