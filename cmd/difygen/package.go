package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pack"
)

func packageFlags(flags *flag.FlagSet) action {
	dir, options, verbose := dirFlag(flags), reportFlags(flags), verboseFlag(flags)
	out := flags.String("o", "", "the `file` to write (default: NAME-VERSION.difypkg)")
	incomplete := flags.Bool("allow-incomplete", false, "pack also what is declared but has no code; calls to it fail")
	return func(operands []string, std streams) int {
		if len(operands) > 1 {
			return std.fail(errors.New("package takes one main package"))
		}
		root, err := folder(*dir)
		if err != nil {
			return std.fail(err)
		}
		if std, err = std.reporting(*options, root); err != nil {
			return std.fail(err)
		}
		cfg := pack.Config{Dir: root, Package: ".", Strict: options.strict, Incomplete: *incomplete}
		if len(operands) > 0 {
			cfg.Package = operands[0]
		}
		if err := checkOut(root, *out); err != nil {
			return std.fail(err)
		}
		ctx, stop := interruptible()
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
		return write(ctx, std, archive, root, *out)
	}
}

// checkOut refuses a file among the assets of the plugin in dir, as the next package would
// contain it.
func checkOut(dir, name string) error {
	assets, err := os.Stat(filepath.Join(dir, "_assets"))
	if name == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	at := ""
	if err == nil {
		at, err = filepath.EvalSymlinks(filepath.Dir(pathIn(dir, name)))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, assets) {
			return fmt.Errorf("%s: is among the plugin's assets, which are packed; choose another folder with -o", name)
		}
	}
	return nil
}

// pathIn returns the path of a file that is named from dir.
func pathIn(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// write writes an archive to the named file, or to the name of the archive if name is "".
func write(ctx context.Context, std streams, archive *pack.Archive, dir, name string) int {
	if name == "" {
		name = archive.Name
	}
	path := pathIn(dir, name)
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
	std.note(true, fmt.Sprintf("wrote %s: %d files, %.1f MiB", name, len(archive.Files), float64(len(archive.Data))/(1<<20)))
	return exitDone
}
