package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// generating are the flags of a run that generates.
type generating struct {
	dir, out, pkg, typ *string
	prefix             *string // nil if it is not given
	kind               *model.Kind
	check, verbose     *bool
	options            *reportOptions
}

func newGenerating(flags *flag.FlagSet) *generating {
	g := &generating{
		dir: dirFlag(flags), kind: kindFlag(flags), options: reportFlags(flags), verbose: verboseFlag(flags),
		out:   flags.String("o", "", "write the Go files to `dir` (default: the current folder)"),
		pkg:   flags.String("package", "", "the `name` of their package (default: $GOPACKAGE, or that of the files in the folder)"),
		typ:   flags.String("type", "", "the `name` of your type (default: Provider, with the prefix)"),
		check: flags.Bool("check", false, "write nothing; print a diff, and exit with 1 if there is one;\nwith ./..., for all plugins below"),
	}
	flags.Func("prefix", "the `name` in front of every Go name (default: the provider's name,\nunless the package has it)", func(s string) error {
		g.prefix = &s
		return nil
	})
	return g
}

// config is what the flags say of a run in a folder, which is "" for the current one.
func (g *generating) config(dir, goPackage string, files []string) (pipeline.Config, error) {
	root, err := folderIn(dir, *g.dir)
	if err != nil {
		return pipeline.Config{}, err
	}
	cfg := pipeline.Config{Dir: root, Files: files, Out: *g.out, Package: *g.pkg, Kind: *g.kind, Prefix: g.prefix, Type: *g.typ, Check: *g.check}
	if *g.dir == "" {
		// A directive in an external test belongs to the package under test.
		cfg.GoPackage = strings.TrimSuffix(goPackage, "_test")
	}
	return cfg, nil
}

// generateFlags declares the flags of a run that generates.
func generateFlags(flags *flag.FlagSet) action {
	g := newGenerating(flags)
	return func(files []string, std streams) int {
		cfg, err := g.config("", os.Getenv("GOPACKAGE"), files)
		if err != nil {
			return std.fail(err)
		}
		if std, err = std.reporting(*g.options, cfg.Dir); err != nil {
			return std.fail(err)
		}
		if isCommand(files, cfg.Dir) {
			return std.fail(unknownCommand(files[0]))
		}
		cfg.GoGenerate = os.Getenv("GOFILE") != "" // https://go.dev/cmd/go, Generate Go files
		debug.SetGCPercent(pipeline.GCPercent)
		if slices.ContainsFunc(files, pipeline.IsPattern) {
			return g.checkTree(std, cfg)
		}
		return g.run(std, cfg)
	}
}

// run generates, or checks, what one run is for.
func (g *generating) run(std streams, cfg pipeline.Config) int {
	target, err := cfg.Open(context.Background())
	if err != nil {
		return std.fail(err)
	}
	defer target.Close()
	result, err := pipeline.Run(cfg)
	if err != nil {
		return std.fail(err)
	}
	if std.report(result.Diagnostics, result.Sources, *g.options) {
		return exitWrong
	}
	for _, note := range result.Notes {
		std.note(*g.verbose, note)
	}
	for _, note := range result.Kept {
		std.note(true, note)
	}
	if cfg.Check {
		return show(std, result)
	}
	code := apply(std, target, result.Changes, *g.verbose)
	if code == exitDone {
		for _, note := range result.Unfit {
			std.note(true, note)
		}
		showMissing(std, result.Missing)
	}
	return code
}

// show prints changes without applying them.
func show(std streams, result *pipeline.Result) int {
	std.diff(result.Changes)
	if std.outOfDate("", result.Changes, result.Outdated) {
		return exitWrong
	}
	return exitDone
}

// diff prints changes to standard output.
func (std streams) diff(changes []commit.Change) {
	for line := range strings.Lines(commit.Diff(changes)) {
		fmt.Fprintln(std.stdout, printableCode(strings.TrimSuffix(line, "\n")))
	}
}

// outOfDate reports whether generated code is out of date, and says so, with the folder in which
// to generate it if that is not empty.
func (std streams) outOfDate(folder string, changes []commit.Change, outdated bool) bool {
	var why string
	switch {
	case len(changes) > 0:
		why = "the generated code is out of date: run go generate"
	case outdated:
		why = "the generated code does not fit the YAML: correct the problem, then run go generate"
	default:
		return false
	}
	where := "difygen: "
	if folder != "" && folder != "." {
		where += folder + ": "
	}
	if std.github == nil {
		std.note(true, where+why)
		return true
	}
	if len(changes) == 0 {
		std.github.write(std.stderr, annotation{severity: model.SeverityError, title: outOfDateTitle, message: where + why})
	}
	for _, c := range changes {
		std.github.write(std.stderr, annotation{
			severity: model.SeverityError, file: c.Name, line: 1, title: outOfDateTitle, message: c.Name + ": " + why + in(folder),
		})
	}
	return true
}

func in(folder string) string {
	if folder == "" || folder == "." {
		return ""
	}
	return " in " + folder
}

// secretDefaultRE matches the code that has the default of a secret, up to the default.
var secretDefaultRE = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bSecretOr\((?:"(?:[^"\\]|\\.)*", ){2}[^"]*`) })

// printableCode returns a line of code that is safe to print, with its tabs, and without
// the default of a secret.
func printableCode(line string) string {
	if at := secretDefaultRE().FindStringIndex(line); at != nil {
		line = line[:at[1]] + "…"
	}
	columns := strings.Split(line, "\t")
	for i, column := range columns {
		columns[i] = text.Printable(column)
	}
	return strings.Join(columns, "\t")
}

// showMissing prints the methods and types that the author must add, so that they can be pasted.
func showMissing(std streams, missing []pipeline.Missing) {
	for i, m := range missing {
		if i == 0 || missing[i-1].File != m.File || missing[i-1].Type != m.Type {
			of := slices.DeleteFunc(slices.Clone(missing[i:]), func(other pipeline.Missing) bool { return other.File != m.File || other.Type != m.Type })
			introduce(std, of)
			fmt.Fprintf(std.stderr, "\npackage %s\n%s", m.Package, importsOf(of))
		}
		fmt.Fprintln(std.stderr)
		for line := range strings.Lines(strings.TrimSpace(m.Code)) {
			fmt.Fprintln(std.stderr, printableCode(strings.TrimSuffix(line, "\n")))
		}
		if len(m.Fields) > 0 {
			fmt.Fprintf(std.stderr, "\nvar _ %s = (*%s)(nil)\n", m.Interface, m.Type)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintln(std.stderr)
	}
}

// introduce says what the author must do with what a type lacks: paste it and, before, add the fields
// that a function in it sets.
func introduce(std streams, missing []pipeline.Missing) {
	lacks := lacking(missing)
	end := ":"
	if slices.ContainsFunc(missing, func(m pipeline.Missing) bool { return m.Untidy }) {
		end = ", then run go mod tidy:"
	}
	at := slices.IndexFunc(missing, func(m pipeline.Missing) bool { return len(m.Fields) > 0 })
	if at < 0 {
		std.note(true, lacks+"paste this into a new file beside it"+end)
		return
	}
	m := missing[at]
	std.note(true, lacks+"add these fields to it, unless it has them, and import "+strings.Join(m.FieldImports, " and ")+" there:")
	fmt.Fprintf(std.stderr, "\n\t%s\n\n", strings.Join(m.Fields, "\n\t"))
	std.note(true, "Paste this into a new file beside it, let main.go pass "+m.Name+"(nil) to newPlugin"+end)
}

// lacking says what a type of the author lacks, up to what is to be done.
func lacking(missing []pipeline.Missing) string {
	isType := func(m pipeline.Missing) bool { return m.IsType }
	methods := len(slices.DeleteFunc(slices.Clone(missing), isType))
	embeds := slices.ContainsFunc(missing, func(m pipeline.Missing) bool { return m.Embeds })
	what := " lacks methods that the compiler asks for; "
	switch hasTypes := methods < len(missing); {
	case methods == 0:
		what = " has methods that need types, which nothing declares; "
	case hasTypes && embeds:
		what = " lacks types that the compiler asks for, and methods, unless a type that it embeds has them; "
	case hasTypes:
		what = " lacks methods that the compiler asks for, and types for them; "
	case embeds:
		what = " lacks methods that the compiler asks for, unless a type that it embeds has them; if not, "
	}
	return missing[0].File + ": " + missing[0].Type + what
}

// importsOf returns the imports that what a type lacks needs, with empty lines around them.
func importsOf(missing []pipeline.Missing) string {
	var paths []string
	for _, m := range missing {
		paths = append(paths, m.Imports...)
	}
	if len(paths) == 0 {
		return ""
	}
	slices.Sort(paths)
	var standard, others []string
	for _, path := range slices.Compact(paths) {
		line := "\t" + strconv.Quote(path)
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			others = append(others, line)
		} else {
			standard = append(standard, line)
		}
	}
	return "\nimport (\n" + strings.Join(standard, "\n") + "\n\n" + strings.Join(others, "\n") + "\n)\n"
}

// apply makes changes and says so. A signal undoes them; until then, when there is nothing to undo,
// it ends the command at once.
func apply(std streams, target *commit.Folder, changes []commit.Change, verbose bool) int {
	ctx, stop := interruptible()
	defer stop()
	if err := target.Apply(ctx, changes); err != nil {
		return std.fail(err)
	}
	for _, change := range changes {
		note := change.Verb() + " " + change.Name
		if change.Emptied {
			note += ", which is no longer needed; remove it"
		}
		std.note(verbose || change.New == nil || change.Emptied, note) // removing is never silent
	}
	return exitDone
}
