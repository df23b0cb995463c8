package main

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestRunsAtOnce runs the command several times at once, with different results for one
// folder. No run fails, and the files are those of one of the runs.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const key = "identity: {author: a, name: key, label: {en_US: Key}, description: {en_US: D}, icon: i.svg}\n" +
		"credentials_for_provider:\n  api_key: {type: secret-input, required: true, label: {en_US: API key}}\n"
	for name, content := range map[string]string{"key.yaml": key, "provider.go": "package p\n\ntype Provider int\n", ".difygen-1": "left by a run that was killed"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	for range 20 {
		for _, prefix := range []string{"A", "B"} {
			group.Go(func() {
				var out bytes.Buffer
				if code := run([]string{"-C", dir, "-prefix", prefix, "-type", "Provider", "key.yaml"}, &out, &out); code != 0 || out.Len() > 0 {
					t.Errorf("exit code %d: %s", code, out.String())
				}
			})
		}
	}
	group.Wait()
	one := func(prefix string) bool {
		var out bytes.Buffer
		return run([]string{"-C", dir, "-prefix", prefix, "-type", "Provider", "-check", "key.yaml"}, &out, &out) == 0
	}
	if one("A") == one("B") {
		t.Error("the files are of neither run")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}
