package pipeline_test

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/runtime/openai"
)

// TestLackedOfAlias checks that the methods of a type count for its aliases.
func TestLackedOfAlias(t *testing.T) {
	t.Parallel()
	const method = "func (p *impl) Say(context.Context, *SayCall, *SayOutput) error { return nil }\n"
	for name, test := range map[string]struct {
		code string
		want []string // the methods that the type lacks, or the stub that has them
	}{
		"an alias":                {"type Provider = impl\ntype impl struct{}\n" + method, nil},
		"an alias of an alias":    {"type (\n\tProvider = (other)\n\tother = impl\n\timpl struct{}\n)\n" + method, nil},
		"a method of the alias":   {"type Provider struct{}\ntype impl = Provider\n" + method, nil},
		"an alias without it":     {"type Provider = impl\ntype impl struct{}\n", []string{"say.go"}},
		"a type of another":       {"type Provider = other.Provider\n", []string{"Say"}},
		"a circle":                {"type Provider = impl\ntype impl = Provider\n", []string{"Say"}},
		"a method of a different": {"type Provider struct{}\ntype impl struct{}\n" + method, []string{"say.go"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(say)
			files["provider/box.go"] = "package box\n\n" + test.code
			result := runWhole(t, newPlugin(t, "{tools: [provider/box.yaml]}", files))
			var got []string
			for _, m := range result.Missing {
				got = append(got, m.Name)
			}
			for _, c := range result.Changes {
				if filepath.Base(c.Name) == "say.go" {
					got = append(got, "say.go")
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lacks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEmbeddedFlow checks that a type that embeds an OAuth flow has its methods, and lacks
// others as if it embedded nothing.
func TestEmbeddedFlow(t *testing.T) {
	t.Parallel()
	const (
		oauth    = "oauth_schema: {client_schema: [{name: client_id, type: text-input, label: {en_US: I}}], credentials_schema: [{name: access_token, type: secret-input, label: {en_US: T}}]}\n"
		authcode = "github.com/difygen/difygen/runtime/authcode"
		method   = "func (*Provider) OAuthGetCredentials() {}\n"
	)
	embeds := func(name, path, typ string) string {
		return "import " + name + " " + strconv.Quote(path) + "\n\ntype Provider struct {\n\t" + typ + "[OAuthClient, OAuthCredentials]\n}\n"
	}
	for name, test := range map[string]struct {
		code string // "" for no type yet
		want []string
		main string
	}{
		"no type yet":          {"", []string{"New", "say.go"}, "box.New(nil)"},
		"nothing":              {"type Provider struct{}\n", []string{"New", "say.go"}, "&box.Provider{}"},
		"a flow":               {embeds("", authcode, "*authcode.Flow"), []string{"say.go"}, "&box.Provider{}"},
		"a flow, and New":      {embeds("", authcode, "*authcode.Flow") + "func New(any) *Provider { return nil }\n", []string{"say.go"}, "box.New(nil)"},
		"a flow, renamed":      {embeds("oauth", authcode, "*oauth.Flow"), []string{"say.go"}, "&box.Provider{}"},
		"a flow of another":    {embeds("", "example.com/authcode", "*authcode.Flow"), []string{"New", "Say"}, "&box.Provider{}"},
		"another type of it":   {embeds("", authcode, "*authcode.Config"), []string{"New", "Say"}, "&box.Provider{}"},
		"one of three methods": {"type Provider struct{}\n" + method, []string{"OAuthGetAuthorizationURL", "OAuthRefreshCredentials", "say.go"}, "&box.Provider{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(say)
			files["provider/box.yaml"] += oauth
			if test.code != "" {
				files["provider/box.go"] = "package box\n\n" + test.code
			}
			result := runWhole(t, newPlugin(t, "{tools: [provider/box.yaml]}", files))
			var got []string
			for _, m := range result.Missing {
				got = append(got, m.Name)
			}
			for _, c := range result.Changes {
				switch filepath.Base(c.Name) {
				case "say.go":
					got = append(got, "say.go")
				case "main.go":
					if !strings.Contains(string(c.New), "newPlugin("+test.main+")") {
						t.Errorf("main.go does not call %s:\n%s", test.main, c.New)
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lacks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEmbeddedBase checks that a provider of models that embeds the base of package openai has its
// methods, and that one that embeds an unknown type may have all.
func TestEmbeddedBase(t *testing.T) {
	t.Parallel()
	const (
		models = "supported_model_types: [llm, rerank, tts]\nconfigurate_methods: [predefined-model]\nprovider: owl\nlabel: {en_US: Owl}\n" +
			"provider_credential_schema: {credential_form_schemas: [{variable: api_key, type: secret-input, label: {en_US: K}}]}\n" +
			"models: {llm: {predefined: [models/small.yaml]}, rerank: {predefined: [models/sees.yaml]}}\n"
		small = "model: small\nlabel: {en_US: Small}\nmodel_type: llm\nmodel_properties: {mode: chat, context_size: 8}\n"
		sees  = "model: sees\nlabel: {en_US: Sees}\nmodel_type: rerank\nfeatures: [vision]\nmodel_properties: {context_size: 8}\n"
	)
	rest := []string{"ValidateProviderCredentials", "RerankMultimodal"}
	all := []string{"ValidateProviderCredentials", "LLM", "Rerank", "RerankMultimodal", "Speak", "Voices"}
	for name, test := range map[string]struct {
		imported, embedded string
		want               []string
		embeds             bool
	}{
		"nothing":              {"", "", all, false},
		"the base":             {strconv.Quote(gen.ModelBasePath), "openai.Base[Credentials, LLMParameters]", rest, false},
		"a pointer to it":      {strconv.Quote(gen.ModelBasePath), "*openai.Base[Credentials, LLMParameters]", rest, false},
		"the base, renamed":    {"api " + strconv.Quote(gen.ModelBasePath), "api.Base[Credentials, LLMParameters]", rest, false},
		"the base, and a type": {strconv.Quote(gen.ModelBasePath), "openai.Base[Credentials, LLMParameters]\n\tother", rest, true},
		"a base of another":    {`"example.com/openai"`, "openai.Base[Credentials, LLMParameters]", all, true},
		"another type of it":   {strconv.Quote(gen.ModelBasePath), "openai.Other[Credentials, LLMParameters]", all, true},
		"a field of the type":  {strconv.Quote(gen.ModelBasePath), "base openai.Base[Credentials, LLMParameters]", all, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := "package owl\n\ntype Provider struct {\n\t" + test.embedded + "\n}\n"
			if test.imported != "" {
				code = strings.Replace(code, "\n\n", "\n\nimport "+test.imported+"\n\n", 1)
			}
			result := runWhole(t, newPlugin(t, "{models: [provider/owl.yaml]}", map[string]string{
				"provider/owl.yaml": models, "models/small.yaml": small, "models/sees.yaml": sees, "provider/owl.go": code,
			}))
			var got []string
			for _, m := range result.Missing {
				got = append(got, m.Name)
				if m.Embeds != test.embeds {
					t.Errorf("an unknown type has %s: %t", m.Name, m.Embeds)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lacks (-want +got):\n%s", diff)
			}
		})
	}
}

// parameters are those of no language model.
type parameters struct{}

func (parameters) Values() map[string]any { return nil }

// TestModelBase checks that the base of package openai has the methods that gen says, and no other
// one that calls models.
func TestModelBase(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[*openai.Base[struct{}, parameters]]()
	if base := typ.Elem(); base.PkgPath() != gen.ModelBasePath || !strings.HasPrefix(base.Name(), gen.ModelBaseType+"[") {
		t.Errorf("the base is %s of %s", base.Name(), base.PkgPath())
	}
	want := append(gen.ModelBaseMethods(), "Ask", "CheckModel", "CheckProvider")
	slices.Sort(want)
	var got []string
	for i := range typ.NumMethod() {
		got = append(got, typ.Method(i).Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods of the base (-want +got):\n%s", diff)
	}
}
