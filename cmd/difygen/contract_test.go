package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/difygen/difygen/internal/corpus"
)

// TestInspectContract compares "difygen inspect -kind K FILE" with the host's verdict on
// every file and probe: the exit code, the diagnostics, and whether there is JSON. Package
// model tests the mutations.
func TestInspectContract(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "provider.yaml")
	for _, c := range corpus.CasesWithoutMutations(t, "tool", "model", "datasource", "trigger", "endpoint", "agent-strategy") {
		if err := os.WriteFile(file, c.Source(t), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, strict := range []bool{false, true} {
			args := []string{"inspect", "-kind", c.Kind, "-json", file}
			if strict {
				args = append(args, "-strict")
			}
			var stdout, stderr bytes.Buffer
			code := run(args, &stdout, &stderr)
			errors, warnings := severities(t, stderr.Bytes())
			ok := false
			switch {
			case c.Verdict == corpus.CannotLoad:
				ok = code == exitWrong && errors > 0 && stdout.Len() == 0
			case stdout.Len() == 0:
			case strict:
				ok = warnings == 0 && code == min(errors, exitWrong) && (c.Verdict == corpus.Accept || errors > 0)
			case c.Verdict == corpus.Accept:
				ok = code == exitDone && errors == 0
			case c.Verdict == corpus.BreaksRules:
				ok = errors+warnings > 0 && code == min(errors, exitWrong)
			}
			if !ok {
				t.Errorf("%s (%s, strict %v): exit code %d, %d errors, %d warnings, %d bytes of JSON",
					c.Name(), c.Verdict, strict, code, errors, warnings, stdout.Len())
			}
		}
	}
}

// severities counts the diagnostics of a run with -json.
func severities(t *testing.T, stderr []byte) (errors, warnings int) {
	t.Helper()
	for line := range bytes.Lines(stderr) {
		var d struct {
			Severity     string
			Line, Column int
		}
		if err := json.Unmarshal(line, &d); err != nil || d.Line < 1 || d.Column < 1 {
			t.Fatalf("%v: %s", err, line)
		}
		if d.Severity == "error" {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}
