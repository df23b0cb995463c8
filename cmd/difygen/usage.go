package main

import (
	"flag"
	"fmt"
	"strings"
)

// command returns the command line that runs the subcommand, without operands.
func (s subcommand) command() string {
	return strings.TrimSpace("difygen " + s.name)
}

func (s subcommand) synopsis() string {
	return strings.TrimSpace(s.command() + " " + s.operands)
}

// usage returns what -h prints. That of the subcommand without a name lists the others.
func (s subcommand) usage() string {
	if s.name == "" {
		return overview()
	}
	text := align([][2]string{{s.synopsis(), s.summary}})
	if flags, _ := s.declare(); hasFlags(flags) {
		text += "\nFlags:\n" + flagUsage(flags)
	}
	return text
}

// overview returns the usage of the whole command.
func overview() string {
	all := subcommands()
	rows := make([][2]string, len(all))
	for i, s := range all {
		rows[i] = [2]string{s.synopsis(), s.summary}
	}
	flags, _ := all[0].declare()
	return "difygen turns the provider YAML of a Dify plugin into typed Go.\n\n" + align(rows) +
		"\nFlags for generating (difygen SUBCOMMAND -h lists those of a subcommand):\n" + flagUsage(flags) + `
Exit codes: 0 done; 1 the YAML or the plugin is wrong, or -check found a difference; 2 usage,
or a file that cannot be read or written.
`
}

// flagUsage returns the usage of flags.
func flagUsage(flags *flag.FlagSet) string {
	var rows [][2]string
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		rows = append(rows, [2]string{strings.TrimSpace("-" + f.Name + " " + value), usage})
	})
	return align(rows)
}

// align aligns the second columns of rows, which can have several lines.
func align(rows [][2]string) string {
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	var b strings.Builder
	for _, row := range rows {
		lines := strings.ReplaceAll(row[1], "\n", "\n"+strings.Repeat(" ", len("    ")+width+len("  ")))
		fmt.Fprintf(&b, "    %-*s  %s\n", width, row[0], lines)
	}
	return b.String()
}
