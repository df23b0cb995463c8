package main

import (
	"encoding/json"
	"fmt"

	"github.com/difygen/difygen/model"
)

// report prints diagnostics to standard error, and says whether one is an error.
func (c *command) report(diags model.Diagnostics) (wrong bool) {
	if c.strict {
		diags.Promote()
	}
	for _, d := range diags {
		if c.jsonOutput {
			c.reportJSON(d)
		} else {
			fmt.Fprintln(c.stderr, d)
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
