package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// change replaces the only match of a regular expression in a file of the plugin.
type change struct{ file, old, new string }

// renamed is a change after which the provider lacks a method.
func renamed(file, method string) change {
	return change{file, `Provider\) ` + method + `\(`, "Provider) renamed("}
}

// noAssertions is a change that a provider would have whose author deletes the assertions.
var noAssertions = change{"provider/github.go", `(?s)\nvar \(\n\t_ .*?\n\)\n`, "\n"}

// TestCompilerAsks checks that the plugin does not build with something missing, and what
// the compiler says.
func TestCompilerAsks(t *testing.T) {
	t.Parallel()
	const (
		github = "provider/github.go"
		tool   = "provider/list_issues.go"
	)
	type test struct {
		changes []change
		want    string
	}
	tests := map[string]test{
		"no provider":                       {[]change{{"main.go", `github\.New\(github\.Service{}\)`, ""}}, "not enough arguments in call to newPlugin\n\thave ()\n\twant (*github.Provider, ...serve.Option)"},
		"a provider too many":               {[]change{{"main.go", `(github\.New\(github\.Service{}\))`, "$1, $1"}}, "cannot use github.New(github.Service{}) (value of type *github.Provider) as serve.Option value in argument to newPlugin"},
		"another provider":                  {[]change{{"main.go", `github\.New\(github\.Service{}\)`, "&struct{}{}"}}, "cannot use &struct{}{} (value of type *struct{}) as *github.Provider value in argument to newPlugin"},
		"a misspelt parameter":              {[]change{{tool, `params.Repository`, "params.Repositry"}}, "params.Repositry undefined (type ListIssuesParameters has no field or method Repositry)"},
		"a misspelt output":                 {[]change{{tool, `out.SetCount`, "out.SetConut"}}, "out.SetConut undefined (type *ListIssuesOutput has no field or method SetConut)"},
		"a misspelt credential":             {[]change{{github, `c.ServerURL`, "c.ServerUrl"}}, "c.ServerUrl undefined (type Credentials has no field or method ServerUrl, but does have field ServerURL)"},
		"a number taken as text":            {[]change{{tool, `strconv.FormatInt\(size, 10\)`, "size + strconv.Itoa(1)"}}, "mismatched types int64 and string"},
		"what the manifest does not permit": {[]change{{"provider/memory.go", `Dify\.Storage`, "Dify.LLM"}}, "Dify.LLM undefined (type Dify has no field or method LLM)"},
	}
	for method, file := range map[string]string{
		"ValidateCredentials": github, "ListIssues": tool, "ListIssuesRuntimeParameters": tool,
	} {
		want := "(missing method " + method + ")"
		tests["no "+method] = test{[]change{renamed(file, method)}, want}
		tests["no "+method+", and no assertions"] = test{[]change{renamed(file, method), noAssertions}, want}
	}
	notEmbedded := change{github, `\*authcode\.Flow`, "Flow $0"}
	tests["no OAuth flow"] = test{[]change{notEmbedded}, "(missing method OAuthGetAuthorizationURL)"}
	tests["no OAuth flow, and no assertions"] = test{[]change{notEmbedded, noAssertions}, "(missing method OAuthGetAuthorizationURL)"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if output := build(t, test.changes); !strings.Contains(output, test.want) {
				t.Errorf("the compiler does not report %q:\n%s", test.want, output)
			}
		})
	}
}

// build builds the plugin with changes, which must fail, and returns the compiler's output.
func build(t *testing.T, changes []change) string {
	t.Helper()
	sources := make(map[string]string)
	for _, c := range changes {
		path, err := filepath.Abs(c.file)
		if err != nil {
			t.Fatal(err)
		}
		if sources[path] == "" {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sources[path] = string(src)
		}
		old := regexp.MustCompile(c.old)
		if len(old.FindAllString(sources[path], -1)) != 1 {
			t.Fatalf("%s does not have %s once", c.file, c.old)
		}
		sources[path] = old.ReplaceAllString(sources[path], c.new)
	}
	dir := t.TempDir()
	replace := make(map[string]string)
	for path, src := range sources {
		replace[path] = filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(replace[path], []byte(src), 0o600); err != nil {
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
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, "-overlay", file, ".").CombinedOutput()
	if err == nil {
		t.Fatal("the plugin builds")
	}
	return string(output)
}
