package scaffold

import (
	"strings"
)

// Report is what was made, and what is to be done next.
type Report struct {
	Summary string   // a sentence without a period
	Kept    []string // the files that were there, and are not written
	Todo    []string // what the author must write or change
	Steps   []Step
}

// Step is something to do by commands.
type Step struct {
	Why      string // a sentence without a period
	Commands []string
}

// String returns the report as paragraphs, with a command on each indented line.
func (r Report) String() string {
	var b strings.Builder
	b.WriteString(r.Summary + ".\n")
	for _, name := range r.Kept {
		b.WriteString("It was there, and stays as it is: " + name + "\n")
	}
	if len(r.Todo) > 0 {
		b.WriteString("\nWhat is left for you:\n\n")
		for _, line := range r.Todo {
			b.WriteString("  - " + line + "\n")
		}
	}
	for _, s := range r.Steps {
		b.WriteString("\n" + s.Why + ":\n\n")
		for _, command := range s.Commands {
			b.WriteString("    " + command + "\n")
		}
	}
	return b.String()
}

// ShellWord quotes an argument for a shell, if it needs that.
func ShellWord(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./=@:,+", c)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
