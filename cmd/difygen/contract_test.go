package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
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

// TestInspectItemContract does the same for "difygen inspect -item KIND FILE", and compares
// the names of the parameters with those that the host decodes.
func TestInspectItemContract(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "item.yaml")
	for i, c := range corpus.Items(t) {
		if i%4 != 0 && c.Verdict == corpus.Accept {
			continue // package model tests all of them
		}
		if err := os.WriteFile(file, c.Source(t), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		code := run([]string{"inspect", "-item", c.Kind, "-json", file}, &stdout, &stderr)
		errors, warnings := severities(t, stderr.Bytes())
		if c.Verdict == corpus.CannotLoad {
			if code != exitWrong || errors == 0 || stdout.Len() > 0 {
				t.Errorf("%s: exit code %d, %d errors, %d bytes of JSON", c.Name(), code, errors, stdout.Len())
			}
			continue
		}
		if code != min(errors, exitWrong) || c.Verdict == corpus.Accept && errors > 0 || c.Verdict == corpus.BreaksRules && errors+warnings == 0 {
			t.Errorf("%s (%s): exit code %d, %d errors, %d warnings", c.Name(), c.Verdict, code, errors, warnings)
		}
		var got struct {
			Kind       string
			Parameters []struct{ Name string }
		}
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || got.Kind != c.Kind {
			t.Fatalf("%s: %v: %s", c.Name(), err, stdout.Bytes())
		}
		parameters, _ := c.Decoded["parameters"].([]any)
		if rules, ok := c.Decoded["parameter_rules"].([]any); ok {
			parameters = rules
		}
		var want, names []string
		for _, p := range parameters {
			name, _ := p.(map[string]any)["name"].(string)
			want = append(want, name)
		}
		for _, p := range got.Parameters {
			names = append(names, p.Name)
		}
		if !slices.Equal(want, names) {
			t.Errorf("%s: parameters %q, want %q", c.Name(), names, want)
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
