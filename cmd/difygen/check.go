package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// checkTree checks all plugins that patterns such as ./... match. The differences come first, each
// as soon as it is known, and at the end what is wrong.
func (g *generating) checkTree(std streams, cfg pipeline.Config) int {
	if err := g.isTree(cfg); err != nil {
		return std.fail(err)
	}
	from := pipeline.Tree{Dir: cfg.Dir, Patterns: cfg.Files, Strict: g.options.strict, Parse: parseDirective}
	all := checkedTree{sources: make(map[string][]byte), seen: make(map[[sha256.Size]byte]bool)}
	notes, kept, err := pipeline.CheckTree(context.Background(), from, func(c pipeline.Checked) {
		std.diff(all.unseen(c.Changes))
		all.add(c)
	})
	code := exitDone
	if std.report(model.Join(all.diags...), all.sources, *g.options) {
		code = exitWrong
	}
	for _, note := range append(notes, all.notes...) {
		std.note(*g.verbose, note)
	}
	for _, note := range append(kept, all.kept...) {
		std.note(true, note)
	}
	for _, s := range all.stale {
		if std.outOfDate(s.folder, s.changes, s.outdated) {
			code = exitWrong
		}
	}
	if err = errors.Join(append(all.errs, err)...); err != nil {
		code = std.fail(err)
	}
	std.note(*g.verbose, all.summary())
	return code
}

// isTree checks that the flags and arguments can be those of a check of several plugins.
func (g *generating) isTree(cfg pipeline.Config) error {
	if at := slices.IndexFunc(cfg.Files, func(file string) bool { return !pipeline.IsPattern(file) }); at >= 0 {
		return fmt.Errorf("use either patterns, such as ./..., or files, such as %s", text.Name(cfg.Files[at]))
	}
	if !cfg.Check {
		return fmt.Errorf("%s works with -check alone: \"go generate ./...\" generates, and \"difygen -check ./...\" checks", text.Line(cfg.Files[0]))
	}
	if cfg.Out != "" || cfg.Package != "" || cfg.Prefix != nil || cfg.Type != "" || cfg.Kind != "" {
		return errors.New("-o, -package, -prefix, -type and -kind are for files: a check of ./... takes them from the go:generate directives")
	}
	return nil
}

// parseDirective parses the arguments of difygen in a directive.
func parseDirective(dir, goPackage string, args []string) (cfg pipeline.Config, strict, ok bool, err error) {
	if len(args) > 0 {
		if _, other := find(args[0]); other {
			return cfg, false, false, nil
		}
	}
	flags := flag.NewFlagSet("difygen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	g := newGenerating(flags)
	files, err := parse(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cfg, false, false, nil
	case err != nil:
		return cfg, false, false, err
	case slices.ContainsFunc(files, pipeline.IsPattern):
		return cfg, false, false, nil // it checks
	}
	cfg, err = g.config(dir, goPackage, files)
	return cfg, g.options.strict, err == nil, err
}

// checkedTree collects what was found, except for differences, which can be large.
type checkedTree struct {
	sources     map[string][]byte
	diags       []model.Diagnostics
	notes, kept []string
	stale       []staleFolder
	errs        []error
	seen        map[[sha256.Size]byte]bool // the differences, by their hashes

	plugins, others, wrong int
}

// staleFolder is a folder whose generated code is out of date.
type staleFolder struct {
	folder   string
	changes  []commit.Change // without contents
	outdated bool
}

func (t *checkedTree) add(c pipeline.Checked) {
	maps.Copy(t.sources, c.Sources)
	t.diags = append(t.diags, c.Diagnostics)
	t.notes, t.kept = append(t.notes, c.Notes...), append(t.kept, c.Kept...)
	if c.Err != nil {
		t.errs = append(t.errs, c.Err)
	}
	if c.Err != nil || c.Diagnostics.HasErrors() {
		t.wrong++
	}
	if c.Whole || c.OnlyYAML {
		t.plugins++
	} else {
		t.others++
	}
	if len(c.Changes) == 0 && !c.Outdated {
		return
	}
	if last := len(t.stale) - 1; last < 0 || t.stale[last].folder != c.Folder {
		t.stale = append(t.stale, staleFolder{folder: c.Folder})
	}
	s := &t.stale[len(t.stale)-1]
	s.outdated = s.outdated || c.Outdated
	for _, change := range c.Changes {
		if slices.ContainsFunc(s.changes, func(other commit.Change) bool { return other.Name == change.Name }) {
			continue
		}
		s.changes = append(s.changes, commit.Change{Name: change.Name})
	}
}

// unseen returns the changes that no directive before would make, too.
func (t *checkedTree) unseen(changes []commit.Change) []commit.Change {
	var list []commit.Change
	for _, c := range changes {
		sum := sha256.Sum256([]byte(commit.Diff([]commit.Change{c})))
		if !t.seen[sum] {
			list = append(list, c)
		}
		t.seen[sum] = true
	}
	return list
}

func (t *checkedTree) summary() string {
	return fmt.Sprintf("checked %s and %s: %d wrong, %d out of date", counted(t.plugins, "plugin"), counted(t.others, "other directive"), t.wrong, len(t.stale))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
