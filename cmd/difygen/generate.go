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
)

// generateFlags declares the flags of a run that generates.
func generateFlags(flags *flag.FlagSet) action {
	dir, kind, options, verbose := dirFlag(flags), kindFlag(flags), reportFlags(flags), verboseFlag(flags)
	out := flags.String("o", "", "write the Go files to `dir` (default: the current folder)")
	pkg := flags.String("package", "", "the `name` of their package (default: $GOPACKAGE, or that of the files in the folder)")
	typ := flags.String("type", "", "the `name` of your type (default: Provider, with the prefix)")
	check := flags.Bool("check", false, "write nothing; print a diff, and exit with 1 if there is one")
	var prefix *string
	flags.Func("prefix", "the `name` in front of every Go name (default: the provider's name,\nunless the package has it)", func(s string) error {
		prefix = &s
		return nil
	})
	return func(files []string, std streams) int {
		root, err := folder(*dir)
		if err != nil {
			return std.fail(err)
		}
		if isCommand(files, root) {
			return std.fail(unknownCommand(files[0]))
		}
		cfg := pipeline.Config{Dir: root, Files: files, Out: *out, Package: *pkg, Kind: *kind, Prefix: prefix, Type: *typ, Check: *check}
		cfg.GoGenerate = os.Getenv("GOFILE") != "" // https://go.dev/cmd/go, Generate Go files
		if *dir == "" {
			// A directive in an external test belongs to the package under test.
			cfg.GoPackage = strings.TrimSuffix(os.Getenv("GOPACKAGE"), "_test")
		}
		debug.SetGCPercent(pipeline.GCPercent)
		target, err := cfg.Open(context.Background())
		if err != nil {
			return std.fail(err)
		}
		defer target.Close()
		result, err := pipeline.Run(cfg)
		if err != nil {
			return std.fail(err)
		}
		if std.report(result.Diagnostics, result.Sources, *options) {
			return exitWrong
		}
		for _, note := range result.Notes {
			std.note(*verbose, note)
		}
		for _, note := range result.Kept {
			std.note(true, note)
		}
		if *check {
			return show(std, result)
		}
		code := apply(std, target, result.Changes, *verbose)
		if code == exitDone {
			showMissing(std, result.Missing)
		}
		return code
	}
}

// show prints changes without applying them.
func show(std streams, result *pipeline.Result) int {
	for line := range strings.Lines(commit.Diff(result.Changes)) {
		fmt.Fprintln(std.stdout, printableCode(strings.TrimSuffix(line, "\n")))
	}
	switch {
	case len(result.Changes) > 0:
		fmt.Fprintln(std.stderr, "difygen: the generated code is out of date: run go generate")
	case result.Outdated:
		fmt.Fprintln(std.stderr, "difygen: the generated code does not fit the YAML: correct the problem, then run go generate")
	default:
		return exitDone
	}
	return exitWrong
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

// showMissing prints the methods that the author must add, so that they can be pasted.
func showMissing(std streams, missing []pipeline.Missing) {
	for i, m := range missing {
		if i == 0 || missing[i-1].File != m.File || missing[i-1].Type != m.Type {
			introduce(std, missing[i:], m)
			fmt.Fprintf(std.stderr, "\npackage %s\n\n%s\n", m.Package, importsOf(missing[i:], m))
		}
		fmt.Fprintf(std.stderr, "\n%s\n", strings.TrimSpace(m.Code))
	}
	if len(missing) > 0 {
		fmt.Fprintln(std.stderr)
	}
}

// introduce says what the author must do with the methods for the type of the first one: paste
// them and, before, add the fields that a function among them sets.
func introduce(std streams, missing []pipeline.Missing, first pipeline.Missing) {
	lacks := first.File + ": " + first.Type + " lacks methods that the compiler asks for; "
	at := slices.IndexFunc(missing, func(m pipeline.Missing) bool {
		return m.File == first.File && m.Type == first.Type && len(m.Fields) > 0
	})
	if at < 0 {
		std.note(true, lacks+"paste this into a new file beside it, then run go mod tidy:")
		return
	}
	m := missing[at]
	std.note(true, lacks+"add these fields to it, unless it has them, and import "+strings.Join(m.FieldImports, " and ")+" there:")
	fmt.Fprintf(std.stderr, "\n\t%s\n\n", strings.Join(m.Fields, "\n\t"))
	std.note(true, "Paste this into a new file beside it, then run go mod tidy:")
}

// importsOf returns the imports that the methods for the type of the first one need.
func importsOf(missing []pipeline.Missing, first pipeline.Missing) string {
	var paths []string
	for _, m := range missing {
		if m.File == first.File && m.Type == first.Type {
			paths = append(paths, m.Imports...)
		}
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
	return "import (\n" + strings.Join(standard, "\n") + "\n\n" + strings.Join(others, "\n") + "\n)"
}

func apply(std streams, target *commit.Folder, changes []commit.Change, verbose bool) int {
	if err := target.Apply(context.Background(), changes); err != nil {
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
