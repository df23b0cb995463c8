package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPlugin runs golangci-lint on packages with mistakes. It must find those that a fact of
// another package tells of, must not run the analyzer that the settings disable, and must find
// nothing in an example.
func TestPlugin(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "golangci-lint")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	const seeds = "./internal/analyzers/testdata/src/"
	for _, test := range []struct {
		folder, want string
		ok           bool
	}{
		{seeds + "secretleak", "secretleak: the text of a secret, from Secret.Reveal, gets into slog.Debug (difygen)\n", false},
		{seeds + "optionswitch", `optionswitch: the switch over Deployment has no default and lacks "hybrid" (difygen)` + "\n", false},
		{seeds + "stdout", "", true},
		{"./examples/github/...", "", true},
	} {
		run := exec.CommandContext(t.Context(), tool, "run", "-c", "tools/golangci-lint/testdata/golangci.yml",
			"--show-stats=false", "--output.text.print-issued-lines=false", test.folder)
		run.Dir = "../.."
		output, err := run.Output()
		if (err == nil) != test.ok || !bytes.Contains(output, []byte(test.want)) || test.ok && len(output) > 0 {
			t.Errorf("%s: %v\n%s", test.folder, err, output)
		}
	}
}
