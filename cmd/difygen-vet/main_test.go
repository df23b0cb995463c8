package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/testmodule"
)

// build returns the path of the command.
func build(t *testing.T) string {
	t.Helper()
	if err := testmodule.Watch("../.."); err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(t.TempDir(), "difygen-vet")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return tool
}

// run runs a command in the root of the module. It returns the lines that it prints, with files
// but without lines and columns, and whether it succeeds.
func run(t *testing.T, args ...string) (lines []string, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = "../.."
	output, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	root, rootErr := filepath.Abs("../..")
	if rootErr != nil {
		t.Fatal(rootErr)
	}
	text := strings.ReplaceAll(string(output), root+"/", "")
	text = regexp.MustCompile(`(?m)^#.*\n|^exit status \d\n`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`(\.go):\d+:\d+`).ReplaceAllString(text, "$1")
	return slices.Sorted(strings.Lines(text)), err == nil
}

// TestNoFalseAlarms runs go vet with all analyzers on the examples, where they find nothing, and on
// the golden cases, where they find the methods that stand in for those of an author.
func TestNoFalseAlarms(t *testing.T) {
	t.Parallel()
	tool := build(t)
	if lines, ok := run(t, "go", "vet", "-vettool="+tool, "./examples/...", "./deploy/...", "./serve/...", "./runtime/..."); !ok {
		t.Errorf("in the examples, it finds\n%s", strings.Join(lines, ""))
	}
	const refresh = "OAuthRefreshCredentials returns the credentials that it is given, so an expired token stays\n"
	want := []string{
		"testdata/golden/forge/own.go: ValidateCredentials cannot fail, so Dify stores any credentials\n",
		"testdata/golden/forge/own.go: no code calls Ping of the Dispatcher, so that the event never happens\n",
		"testdata/golden/forge/own.go: the text of a secret, from Secret.Reveal, gets into http.Header.Set\n", // for a test
		"testdata/golden/github/flow.go: " + refresh,
		"testdata/golden/mail/subscriptions.go: a secret, from Secret.Reveal, gets into Extra, which Dify stores in plain text; declare \"id\" as secret-input\n",
		"testdata/golden/oneway/flow.go: " + refresh,
		"testdata/golden/toolbox/flow.go: " + refresh,
	}
	lines, _ := run(t, "go", "vet", "-vettool="+tool, "./testdata/golden/...")
	all := len(lines)
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, " is not implemented yet: ") })
	if all-len(lines) < 40 {
		t.Errorf("only %d stubs were found", all-len(lines))
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("in the golden cases (-want +got):\n%s", diff)
	}
}

// TestBothWays runs the command by itself and by go vet, with a flag, on a package with mistakes.
func TestBothWays(t *testing.T) {
	t.Parallel()
	tool := build(t)
	const seed = "./internal/analyzers/testdata/src/notimplemented"
	want := []string{
		"internal/analyzers/testdata/src/notimplemented/a.go: Dispatch is not implemented yet: calls of it fail\n",
		"internal/analyzers/testdata/src/notimplemented/a.go: ListIssues is not implemented yet: calls of it fail\n",
		"internal/analyzers/testdata/src/notimplemented/a.go: Options is not implemented yet: calls of it fail\n",
		"internal/analyzers/testdata/src/notimplemented/a.go: Push is not implemented yet: calls of it fail\n",
	}
	for _, args := range [][]string{{tool, seed}, {"go", "vet", "-vettool=" + tool, seed}, {"go", "vet", "-vettool=" + tool, "-notimplemented", seed}} {
		lines, ok := run(t, args...)
		if diff := cmp.Diff(want, lines); diff != "" || ok {
			t.Errorf("%s: success %t (-want +got):\n%s", args, ok, diff)
		}
	}
	for _, args := range [][]string{{tool, "-notimplemented=false", seed}, {"go", "vet", "-vettool=" + tool, "-stdout", seed}} {
		if lines, ok := run(t, args...); !ok || len(lines) > 0 {
			t.Errorf("%s: success %t, %s", args, ok, lines)
		}
	}
}

// TestBroken runs the command on packages that do not compile, one of which another one imports. It
// prints what the compiler says of them, and the findings in others.
func TestBroken(t *testing.T) {
	t.Parallel()
	tool, module := build(t), t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(root, module); err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{
		"main.go":          "package main\n\nimport \"example.com/plugin/typed\"\n\nfunc main() { typed.Use(nil) }\n",
		"typed/typed.go":   "package typed\n\nimport _ \"github.com/difygen/difygen/runtime\"\n\nfunc Use(*OldCall) {}\n",
		"parsed/parsed.go": "package parsed\n\nimport _ \"github.com/difygen/difygen/runtime\"\n\nvar _ = )\n",
		"fine/fine.go":     "package fine\n\nimport \"github.com/difygen/difygen/runtime\"\n\nfunc Do() error { return runtime.ErrNotImplemented }\n",
	} {
		file := filepath.Join(module, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), tool, "./...")
	cmd.Dir = module
	output, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() == 0 {
		t.Errorf("the command ends with %v", err)
	}
	for _, want := range []string{"typed.go:5:11: undefined: OldCall", "parsed.go:5:9: expected operand", "fine.go:5:26: Do is not implemented yet"} {
		if !strings.Contains(string(output), want) {
			t.Errorf("%q is missing in\n%s", want, output)
		}
	}
	if got := strings.Count(string(output), "\n"); got > 6 {
		t.Errorf("it prints %d lines:\n%s", got, output)
	}
}
