package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/difygen/difygen/model"
)

// report prints diagnostics to standard error, and says whether one is an error.
// On a terminal the offending lines of the sources stand below.
func (c *command) report(diags model.Diagnostics, sources map[string][]byte) (wrong bool) {
	if c.strict {
		diags.Promote()
	}
	for _, d := range diags {
		if c.jsonOutput {
			c.reportJSON(d)
			continue
		}
		severity := string(d.Severity)
		line := strings.Replace(d.String(), ": "+severity+": ", ": "+c.color(d.Severity, severity)+": ", 1)
		fmt.Fprintln(c.stderr, line)
		if c.terminal {
			fmt.Fprint(c.stderr, excerpt(sources[d.Pos.File], d.Pos))
		}
	}
	return diags.HasErrors()
}

func (c *command) reportJSON(d model.Diagnostic) {
	enc := json.NewEncoder(c.stderr)
	enc.SetEscapeHTML(false)
	// A struct of strings and numbers always encodes; a failing stderr has no
	// better place to be reported.
	_ = enc.Encode(struct {
		File       string         `json:"file"`
		Line       int            `json:"line"`
		Column     int            `json:"column"`
		Severity   model.Severity `json:"severity"`
		Rule       model.Rule     `json:"rule"`
		Message    string         `json:"message"`
		Suggestion string         `json:"suggestion,omitempty"`
	}{d.Pos.File, d.Pos.Line, d.Pos.Column, d.Severity, d.Rule, d.Message, d.Suggestion})
}
