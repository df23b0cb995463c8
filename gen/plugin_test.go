package gen

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

func TestPrettyJSON(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 80)
	for _, test := range []struct {
		name string
		in   any
		want string
	}{
		{"scalar", 1.5, "1.5"},
		{"fits", map[string]any{"b": []any{1, "two"}, "a": nil}, `{"a":null,"b":[1,"two"]}`},
		{"empty", map[string]any{}, "{}"},
		{"does not fit", map[string]any{"b": long, "a": []string{long, long}},
			"{\n\t\"a\": [\n\t\t\"" + long + "\",\n\t\t\"" + long + "\"\n\t],\n\t\"b\": \"" + long + "\"\n}"},
		{"not HTML", "<&>", `"<&>"`},
		{"what a raw string cannot hold", "a`b\rc\x00\ufeff", `"a\u0060b\rc\u0000\ufeff"`},
		{"what nobody sees", "\u202e \u200b \u2028 \U000e0001", `"\u202e \u200b \u2028 \udb40\udc01"`},
		{"what is printable", "日本 😀", `"日本 😀"`},
		{"a large number", json.Number("12345678901234567890"), "12345678901234567890"},
	} {
		got, err := prettyJSON(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
	if _, err := prettyJSON(func() {}); err == nil {
		t.Error("a function is JSON")
	}
}

func FuzzPrettyJSON(f *testing.F) {
	f.Add([]byte(`{"a":["` + strings.Repeat("`é\u202e😀", 50) + `",{"b":1e400}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var want any
		if json.Unmarshal(data, &want) != nil {
			return
		}
		text, err := prettyJSON(want)
		if err != nil {
			t.Fatal(err)
		}
		expr, err := parser.ParseExpr("`" + text + "`")
		if err != nil || expr.Pos() != 1 || int(expr.End()) != len(text)+3 {
			t.Fatalf("not a raw string: %q", text)
		}
		var got any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUncapitalized(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"GitHub": "gitHub", "OpenAI": "openAI", "HTTPServer": "httpServer", "API": "api", "A": "a", "AB": "ab", "X日": "x日",
	} {
		if got := uncapitalized(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestPluginNames(t *testing.T) {
	t.Parallel()
	provider := func(kind model.Kind, name, path, pkg string) PluginProvider {
		return PluginProvider{Bound{&model.Provider{Kind: kind, Name: name}, "provider/x.yaml", "Provider", "NewProvider", ""}, path, pkg}
	}
	for _, test := range []struct {
		name  string
		bound []PluginProvider
		want  string
	}{
		{"one", []PluginProvider{provider(model.KindTool, "github", "m/provider", "github")}, "github provider"},
		{"two", []PluginProvider{
			provider(model.KindTool, "github", "m/provider", "github"), provider(model.KindEndpoint, "", "m/hook", "hook"),
		}, "github githubProvider, hook xProvider"},
		{"one name", []PluginProvider{
			provider(model.KindTool, "git_hub", "m/a", "a"), provider(model.KindTrigger, "git-hub", "m/b", "b"),
		}, "a gitHubTool, b gitHubTrigger"},
		{"names that are taken", []PluginProvider{
			provider(model.KindTool, "opts", "m/serve", "serve"), provider(model.KindTool, "b", "m/embed", "embed"), provider(model.KindTool, "c", "", "main"),
		}, "serve2 optsProvider, embed2 bProvider,  cProvider"},
		{"a package for two", []PluginProvider{
			provider(model.KindTool, "a", "m/p", "p"), provider(model.KindEndpoint, "b", "m/p", "p"), provider(model.KindTool, "c", "m/q/p", "p"),
		}, "p aProvider, p bProvider, p2 cProvider"},
	} {
		p := &Plugin{Package: "main", Bound: test.bound}
		var got []string
		for _, b := range p.names() {
			got = append(got, b.alias+" "+b.parameter)
		}
		if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestPluginFiles(t *testing.T) {
	t.Parallel()
	p := &Plugin{
		Package: "main", PluginID: "me/box", Author: "me", Name: "box", Version: "0.0.1", Manifest: map[string]any{"a": "`"},
		Assets: []string{"_assets/a b.svg", "_assets/ü.svg"}, Sources: map[string]string{"manifest.yaml": "ff"},
		Providers: []Declaration{{"tool_declaration", map[string]any{"identity": map[string]any{"name": "box"}}}},
		Bound: []PluginProvider{{
			Bound{&model.Provider{Kind: model.KindTool, Name: "box"}, "provider/box.yaml", "Provider", "NewProvider", "New"}, "m/provider", "box",
		}},
	}
	for name, render := range map[string]func() ([]byte, error){"plugin": p.Generated, "main": p.Main} {
		src, err := render()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), name, src, 0); err != nil {
			t.Error(err)
		}
		if call := "newPlugin(box.New(nil))"; name == "main" && !strings.Contains(string(src), call) {
			t.Errorf("main does not contain %s:\n%s", call, src)
		}
	}
	p.Manifest = map[string]any{"a": func() {}}
	if _, err := p.Generated(); err == nil {
		t.Error("no error for a manifest that is not JSON")
	}
}
