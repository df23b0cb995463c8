package golden_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompileErrors checks what the compiler says to an author who forgot or misspelled
// something. Some of the author's files are replaced; stubs without their assertions show
// that the generated code insists by itself.
func TestCompileErrors(t *testing.T) {
	t.Parallel()
	const (
		clock   = "package notool\n\ntype Provider struct{}\n"
		header  = "package notool\n\nimport (\n\t\"context\"\n\n\t\"github.com/difygen/difygen/runtime\"\n)\n\n"
		options = "func (p *Provider) NowZoneOptions(context.Context) ([]runtime.Choice, error) { return nil, nil }\n\n" +
			"func (p *Provider) NowRuntimeParameters(context.Context) ([]runtime.Parameter, error) { return nil, nil }\n\n"
		acme = "package fixedmodels\n\nimport (\n\t\"context\"\n\n\t\"github.com/difygen/difygen/runtime/llm\"\n\t\"github.com/difygen/difygen/runtime/rerank\"\n)\n\ntype AcmeProvider struct{}\n\n" +
			"func (p *AcmeProvider) ValidateProviderCredentials(context.Context, AcmeProviderCredentials) error { return nil }\n\n" +
			"func (p *AcmeProvider) LLM(context.Context, *AcmeLLMCall, *llm.Output) error { return nil }\n\n"
		share = "package shares\n\nimport (\n\t\"context\"\n\n\t\"github.com/difygen/difygen/runtime/datasource\"\n)\n\n" +
			"func (p *Provider) DocsInGroupBrowse(_ context.Context, call *DocsInGroupBrowseCall, _ *datasource.BrowseOutput) error { %sreturn nil }\n\n"
		ranks = "func (p *AcmeProvider) Rerank(context.Context, *AcmeRerankCall) (*rerank.Result, error) { return nil, nil }\n\n"
	)
	for name, test := range map[string]struct {
		pkg   string
		files map[string]string
		want  string
	}{
		"a tool without its method": {
			"notool", map[string]string{"provider.go": clock, "now.go": header + options},
			"notool/provider_dify.go: cannot convert p (variable of type *Provider) to type Tools: *Provider does not implement Tools (missing method Now)\n",
		},
		"choices without their method": {
			"notool", map[string]string{"provider.go": clock, "now.go": header +
				"func (p *Provider) Now(ctx context.Context, call *NowCall, out *NowOutput) error { return nil }\n\n" +
				"func (p *Provider) NowRuntimeParameters(context.Context) ([]runtime.Parameter, error) { return nil, nil }\n"},
			"notool/provider_dify.go: cannot convert p (variable of type *Provider) to type Tools: *Provider does not implement Tools (missing method NowZoneOptions)\n",
		},
		"a tool without its method, in the author's file": {
			"notool", map[string]string{"now.go": header + options},
			"notool/provider.go: cannot use (*Provider)(nil) (value of type *Provider) as Tools value in variable declaration: *Provider does not implement Tools (missing method Now)\n" +
				"notool/provider_dify.go: cannot convert p (variable of type *Provider) to type Tools: *Provider does not implement Tools (missing method Now)\n",
		},
		"a misspelled parameter": {
			"notool", map[string]string{"now.go": header + options +
				"func (p *Provider) Now(ctx context.Context, call *NowCall, out *NowOutput) error { return out.Text(call.Parameters.Zona) }\n"},
			"notool/now.go: call.Parameters.Zona undefined (type NowParameters has no field or method Zona)\n",
		},
		"a type of models without its method": {
			"fixedmodels", map[string]string{"provider.go": acme + "func (p *AcmeProvider) RerankMultimodal(context.Context, *AcmeRerankMultimodalCall) (*rerank.Result, error) { return nil, nil }\n"},
			"fixedmodels/provider_dify.go: cannot convert p (variable of type *AcmeProvider) to type AcmeModels: *AcmeProvider does not implement AcmeModels (missing method Rerank)\n",
		},
		"a model with a feature without its method": {
			"fixedmodels", map[string]string{"provider.go": acme + ranks},
			"fixedmodels/provider_dify.go: cannot convert p (variable of type *AcmeProvider) to type AcmeModels: *AcmeProvider does not implement AcmeModels (missing method RerankMultimodal)\n",
		},
		"half of a drive": {
			"shares", map[string]string{"docs_in_group.go": strings.Replace(share, "%s", "", 1)},
			"shares/provider.go: cannot use (*Provider)(nil) (value of type *Provider) as Datasources value in variable declaration: *Provider does not implement Datasources (missing method DocsInGroupDownload)\n" +
				"shares/provider_dify.go: cannot convert p (variable of type *Provider) to type Datasources: *Provider does not implement Datasources (missing method DocsInGroupDownload)\n",
		},
		"a parameter that Dify does not send to a drive": {
			"shares", map[string]string{"docs_in_group.go": strings.Replace(share, "%s", "_ = call.Parameters; ", 1) +
				"func (p *Provider) DocsInGroupDownload(context.Context, *DocsInGroupDownloadCall, *datasource.DownloadOutput) error { return nil }\n"},
			"shares/docs_in_group.go: call.Parameters undefined (type *DocsInGroupBrowseCall has no field or method Parameters)\n",
		},
		"an endpoint without its method": {
			"hook", map[string]string{"provider.go": "package hook\n\ntype Provider struct{}\n", "hook.go": "package hook\n"},
			"hook/provider_dify.go: cannot convert p (variable of type *Provider) to type Endpoints: *Provider does not implement Endpoints (missing method Hook)\n",
		},
		"a strategy without its method": {
			"agents", map[string]string{"provider.go": "package agents\n\ntype Provider struct{}\n", "echo.go": "package agents\n"},
			"agents/provider_dify.go: cannot convert p (variable of type *Provider) to type Strategies: *Provider does not implement Strategies (missing method Echo)\n",
		},
		"credentials of a strategy": {
			"agents", map[string]string{"echo.go": "package agents\n\nimport \"context\"\n\n" +
				"func (p *Provider) Echo(_ context.Context, call *EchoCall, _ *EchoOutput) error { _ = call.Credentials; return nil }\n"},
			"agents/echo.go: call.Credentials undefined (type *EchoCall has no field or method Credentials)\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, compileWith(t, test.pkg, test.files)); diff != "" {
				t.Errorf("the compiler says (-want +got):\n%s", diff)
			}
		})
	}
}

// compileWith returns what the compiler says to a golden case, some of whose files are
// replaced, without lines and columns.
func compileWith(t *testing.T, pkg string, files map[string]string) string {
	t.Helper()
	cases, err := filepath.Abs("../../testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	for name, src := range files {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(cases, pkg, name)] = file
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", file, "./"+pkg) //nolint:gosec // the package of a case
	cmd.Dir = cases
	output, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("it compiles")
	}
	output = bytes.ReplaceAll(output, []byte(dir), []byte(pkg))
	output = regexp.MustCompile(`(?m)^#.*\n`).ReplaceAll(output, nil)
	return string(regexp.MustCompile(`(\.go):\d+:\d+`).ReplaceAll(output, []byte("$1")))
}
