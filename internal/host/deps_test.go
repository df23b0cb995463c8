package host_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies checks that the host's half of the protocol stands alone: a console can
// use it, too.
func TestDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{else if eq .ImportPath \"testing\"}}testing{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(string(out)), "github.com/difygen/difygen/internal/host"; got != want {
		t.Errorf("the package depends on:\n%s\nwant only %s", got, want)
	}
}
