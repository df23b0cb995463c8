package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/directive"
	"github.com/difygen/difygen/internal/parallel"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Tree says where CheckTree checks.
type Tree struct {
	Dir      string   // absolute; files are shown from it
	Patterns []string // for which IsPattern is true, relative to Dir
	Strict   bool     // warnings are errors
	// Parse returns what the arguments of a run of the command in a folder say, with $GOPACKAGE,
	// whether it is strict, and false if it does not generate. Its error is one of usage.
	Parse func(dir, goPackage string, args []string) (cfg Config, strict, ok bool, err error)
}

// Checked is what CheckTree found about the code that one run of the command generates.
type Checked struct {
	Folder      string // in which the command generates it, as shown
	Whole       bool   // it is the code of a whole plugin
	OnlyYAML    bool   // it is the YAML of a plugin, whose code is that of directives, if any
	Sources     map[string][]byte
	Diagnostics model.Diagnostics
	Notes       []string
	Kept        []string
	Changes     []commit.Change
	Outdated    bool
	Err         error // of usage, or of reading files
}

// CheckTree checks all plugins, and all code for credentials, in some folders and below them. It
// calls report with what it found in each, in the order of the folders. Several plugins are
// checked at once, but only a few results are in memory. It returns notes about files that only
// look like plugins and directives that only mention difygen, and what else is kept from being
// checked. Its error is one of usage or of finding the plugins, and does not keep it from checking
// those that it found.
//
// A plugin is a folder with a manifest. If it has Go files, the run for the whole plugin is
// checked, unless the directives there generate only code for credentials; else its YAML. A
// directive of go generate that runs difygen for less than a plugin is checked, too, as it stands.
func CheckTree(ctx context.Context, from Tree, report func(Checked)) (notes, kept []string, err error) {
	t, err := readTree(from.Dir, from.Patterns)
	if err != nil {
		return nil, nil, err
	}
	checks, errs := from.checks(t)
	errs = append(slices.Clone(t.errs), errs...)
	t.notes = append(t.notes, t.unknown()...)
	if len(checks) == 0 {
		errs = append(errs, fmt.Errorf("%s: matches no plugin, and no go:generate directive that runs difygen", text.Line(strings.Join(from.Patterns, " "))))
	}
	parallel.InOrder(len(checks), func(i int) Checked { return checks[i].run(ctx) }, func(_ int, result Checked) { report(result) })
	return t.notes, t.kept(), errors.Join(errs...)
}

// check is something to check.
type check struct {
	cfg    Config
	strict bool
	folder string // absolute, in which go generate runs
	whole  bool
	yaml   bool   // only the YAML of the plugin in folder
	noCode bool   // the plugin has no Go files
	file   string // of the directive, as shown; "" if there is none
	line   int    // of the directive
}

// checks decides what there is to check, in the order of the folders.
func (from Tree) checks(t *tree) ([]check, []error) {
	var list []check
	var errs []error
	whole := make(map[string]*check)  // by the plugin's folder
	partly := make(map[string]bool)   // the plugins with directives for credentials
	withCode := make(map[string]bool) // the plugins with Go files
	folders := t.sorted()
	for _, f := range folders {
		withCode[f.plugin] = withCode[f.plugin] || len(f.goFiles) > 0
		for _, d := range f.directives {
			c, ok, err := from.directed(f.dir, d)
			if err != nil {
				errs = append(errs, err)
			}
			if !ok {
				continue
			}
			dir, isWhole := c.cfg.wholePlugin()
			switch {
			case !isWhole:
				partly[f.plugin], partly[c.cfg.nearestPlugin()] = true, true
				list = append(list, c)
			case whole[dir] == nil:
				whole[dir] = from.wholeCheck(dir, c.strict)
			default:
				whole[dir].strict = whole[dir].strict || c.strict
			}
		}
	}
	for _, f := range folders {
		switch {
		case !f.manifest || whole[f.dir] != nil:
		case !withCode[f.dir]:
			list = append(list, check{cfg: from.config(f.dir), strict: from.Strict, folder: f.dir, yaml: true, noCode: true})
		case partly[f.dir] && !slices.Contains(f.goFiles, gen.PluginFile):
			list = append(list, check{cfg: from.config(f.dir), strict: from.Strict, folder: f.dir, yaml: true})
		default:
			whole[f.dir] = from.wholeCheck(f.dir, from.Strict)
		}
	}
	for _, c := range whole {
		list = append(list, *c)
	}
	slices.SortStableFunc(list, func(a, b check) int {
		return plugin.CompareFiles(filepath.ToSlash(a.folder), filepath.ToSlash(b.folder))
	})
	return list, errs
}

// unknown says which directives mention difygen in a way that is not known.
func (t *tree) unknown() []string {
	var notes []string
	for _, f := range t.sorted() {
		for _, d := range f.directives {
			if _, _, ok := directive.Run(d.Words); !ok && directive.Mentions(d.Words) {
				at := display(t.base, filepath.Join(f.dir, d.File))
				notes = append(notes, fmt.Sprintf("%s:%d: mentions difygen, but runs another command, so it is not checked", at, d.Line))
			}
		}
	}
	return notes
}

func (from Tree) config(dir string) Config { return Config{Dir: dir, Base: from.Dir, Check: true} }

func (from Tree) wholeCheck(dir string, strict bool) *check {
	return &check{cfg: from.config(dir), strict: strict || from.Strict, folder: dir, whole: true}
}

// directed is the check of what a directive of a file in a folder generates. It returns false if
// it does not run difygen to generate.
func (from Tree) directed(dir string, d directive.Directive) (check, bool, error) {
	args, in, ok := directive.Run(d.Words)
	if !ok {
		return check{}, false, nil
	}
	file := display(from.Dir, filepath.Join(dir, d.File))
	cfg, strict, ok, err := from.Parse(absolute(dir, in), d.Package, args)
	if err != nil {
		return check{}, false, &directive.Error{File: file, Line: d.Line, Err: err}
	}
	if !ok {
		return check{}, false, nil
	}
	cfg.Base, cfg.GoGenerate, cfg.Check = from.Dir, true, true
	return check{cfg: cfg, strict: strict || from.Strict, folder: dir, file: file, line: d.Line}, true, nil
}

// nearestPlugin is the folder of the plugin whose YAML the run reads; "" if there is none.
func (cfg Config) nearestPlugin() string {
	at := cfg.Dir
	if len(cfg.Files) > 0 {
		at = filepath.Dir(absolute(cfg.Dir, cfg.Files[0]))
	}
	dir, _ := pluginDir(at)
	return dir
}

// run checks. What it returns has only what is to be shown.
func (c check) run(ctx context.Context) Checked {
	checked := Checked{Folder: display(c.cfg.Base, c.folder), Whole: c.whole, OnlyYAML: c.yaml}
	result, err := c.result(ctx)
	if err != nil {
		if c.file != "" {
			err = &directive.Error{File: c.file, Line: c.line, Err: err}
		}
		checked.Err = err
		return checked
	}
	checked.Diagnostics = result.Diagnostics
	if c.strict {
		checked.Diagnostics = checked.Diagnostics.Promote()
	}
	checked.Sources = make(map[string][]byte)
	for _, d := range checked.Diagnostics {
		checked.Sources[d.Pos.File] = result.Sources[d.Pos.File]
	}
	if c.noCode {
		checked.Notes = append(checked.Notes, checked.Folder+": has no Go code, so only its YAML was checked")
	}
	if checked.Diagnostics.HasErrors() {
		return checked
	}
	checked.Notes = append(checked.Notes, result.Notes...)
	checked.Kept, checked.Changes, checked.Outdated = result.Kept, result.Changes, result.Outdated
	return checked
}

func (c check) result(ctx context.Context) (*Result, error) {
	if c.yaml {
		return checkPlugin(c.cfg.Base, c.folder)
	}
	target, err := c.cfg.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	return Run(c.cfg)
}
