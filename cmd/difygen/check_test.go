package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckTwice checks that a difference that several directives have is shown once.
func TestCheckTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const key = "identity: {author: a, name: key, label: {en_US: Key}, description: {en_US: D}, icon: i.svg}\n" +
		"credentials_for_provider:\n  api_key: {type: secret-input, required: true, label: {en_US: API key}}\n"
	code := "package p\n" + strings.Repeat("\n//go:generate difygen key.yaml", 3) + "\n\ntype Provider int\n"
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "key.yaml"), []byte(key), 0o600), os.WriteFile(filepath.Join(dir, "p.go"), []byte(code), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"-C", dir, "-check", "-github", "./..."}, &stdout, &stderr); code != exitWrong {
		t.Errorf("exit code %d", code)
	}
	if n := strings.Count(stdout.String(), "+++ b/key_dify.go\n"); n != 1 {
		t.Errorf("%d differences:\n%s", n, stdout.String())
	}
	if n := strings.Count(stderr.String(), "file=key_dify.go,"); n != 1 {
		t.Errorf("%d annotations:\n%s", n, stderr.String())
	}
}
