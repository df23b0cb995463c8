package github_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCompilerAsksForMethods checks that the build fails without a method and names it,
// because of the assertions and, without them, because of NewProvider.
func TestCompilerAsksForMethods(t *testing.T) {
	t.Parallel()
	for file, methods := range map[string][]string{
		"oauth.go":  {"OAuthGetAuthorizationURL", "OAuthGetCredentials", "OAuthRefreshCredentials"},
		"github.go": {"ValidateCredentials"},
	} {
		for _, method := range methods {
			t.Run(method, func(t *testing.T) {
				t.Parallel()
				renamed := overlay{file: file, old: regexp.MustCompile(`Provider\) ` + method + `\(`), new: "Provider) renamed("}
				assertions := overlay{file: "github_dify.go", old: regexp.MustCompile(`(?s)\nvar \(\n\t_ .*?\n\)\n`)}
				for _, changes := range [][]overlay{{renamed}, {renamed, assertions}} {
					output := build(t, changes)
					if want := "(missing method " + method + ")"; !strings.Contains(output, want) {
						t.Errorf("the compiler does not report %q:\n%s", want, output)
					}
				}
			})
		}
	}
}

// overlay replaces text in a file of the package.
type overlay struct {
	file string
	old  *regexp.Regexp
	new  string
}

// build builds the package with changes, which must fail, and returns the compiler's
// output.
func build(t *testing.T, changes []overlay) string {
	t.Helper()
	dir := t.TempDir()
	replace := make(map[string]string)
	for _, c := range changes {
		path, err := filepath.Abs(c.file)
		if err != nil {
			t.Fatal(err)
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.old.FindAll(src, -1)) != 1 {
			t.Fatalf("%s does not have %s once", c.file, c.old)
		}
		replace[path] = filepath.Join(dir, c.file)
		if err := os.WriteFile(replace[path], c.old.ReplaceAll(src, []byte(c.new)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", file, ".").CombinedOutput()
	if err == nil {
		t.Fatal("the package builds")
	}
	return string(output)
}
