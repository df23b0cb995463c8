package gen_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// TestExampleCall checks what the stub of ValidateCredentials suggests to send: a secret that
// can be a token, or a token for a client.
func TestExampleCall(t *testing.T) {
	t.Parallel()
	const bearer = `	req.Header.Set("Authorization", "Bearer "+`
	grant := func(id, secret string) string {
		return "		ClientID: " + id + ", ClientSecret: " + secret + ",\n		HTTPClient: p.HTTPClient,\n	}\n	token, err := grant.Token(ctx)\n"
	}
	for fields, want := range map[string]string{ // * marks a secret
		"api_key*":                                bearer + "creds.APIKey.Reveal())",
		"client_id client_secret*":                grant("creds.ClientID", "creds.ClientSecret"),
		"client_secret* client_id*":               grant("creds.ClientID.Reveal()", "creds.ClientSecret"),
		"region app_id app_secret*":               grant("creds.AppID", "creds.AppSecret"),
		"appKey appSecret*":                       grant("creds.AppKey", "creds.AppSecret"),
		"oauth-client-id oauth-client-secret*":    grant("creds.OAuthClientID", "creds.OAuthClientSecret"),
		"client_id client_secret* access_token*":  bearer + "creds.AccessToken.Reveal())",
		"api_key* client_id client_secret*":       bearer + "creds.APIKey.Reveal())",
		"user_name client_secret*":                bearer + "creds.ClientSecret.Reveal())",
		"client_id client_secret":                 "\n	return runtime.DoJSON(p.HTTPClient, req, nil)",
		"id secret*":                              bearer + "creds.Secret.Reveal())",
		"api_key api_secret*":                     bearer + "creds.APISecret.Reveal())",
		"client_id client_secret* user password*": bearer + "creds.Password.Reveal())",
	} {
		t.Run(fields, func(t *testing.T) {
			t.Parallel()
			body := exampleOf(t, fields)
			if !strings.Contains(body, want) || strings.Contains(want, "grant") && !strings.Contains(body, bearer+"token.Reveal())") || strings.Contains(body, "grant") != strings.Contains(want, "grant") {
				t.Errorf("the stub suggests\n%s\nwant\n%s", body, want)
			}
			src := "package p\nfunc _() error {\n" + body + "\n}\n"
			if _, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution); err != nil {
				t.Errorf("%v in\n%s", err, src)
			}
		})
	}
}

// exampleOf returns the code in the comment of the method that checks credentials with those
// fields.
func exampleOf(t *testing.T, fields string) string {
	t.Helper()
	section := model.Section{Name: model.SectionCredentials, Path: "c"}
	for name := range strings.FieldsSeq(fields) {
		f := model.Field{Name: strings.TrimSuffix(name, "*"), Type: model.TypeTextInput, Required: true}
		if f.Name != name {
			f.Type = model.TypeSecretInput
		}
		section.Fields = append(section.Fields, f)
	}
	s := gen.Source{ID: "p/a.yaml", Plugin: "plugin", Provider: &model.Provider{Kind: model.KindTool, Name: "a", Sections: []model.Section{section}}}
	for _, f := range whole(t, "a", s).Files() {
		if !f.Stub {
			continue
		}
		src, err := f.Content()
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(src), "such as:\n//\n")
		comment, _, _ := strings.Cut(after, "func (p *Provider) ValidateCredentials(")
		return strings.TrimSpace(strings.ReplaceAll("\n"+comment, "\n//", "\n"))
	}
	t.Fatal("there is no stub")
	return ""
}
