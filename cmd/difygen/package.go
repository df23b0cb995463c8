package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pack"
)

// pack builds a plugin's archive.
func (c *command) pack() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cfg := pack.Config{Dir: c.config.Dir, Package: ".", Strict: c.strict}
	if len(c.config.Files) > 0 {
		cfg.Package = c.config.Files[0]
	}
	archive, err := pack.Build(ctx, cfg)
	if err != nil {
		c.fail(err)
		if errors.Is(err, pack.ErrPlugin) {
			return exitWrong
		}
		return exitUsage
	}
	if c.report(archive.Diagnostics, archive.Sources) {
		return exitWrong
	}
	for line := range strings.Lines(archive.Log) {
		c.note("the plugin says: " + strings.TrimSuffix(line, "\n"))
	}
	name := c.config.Out
	if name == "" {
		name = archive.Name
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.config.Dir, path)
	}
	if err := commit.Apply([]commit.Change{{Path: path, Name: name, New: archive.Data}}); err != nil {
		return c.fail(err)
	}
	c.note(fmt.Sprintf("wrote %s: %d files, %.1f MiB", name, len(archive.Files), float64(len(archive.Data))/(1<<20)))
	return exitDone
}
