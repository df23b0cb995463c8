package github_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompilerAsksForMethods checks that the build fails without a method and names it.
func TestCompilerAsksForMethods(t *testing.T) {
	t.Parallel()
	for file, methods := range map[string][]string{
		"oauth.go":  {"OAuthGetAuthorizationURL", "OAuthGetCredentials", "OAuthRefreshCredentials"},
		"github.go": {"ValidateCredentials"},
	} {
		for _, method := range methods {
			t.Run(method, func(t *testing.T) {
				t.Parallel()
				output := buildWithout(t, file, method)
				if want := "(missing method " + method + ")"; !strings.Contains(output, want) {
					t.Errorf("the compiler does not report %q:\n%s", want, output)
				}
			})
		}
	}
}

// buildWithout builds the package with a method renamed, and returns the output.
func buildWithout(t *testing.T, file, method string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(src), "Provider) "+method+"(", "Provider) renamed(", 1)
	if changed == string(src) {
		t.Fatalf("%s has no method %s", file, method)
	}
	dir := t.TempDir()
	replacement := filepath.Join(dir, file)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: replacement}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{replacement: []byte(changed), filepath.Join(dir, "overlay.json"): overlay} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), ".").CombinedOutput()
	if err == nil {
		t.Fatalf("the package builds without %s", method)
	}
	return string(output)
}
