package gopls_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/test/gopls"
	"github.com/difygen/difygen/internal/testmodule"
)

// deadline is for all that gopls does, on a slow machine with an empty cache.
const deadline = 5 * time.Minute

const (
	providerFile = "provider/tracker.go"
	toolFile     = "provider/list_issues.go"
)

var (
	methodRE    = regexp.MustCompile(`(?m)^func \(p \*Provider\) .*`)
	assertionRE = regexp.MustCompile(`(?m)^\t_ +Tools += \(\*Provider\)\(nil\)\n`)
)

// TestGopls checks what an editor shows to the author of a plugin.
func TestGopls(t *testing.T) {
	t.Parallel()
	program := os.Getenv("DIFYGEN_GOPLS")
	if program == "" {
		t.Skip("SKIPPED: set DIFYGEN_GOPLS to the path of gopls")
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	dir := generate(t)
	client, err := gopls.Start(ctx, program, dir, environment(t))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	// The subtests share the client, so they run one after the other.
	e := &editor{client, dir}
	t.Run("completion", func(t *testing.T) { testCompletion(ctx, t, e) })
	t.Run("hover", func(t *testing.T) { testHover(ctx, t, e) })
	t.Run("generated file", func(t *testing.T) { testGeneratedFile(ctx, t, e) })
	t.Run("fix", func(t *testing.T) { testFix(ctx, t, e) })
}

// editor is an editor with the plugin in a folder open.
type editor struct {
	*gopls.Client
	dir string
}

// disk returns the text of a file as it was generated.
func (e *editor) disk(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(e.dir, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// generate makes a plugin in a module of its own, and returns its folder.
func generate(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	// The go command and gopls report paths without links.
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	archive, err := txtar.ParseFile("testdata/plugin.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(root, dir); err != nil {
		t.Fatal(err)
	}
	cfg := pipeline.Config{Dir: dir}
	folder, err := cfg.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	result, err := pipeline.Run(cfg)
	if err != nil || len(result.Diagnostics) > 0 {
		t.Fatal(result, err)
	}
	if err := folder.Apply(t.Context(), result.Changes); err != nil {
		t.Fatal(err)
	}
	return dir
}

// environment is that of gopls, with the cache of the go command, and folders of its own. It
// is offline.
func environment(t *testing.T) []string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOENV", "GOFLAGS", "GOTOOLCHAIN"}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	env := os.Environ()
	for i, value := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		env = append(env, names[i]+"="+value)
	}
	config := t.TempDir()
	env = append(env, "GOPROXY=off", "GOWORK=off", "GOPLSCACHE="+t.TempDir(), "HOME="+config, "XDG_CONFIG_HOME="+config)
	// Otherwise gopls writes telemetry, even while it ends.
	off := exec.CommandContext(t.Context(), "go", "telemetry", "off")
	off.Env = env
	if out, err := off.CombinedOutput(); err != nil {
		t.Fatalf("go telemetry off: %v\n%s", err, out)
	}
	return env
}

// tool is the tool's file with a line in its method.
func tool(line string) string {
	return `package tracker

import "context"

func (p *Provider) ListIssues(ctx context.Context, call *ListIssuesCall, out *ListIssuesOutput) error {
	creds := call.Credentials
	_ = creds
` + "\t" + line + `
	return nil
}
`
}

func testCompletion(ctx context.Context, t *testing.T, e *editor) {
	t.Helper()
	for _, c := range []struct {
		line  string
		first bool // whether what is wanted must come first
		want  []gopls.Item
	}{
		{"creds.‸", false, []gopls.Item{
			item("APIKey", "API key. Required.\n\nCreate one in your profile.\n\nYAML: provider/tracker.yaml:3 credentials_for_provider.api_key"),
			item("Region", "Region. Required.\n\nWhere your account is.\n\nYAML: provider/tracker.yaml:8 credentials_for_provider.region"),
		}},
		{"call.Parameters.‸", false, []gopls.Item{
			item("Repository", "Repository. Required. Filled in by a language model.\n\nIts owner and name."+
				"\n\nFor the language model: The repository, as OWNER/NAME.\n\nYAML: tools/list_issues.yaml:4 parameters.repository"),
			item("State", "State. Required. Set by the user.\n\nWhich issues to list.\n\nYAML: tools/list_issues.yaml:11 parameters.state"),
		}},
		{"if call.Parameters.State == ‸ {\n\t}", true, []gopls.Item{item("StateOpen", "Open"), item("StateClosed", "Closed")}},
		{"_ = creds.Region == ‸", true, []gopls.Item{item("RegionEu", "Europe"), item("RegionUs", "America")}},
		{"out.‸", false, []gopls.Item{
			item("SetCount", "SetCount sets the output count.\n\nHow many issues there are.\n\nYAML: tools/list_issues.yaml:23 output_schema.properties.count"),
			item("SetNextPage", "SetNextPage sets the output next_page.\n\nThe cursor of the next page.\n\nYAML: tools/list_issues.yaml:24 output_schema.properties.next_page"),
		}},
	} {
		got, err := e.Complete(ctx, toolFile, tool(c.line))
		if err != nil {
			t.Fatal(err)
		}
		if c.first {
			got = got[:min(len(got), len(c.want))]
		}
		for _, want := range c.want {
			i := slices.IndexFunc(got, func(i gopls.Item) bool { return i.Label == want.Label })
			if i < 0 {
				t.Errorf("%s: gopls does not propose %s, but %v", c.line, want.Label, got)
				continue
			}
			if diff := cmp.Diff(want.Documentation.Value, strings.TrimSpace(got[i].Documentation.Value)); diff != "" {
				t.Errorf("%s: documentation of %s (-want +got):\n%s", c.line, want.Label, diff)
			}
		}
	}
}

func item(label, documentation string) gopls.Item {
	i := gopls.Item{Label: label}
	i.Documentation.Value = documentation
	return i
}

func testHover(ctx context.Context, t *testing.T, e *editor) {
	t.Helper()
	for line, wants := range map[string][]string{
		"_ = call.Parameters.St‸ate": {"field State State", "State. Required.", "Which issues to list.", "tools/list_issues.yaml:11 parameters.state"},
		"_ = creds.AP‸IKey":          {"field APIKey runtime.Secret", "API key. Required.", "Create one in your profile.", "credentials_for_provider.api_key"},
	} {
		got, err := e.Hover(ctx, toolFile, tool(line))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: gopls does not show %q:\n%s", line, want, got)
			}
		}
	}
}

// declareMethods is the change that adds what the assertion of Tools reports.
const declareMethods = "Declare missing methods of Tools"

func isDeclareMethods(f gopls.Fix) bool { return f.Title == declareMethods }

// fixes returns the changes that gopls offers for the assertion in a file, when the tool's
// file lacks its method.
func fixes(ctx context.Context, t *testing.T, e *editor, file string) []gopls.Fix {
	t.Helper()
	if err := e.Edit(toolFile, "package tracker\n"); err != nil {
		t.Fatal(err)
	}
	lacks := func(d gopls.Diagnostic) bool {
		return strings.Contains(d.Message, "*Provider does not implement Tools (missing method ListIssues)")
	}
	list, err := e.Diagnostics(ctx, file, func(list []gopls.Diagnostic) bool { return slices.ContainsFunc(list, lacks) })
	if err != nil {
		t.Fatal(err)
	}
	found, err := e.Fixes(ctx, file, list[slices.IndexFunc(list, lacks)])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// testFix checks that gopls offers to declare the method of a tool where the stub asserts
// Tools.
func testFix(ctx context.Context, t *testing.T, e *editor) {
	t.Helper()
	stub := e.disk(t, providerFile)
	if err := e.Edit(providerFile, stub); err != nil {
		t.Fatal(err)
	}
	found := fixes(ctx, t, e, providerFile)
	i := slices.IndexFunc(found, isDeclareMethods)
	if i < 0 {
		t.Fatalf("gopls offers only %v", found)
	}
	if err := e.Apply(ctx, found[i]); err != nil {
		t.Fatal(err)
	}
	declared := methodRE.FindAllString(e.Text(providerFile), -1)
	want := append(methodRE.FindAllString(stub, -1),
		"func (p *Provider) ListIssues(ctx context.Context, call *ListIssuesCall, out *ListIssuesOutput) error {")
	slices.Sort(declared)
	slices.Sort(want)
	if diff := cmp.Diff(want, declared); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
	if _, err := e.Diagnostics(ctx, providerFile, func(list []gopls.Diagnostic) bool { return len(list) == 0 }); err != nil {
		t.Error(err)
	}
}

// testGeneratedFile checks that gopls offers nothing where the same assertion stands in a
// file that looks generated: that is why it stands in the author's.
func testGeneratedFile(ctx context.Context, t *testing.T, e *editor) {
	t.Helper()
	stub := e.disk(t, providerFile)
	if got := len(assertionRE.FindAllString(stub, -1)); got != 1 {
		t.Fatalf("the stub asserts Tools %d times:\n%s", got, stub)
	}
	if err := e.Edit(providerFile, assertionRE.ReplaceAllString(stub, "")); err != nil {
		t.Fatal(err)
	}
	const file, text = "provider/assertion.go", "package tracker\n\nvar _ Tools = (*Provider)(nil)\n"
	header, _, _ := strings.Cut(e.disk(t, "provider/tracker_dify.go"), "\n")
	for _, c := range []struct {
		text string
		want bool
	}{{header + "\n\n" + text, false}, {text, true}} {
		if err := e.Edit(file, c.text); err != nil {
			t.Fatal(err)
		}
		found := fixes(ctx, t, e, file)
		if got := slices.ContainsFunc(found, isDeclareMethods); got != c.want {
			t.Errorf("offered: %t, want %t, in\n%s", got, c.want, c.text)
		}
	}
	if err := e.Edit(file, "package tracker\n"); err != nil {
		t.Fatal(err)
	}
}
