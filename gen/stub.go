package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// stub is the file that the author takes over. It holds no OAuth methods, so
// that the compiler asks for them.
func (p *plan) stub() ([]byte, error) {
	f := newFile(p.pkg)
	n := p.names
	about := doc("%s connects %s. This file is yours: difygen wrote it once and will not touch it again.", n.provider, p.label)
	if n.contracts[oauthFlow] != "" {
		creds := p.section(model.SectionOAuthCredentials).typ
		client := p.section(model.SectionOAuthClient).typ
		result := "(runtime.OAuthResult[" + creds + "], error)"
		about = append(append(about, ""), doc("The compiler asks for the methods of %s:", n.contracts[oauthFlow])...)
		about = append(about, "",
			"	func (p *"+n.provider+") OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client "+client+") (string, error)",
			"	func (p *"+n.provider+") OAuthGetCredentials(ctx context.Context, redirectURI string, client "+client+", callback *http.Request) "+result,
			"	func (p *"+n.provider+") OAuthRefreshCredentials(ctx context.Context, redirectURI string, client "+client+", creds "+creds+") "+result)
	}
	if n.subscription != "" {
		params, creds := p.section(model.SectionParameters).typ, "runtime.NoCredentials"
		if n.anyCredentials != "" {
			creds = n.anyCredentials
		}
		about = append(append(about, ""), doc("The compiler asks for the methods of %s:", n.contracts[subscriptionConstructor])...)
		about = append(about, "",
			"	func (p *"+n.provider+") CreateSubscription(ctx context.Context, endpoint string, params "+params+", creds "+creds+") ("+n.subscription+", error)",
			"	func (p *"+n.provider+") RefreshSubscription(ctx context.Context, sub "+n.subscription+", creds "+creds+") ("+n.subscription+", error)",
			"	func (p *"+n.provider+") DeleteSubscription(ctx context.Context, sub "+n.subscription+", creds "+creds+") error")
	}
	f.add(about, structType(n.provider, nil))
	for i, s := range p.checked() {
		comment := doc("%s asks the service whether creds work, by the cheapest call that needs them, such as:", s.check.method)
		comment = append(append(comment, ""), s.exampleCall()...)
		if i > 0 {
			comment = doc("%s asks the service whether creds work, by a call such as the one above.", s.check.method)
		}
		f.add(comment,
			method("p", ptr(id(n.provider)), s.check.method, s.check.signature(s), ret(rt("ErrNotImplemented"))))
	}
	return f.render()
}

// exampleCall is the code in the stub's comment. It sends the first secret, if
// there is one.
func (s *section) exampleCall() []string {
	lines := []string{
		"	req, err := http.NewRequestWithContext(ctx, http.MethodGet, \"https://api.example.com/me\", nil)",
		"	if err != nil {",
		"		return err",
		"	}",
	}
	if i := slices.IndexFunc(s.fields, func(f *field) bool { return f.shape.isSecret() }); i >= 0 {
		lines = append(lines, "	req.Header.Set(\"Authorization\", \"Bearer \"+creds."+s.fields[i].name+".Reveal())")
	}
	return append(lines,
		"	resp, err := http.DefaultClient.Do(req)",
		"	if err != nil {",
		"		return runtime.Unreachable(err)",
		"	}",
		"	defer resp.Body.Close()",
		"	if resp.StatusCode != http.StatusOK {",
		"		return fmt.Errorf(\"the service returned %s\", resp.Status)",
		"	}",
		"	return nil",
	)
}
