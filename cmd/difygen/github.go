package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

const outOfDateTitle = "difygen: out of date"

// github writes annotations for GitHub Actions: workflow commands that mark lines of files
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
type github struct {
	root      string // absolute, from which files are named
	workspace string // the root of the repository, absolute; "" if it is not known
}

func newGitHub(root string) *github {
	return &github{root: root, workspace: os.Getenv("GITHUB_WORKSPACE")}
}

// annotation is a message about a line of a file.
type annotation struct {
	severity     model.Severity
	file         string // as shown; "" if it is about none
	line, column int    // 0 if they are not known
	title        string
	message      string
}

// annotationOf is the annotation for a diagnostic. The log shows only its message, so that has
// the place, too.
func annotationOf(d model.Diagnostic) annotation {
	severity := ": " + string(d.Severity) + ": "
	return annotation{
		severity: d.Severity, file: d.Pos.File, line: d.Pos.Line, column: d.Pos.Column, title: "difygen: " + string(d.Rule),
		message: strings.Replace(d.String(), severity, ": ", 1),
	}
}

// write writes an annotation as one line. Nothing in it can be another command.
func (g *github) write(w io.Writer, a annotation) {
	var properties []string
	add := func(name, value string) {
		properties = append(properties, name+"="+propertyEscapes.Replace(text.Printable(value)))
	}
	if a.file != "" {
		add("file", g.path(a.file))
	}
	if a.line > 0 {
		add("line", strconv.Itoa(a.line))
	}
	if a.column > 0 {
		add("col", strconv.Itoa(a.column))
	}
	add("title", a.title)
	fmt.Fprintf(w, "::%s %s::%s\n", a.severity, strings.Join(properties, ","), dataEscapes.Replace(text.Printable(a.message)))
}

// What GitHub decodes in the values of properties, and in messages.
var (
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
)

// path is the path of a file from the workspace, if that contains it; GitHub shows annotations
// for no other files. Else it is as shown.
func (g *github) path(file string) string {
	if g.workspace == "" {
		return filepath.ToSlash(file)
	}
	at := file
	if !filepath.IsAbs(at) {
		at = filepath.Join(g.root, at)
	}
	for _, pair := range [][2]string{{g.workspace, at}, {resolved(g.workspace), filepath.Join(resolved(filepath.Dir(at)), filepath.Base(at))}} {
		if rel, err := filepath.Rel(pair[0], pair[1]); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(file)
}

// resolved is a path without links, or the path itself if that fails.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
