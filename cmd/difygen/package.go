package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pack"
)

func packageFlags(flags *flag.FlagSet) action {
	dir, options, verbose := dirFlag(flags), reportFlags(flags), verboseFlag(flags)
	out := flags.String("o", "", "the `file` to write (default: NAME-VERSION.difypkg)")
	return func(operands []string, std streams) int {
		if len(operands) > 1 {
			return std.fail(errors.New("package takes one main package"))
		}
		root, err := folder(*dir)
		if err != nil {
			return std.fail(err)
		}
		cfg := pack.Config{Dir: root, Package: ".", Strict: options.strict}
		if len(operands) > 0 {
			cfg.Package = operands[0]
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		archive, err := pack.Build(ctx, cfg)
		if err != nil {
			code := std.fail(err)
			if errors.Is(err, pack.ErrPlugin) {
				code = exitWrong
			}
			return code
		}
		if std.report(archive.Diagnostics, archive.Sources, *options) {
			return exitWrong
		}
		for line := range strings.Lines(archive.Log) {
			std.note(*verbose, "the plugin says: "+strings.TrimSuffix(line, "\n"))
		}
		return write(ctx, std, archive, root, *out, *verbose)
	}
}

// write writes an archive to the named file, or to the name of the archive if name is "".
func write(ctx context.Context, std streams, archive *pack.Archive, dir, name string, verbose bool) int {
	if name == "" {
		name = archive.Name
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	target, err := commit.Open(ctx, filepath.Dir(path))
	if err != nil {
		return std.fail(fmt.Errorf("%s: %w", name, err))
	}
	defer target.Close()
	change, _, err := commit.Compare(path, name, archive.Data)
	if err != nil {
		return std.fail(fmt.Errorf("%s: %w", name, err))
	}
	if change.Old != nil && !pack.IsArchive(change.Old) {
		return std.fail(fmt.Errorf("%s: is not a package; move it away, or choose another name with -o", name))
	}
	if err := target.Apply(ctx, []commit.Change{change}); err != nil {
		return std.fail(err)
	}
	std.note(verbose, fmt.Sprintf("wrote %s: %d files, %.1f MiB", name, len(archive.Files), float64(len(archive.Data))/(1<<20)))
	return exitDone
}
