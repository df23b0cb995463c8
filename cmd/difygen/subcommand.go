package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// subcommand is one thing that the command does.
type subcommand struct {
	name     string // the first argument
	operands string // the other arguments, as the usage shows them
	summary  string
	// flags declares the subcommand's own flags. It returns the function that runs the
	// subcommand once they are parsed.
	flags func(*flag.FlagSet) action
}

// action runs a subcommand with the arguments that are not flags, and returns the
// exit code.
type action func(operands []string, std streams) int

// subcommands returns the subcommands. The first has no name: it runs if the first argument
// is not the name of another.
func subcommands() []subcommand {
	return []subcommand{
		{"", "[flags] [provider.yaml ...]", "generate; with no file, for all providers that\nthe manifest.yaml here or in a parent lists", generateFlags},
		{"init", "[flags] [NAME]", "make a plugin in an empty folder, or the Go side of one that\nhas its YAML", initFlags},
		{"inspect", "[flags] [FILE ...]", "print what the Dify host sees in files of providers or\nitems, or in the whole plugin, as JSON", inspectFlags},
		{"package", "[flags] [PACKAGE]", "build the .difypkg of the plugin in this folder, with\nits main package (default: .) for Linux", packageFlags},
		{"schema", "[flags] [NAME]", "print a JSON Schema for editors: manifest, provider, tool,\nmodel, endpoint, strategy, datasource or event", schemaFlags},
		{"version", "", "print the version of difygen", versionFlags},
		{"help", "[SUBCOMMAND]", "print the usage, or that of a subcommand", helpFlags},
	}
}

// find returns the subcommand with the given name.
func find(name string) (subcommand, bool) {
	for _, s := range subcommands()[1:] {
		if s.name == name {
			return s, true
		}
	}
	return subcommand{}, false
}

// unknownCommand is the error for a word where no subcommand of that name can be.
func unknownCommand(word string) error {
	if _, ok := find(word); ok {
		return fmt.Errorf("%s is a command: write it first, before the flags", word)
	}
	var names []string
	for _, s := range subcommands()[1:] {
		names = append(names, s.name)
	}
	if meant := text.Nearest(word, names); meant != "" {
		return fmt.Errorf("unknown command %s; did you mean %s?", text.Name(word), meant)
	}
	return fmt.Errorf("unknown command %s; difygen help lists the commands", text.Name(word))
}

// isCommand reports whether the first argument that is not a flag looks like the name of a
// subcommand rather than like a file of dir.
func isCommand(operands []string, dir string) bool {
	if len(operands) == 0 || strings.ContainsAny(operands[0], `./\`) {
		return false
	}
	_, err := os.Lstat(filepath.Join(dir, operands[0]))
	return err != nil
}

// run parses the arguments, and runs the subcommand or prints its usage.
func (s subcommand) run(args []string, std streams) int {
	flags, act := s.declare()
	operands, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(std.stdout, s.usage())
		return exitDone
	}
	if err != nil && s.name == "" && isCommand(operands, "") {
		return std.fail(unknownCommand(operands[0]))
	}
	if err != nil {
		hint := s.command() + " -h lists the flags"
		if !hasFlags(flags) {
			hint = s.command() + " takes no flags"
		}
		return std.fail(fmt.Errorf("%w (%s)", err, hint))
	}
	return act(operands, std)
}

func (s subcommand) declare() (*flag.FlagSet, action) {
	flags := flag.NewFlagSet(s.command(), flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags, s.flags(flags)
}

// parse parses flags and returns the other arguments, after an error those before it. Flags
// can follow them.
func parse(flags *flag.FlagSet, args []string) (operands []string, err error) {
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return operands, err
		}
		if args = flags.Args(); len(args) > 0 {
			operands = append(operands, args[0])
			args = args[1:]
		}
	}
	return operands, nil
}

func hasFlags(flags *flag.FlagSet) bool {
	has := false
	flags.VisitAll(func(*flag.Flag) { has = true })
	return has
}

// The flags that several subcommands have.

func dirFlag(flags *flag.FlagSet) *string {
	return flags.String("C", "", "run as if started in `dir`")
}

func kindFlag(flags *flag.FlagSet) *model.Kind {
	kind := new(model.Kind)
	flags.Func("kind", "the `kind` of the files: "+model.KindList()+"\n"+
		"(default: that in the manifest, or guessed from the keys of the file)", func(s string) error {
		*kind = model.Kind(s)
		return nil
	})
	return kind
}

func verboseFlag(flags *flag.FlagSet) *bool {
	return flags.Bool("v", false, "print what was written")
}

// folder returns the absolute path of the folder that -C names. Other paths are relative
// to it.
func folder(dir string) (string, error) { return folderIn("", dir) }

// folderIn is folder for a run in another folder than the current one.
func folderIn(start, dir string) (string, error) {
	at := dir
	if !filepath.IsAbs(dir) {
		at = filepath.Join(start, dir)
	}
	if info, err := os.Stat(at); dir != "" && (err != nil || !info.IsDir()) {
		return "", fmt.Errorf("-C %s: no such folder", dir)
	}
	return filepath.Abs(at)
}
