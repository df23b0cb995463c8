package gen_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// tool is a tool with a parameter whose choices only code knows.
func tool(name string) *model.Item {
	return &model.Item{
		Kind: model.KindTool, Name: name, File: "tools/" + name + ".yaml", Path: "tools/" + name + ".yaml",
		Parameters: &model.Section{Name: model.SectionToolParameters, Path: "parameters", Fields: []model.Field{{Name: "label", Type: model.TypeDynamicSelect}}},
	}
}

// whole plans the code of whole plugins.
func whole(t *testing.T, pkg string, sources ...gen.Source) *gen.Package {
	t.Helper()
	code, diags, err := gen.NewPackage(sources, gen.Options{Package: pkg, Whole: true})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	return code
}

// withOAuth is the tool provider mail, with both ways to authorize.
func withOAuth(items ...*model.Item) gen.Source {
	s := source(model.KindTool, "mail", "provider/mail.yaml")
	s.Items = items
	for _, section := range []model.SectionName{model.SectionOAuthClient, model.SectionOAuthCredentials} {
		s.Provider.Sections = append(s.Provider.Sections, model.Section{Name: section, Path: "o", Fields: []model.Field{{Name: "token", Type: model.TypeSecretInput}}})
	}
	return s
}

func TestBound(t *testing.T) {
	t.Parallel()
	endpoint := source(model.KindEndpoint, "", "x/hook.yaml")
	plain := gen.Source{ID: "p/clock.yaml", Plugin: "plugin", Items: []*model.Item{tool("now")}, Provider: &model.Provider{Kind: model.KindTool, Name: "clock"}}
	empty := gen.Source{ID: "p/drive.yaml", Plugin: "plugin", Provider: &model.Provider{Kind: model.KindDatasource, Name: "drive"}}
	var got []string
	for _, b := range whole(t, "clock", plain, endpoint, empty, withOAuth()).Bound() {
		got = append(got, b.ID+" "+b.Type+" "+b.New)
	}
	want := []string{"p/clock.yaml Provider NewProvider", "x/hook.yaml HookProvider NewHookEndpoints", "provider/mail.yaml MailProvider NewMailProvider"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
	code, _, err := gen.NewPackage([]gen.Source{source(model.KindEndpoint, "", "x/hook.yaml")}, gen.Options{Package: "p"})
	if err != nil || len(code.Bound()) != 0 {
		t.Errorf("code for credentials alone binds %v, %v", code.Bound(), err)
	}
}

// TestPackageComment checks which stub has the comment of the package.
func TestPackageComment(t *testing.T) {
	t.Parallel()
	for pkg, want := range map[string]string{"desk": "// Package desk connects Dify to clock and mail.\npackage desk\n", "main": "package main\n"} {
		clock := gen.Source{ID: "p/clock.yaml", Plugin: "plugin", Items: []*model.Item{tool("now")}, Provider: &model.Provider{Kind: model.KindTool, Name: "clock"}}
		for _, f := range whole(t, pkg, clock, withOAuth()).Files() {
			src, err := f.Content()
			if err != nil {
				t.Fatal(err)
			}
			start := "package " + pkg + "\n"
			if f.Type == "ClockProvider" {
				start = want
			}
			if f.Stub && !strings.HasPrefix(string(src), start) {
				t.Errorf("%s starts otherwise than %q:\n%s", f.Name, start, src)
			}
		}
	}
}

func TestRequirements(t *testing.T) {
	t.Parallel()
	requirements, err := whole(t, "mail", withOAuth(tool("list"))).Requirements()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	check := func(f gen.Func, prefix string) {
		t.Helper()
		if !strings.HasPrefix(f.Code, prefix) {
			t.Errorf("%s is\n%s", f.Name, f.Code)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+f.Code, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	for _, r := range requirements {
		of := r.Type + " " + r.Interface + " "
		if c := r.Constructor; c != nil {
			got = append(got, of+c.Name+" function that sets "+strings.Join(c.Fields, " and "))
			check(c.Func, "// "+c.Name+" returns the provider")
		}
		for _, m := range r.Methods {
			got = append(got, of+m.Name)
			check(m, "func (p *"+r.Type+") "+m.Name+"(")
		}
	}
	want := []string{
		"Provider CredentialsValidator ValidateCredentials",
		"Provider OAuthFlow New function that sets *authcode.Flow[OAuthClient, OAuthCredentials] and HTTPClient *http.Client // nil means http.DefaultClient",
		"Provider OAuthFlow OAuthGetAuthorizationURL",
		"Provider OAuthFlow OAuthGetCredentials",
		"Provider OAuthFlow OAuthRefreshCredentials",
		"Provider Tools List",
		"Provider Tools ListLabelOptions",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requirements (-want +got):\n%s", diff)
	}
}

func TestStubFiles(t *testing.T) {
	t.Parallel()
	items := []*model.Item{tool("mail"), tool("mail_dify"), tool("Mail_Tool"), tool("main"), tool("a_test"), tool("con"), tool("日本")}
	prefix := ""
	code, _, err := gen.NewPackage([]gen.Source{withOAuth(items...)}, gen.Options{Package: "main", Prefix: &prefix, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range code.Files() {
		got = append(got, strings.Join([]string{f.Name, f.Type, f.Receiver, strings.Join(f.Methods, ",")}, "|"))
	}
	want := []string{
		"mail_dify.go|||",
		"mail.go|Provider|Provider|ValidateCredentials",
		"mail_tool.go||Provider|Mail,MailLabelOptions",
		"mail_dify_tool.go||Provider|MailDify,MailDifyLabelOptions",
		"mail_tool_tool.go||Provider|MailTool,MailToolLabelOptions",
		"main_tool.go||Provider|Main,MainLabelOptions",
		"a_test_tool.go||Provider|ATest,ATestLabelOptions",
		"con_tool.go||Provider|Con,ConLabelOptions",
		"tool.go||Provider|Tool日本,Tool日本LabelOptions",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestRequirementCode checks the code of the methods of a provider and of an item.
func TestRequirementCode(t *testing.T) {
	t.Parallel()
	requirements, err := whole(t, "mail", withOAuth(tool("list"))).Requirements()
	if err != nil {
		t.Fatal(err)
	}
	var got, imports []string
	add := func(f gen.Func) {
		got = append(got, f.Code)
		imports = append(imports, f.Name+": "+strings.ReplaceAll(strings.Join(f.Imports, " "), "github.com/difygen/difygen/", ""))
	}
	for _, r := range requirements {
		if r.Constructor != nil {
			add(r.Constructor.Func)
		}
		for _, m := range r.Methods {
			add(m)
		}
	}
	want := []string{
		"func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {\n\treturn runtime.ErrNotImplemented\n}",
		`// New returns the provider with its OAuth flow, which sends requests with client. Call it in
// main.go. The embedded flow has the methods of OAuthFlow.
func New(client *http.Client) *Provider {
	return &Provider{
		Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
			Endpoint: oauth2.Endpoint{
				AuthURL:  "https://service.example/authorize",
				TokenURL: "https://service.example/token",
			},
			Scopes:            []string{"read"},
			ClientSecretField: "token",
			HTTPClient:        client,
		}),
		HTTPClient: client,
	}
}`,
		"func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {\n" +
			"\treturn \"\", runtime.ErrNotImplemented\n}",
		"func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {\n" +
			"\treturn runtime.OAuthResult[OAuthCredentials]{}, runtime.ErrNotImplemented\n}",
		"func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {\n" +
			"\treturn runtime.OAuthResult[OAuthCredentials]{}, runtime.ErrNotImplemented\n}",
		"func (p *Provider) List(ctx context.Context, call *ListCall, out *ListOutput) error {\n\treturn runtime.ErrNotImplemented\n}",
		"func (p *Provider) ListLabelOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {\n\treturn nil, runtime.ErrNotImplemented\n}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("code (-want +got):\n%s", diff)
	}
	wantImports := []string{
		"ValidateCredentials: context runtime", "New: runtime/authcode golang.org/x/oauth2 net/http", "OAuthGetAuthorizationURL: context runtime",
		"OAuthGetCredentials: context runtime net/http", "OAuthRefreshCredentials: context runtime", "List: context runtime", "ListLabelOptions: context runtime",
	}
	if diff := cmp.Diff(wantImports, imports); diff != "" {
		t.Errorf("imports (-want +got):\n%s", diff)
	}
}

func TestPackageName(t *testing.T) {
	t.Parallel()
	for provider, want := range map[string]string{
		"github": "github", "my-tool": "mytool", "OpenAI": "openai", "302ai": "plugin302ai", "日本": "plugin",
		"main": "mainplugin", "func": "funcplugin", "documentation": "documentationplugin", "": "myfile",
	} {
		if got := gen.PackageName(&model.Provider{Name: provider}, "p/my_file.yaml"); got != want {
			t.Errorf("%q: got %s, want %s", provider, got, want)
		}
	}
	if got := gen.PackageName(&model.Provider{}, ""); got != "plugin" {
		t.Errorf("without names: got %s, want plugin", got)
	}
}

// TestPackageNameIsPlain checks that the package of a provider needs no prefix.
func TestPackageNameIsPlain(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"github", "my-tool", "302ai", "func", "main"} {
		s := gen.Source{ID: "p/x.yaml", Plugin: "plugin", Items: []*model.Item{tool("now")}, Provider: &model.Provider{Kind: model.KindTool, Name: provider}}
		pkg := gen.PackageName(s.Provider, s.ID)
		code, _, err := gen.NewPackage([]gen.Source{s}, gen.Options{Package: pkg, Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := code.Bound()[0].Type; got != "Provider" {
			t.Errorf("the type of %s in package %s is %s", provider, pkg, got)
		}
	}
}
