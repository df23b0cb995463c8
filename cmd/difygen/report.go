package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/difygen/difygen/internal/directive"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// streams are where the command writes.
type streams struct {
	stdout, stderr io.Writer
	terminal       bool    // stderr is a terminal
	github         *github // not nil for annotations
}

// reportOptions says how diagnostics are reported.
type reportOptions struct{ strict, json, github bool }

func reportFlags(flags *flag.FlagSet) *reportOptions {
	options := new(reportOptions)
	flags.BoolVar(&options.strict, "strict", false, "treat warnings as errors")
	flags.BoolVar(&options.json, "json", false, "print diagnostics to standard error as JSON, one object per line")
	flags.BoolVar(&options.github, "github", false, "print diagnostics to standard error as annotations of GitHub Actions")
	return options
}

// reporting returns the streams for what the options say. Files are named from root, which is
// absolute.
func (std streams) reporting(options reportOptions, root string) (streams, error) {
	if options.json && options.github {
		return std, errors.New("use one of -json and -github")
	}
	if options.github {
		std.github = newGitHub(root)
	}
	return std, nil
}

// report prints diagnostics to standard error, on a terminal with the line of the source
// below each, and reports whether one is an error.
func (std streams) report(diags model.Diagnostics, sources map[string][]byte, options reportOptions) (wrong bool) {
	if options.strict {
		diags = diags.Promote()
	}
	lines := make(map[string][]string)
	for _, d := range diags {
		if options.json {
			std.reportJSON(d)
			continue
		}
		if std.github != nil {
			std.github.write(std.stderr, annotationOf(d))
			continue
		}
		severity := string(d.Severity)
		line := strings.Replace(d.String(), ": "+severity+": ", ": "+std.color(d.Severity, severity)+": ", 1)
		fmt.Fprintln(std.stderr, line)
		if std.terminal {
			file := d.Pos.File
			if _, ok := lines[file]; !ok {
				lines[file] = sourceLines(sources[file])
			}
			fmt.Fprint(std.stderr, excerpt(lines[file], d.Pos))
		}
	}
	return diags.HasErrors()
}

func (std streams) reportJSON(d model.Diagnostic) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// A struct of strings and numbers always encodes.
	_ = enc.Encode(struct {
		File       string         `json:"file"`
		Line       int            `json:"line"`
		Column     int            `json:"column"`
		Severity   model.Severity `json:"severity"`
		Rule       model.Rule     `json:"rule"`
		Message    string         `json:"message"`
		Suggestion string         `json:"suggestion,omitempty"`
	}{d.Pos.File, d.Pos.Line, d.Pos.Column, d.Severity, d.Rule, d.Message, d.Suggestion})
	fmt.Fprint(std.stderr, visibleJSON(b.String()))
}

// visibleJSON escapes the characters of JSON that a terminal does not show as themselves,
// and what is a command in the log of a pipeline.
func visibleJSON(s string) string {
	s = strings.ReplaceAll(s, "##", `\u0023\u0023`)
	var b strings.Builder
	for _, c := range s {
		if c == '\n' || text.Visible(c) {
			b.WriteRune(c)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, c) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// fail prints an error that is not a diagnostic, line by line, and returns the exit code
// for usage, and for reading and writing files.
func (std streams) fail(err error) int {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) && err.Error() == fmt.Sprint(errors.Join(joined.Unwrap()...)) {
		for _, each := range joined.Unwrap() {
			std.fail(each)
		}
		return exitUsage
	}
	a := annotation{severity: model.SeverityError, title: "difygen"}
	if at := (*directive.Error)(nil); errors.As(err, &at) {
		a.file, a.line = at.File, at.Line
	}
	for line := range strings.Lines(err.Error()) {
		a.message = "difygen: " + strings.TrimSuffix(line, "\n")
		if std.github != nil {
			std.github.write(std.stderr, a)
			continue
		}
		fmt.Fprintln(std.stderr, text.Printable(a.message))
	}
	return exitUsage
}

// note prints a line to standard error if wanted.
func (std streams) note(wanted bool, line string) {
	if wanted {
		fmt.Fprintln(std.stderr, text.Printable(line))
	}
}
