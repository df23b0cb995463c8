package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// stub is the file that the author takes over. It holds no OAuth methods, so
// that the compiler asks for them.
func (p *Plan) stub() ([]byte, error) {
	f := newFile(p.Package)
	n := p.Names
	about := doc("%s connects %s. This file is yours: difygen wrote it once and will not touch it again.", n.Provider, p.Label)
	if n.OAuthFlow != "" {
		creds := p.Section(model.SectionOAuthCredentials).Type
		client := p.Section(model.SectionOAuthClient).Type
		result := "(runtime.OAuthResult[" + creds + "], error)"
		about = append(append(about, ""), doc("The compiler asks for the methods of %s:", n.OAuthFlow)...)
		about = append(about, "",
			"	func (p *"+n.Provider+") OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client "+client+") (string, error)",
			"	func (p *"+n.Provider+") OAuthGetCredentials(ctx context.Context, redirectURI string, client "+client+", callback *http.Request) "+result,
			"	func (p *"+n.Provider+") OAuthRefreshCredentials(ctx context.Context, redirectURI string, client "+client+", creds "+creds+") "+result)
	}
	if n.Subscription != "" {
		params, creds := p.Section(model.SectionParameters).Type, "runtime.NoCredentials"
		if n.AnyCredentials != "" {
			creds = n.AnyCredentials
		}
		about = append(append(about, ""), doc("The compiler asks for the methods of %s:", n.SubscriptionConstructor)...)
		about = append(about, "",
			"	func (p *"+n.Provider+") CreateSubscription(ctx context.Context, endpoint string, params "+params+", creds "+creds+") ("+n.Subscription+", error)",
			"	func (p *"+n.Provider+") RefreshSubscription(ctx context.Context, sub "+n.Subscription+", creds "+creds+") ("+n.Subscription+", error)",
			"	func (p *"+n.Provider+") DeleteSubscription(ctx context.Context, sub "+n.Subscription+", creds "+creds+") error")
	}
	f.add(about, structType(n.Provider, nil))
	for i, v := range p.validations() {
		comment := doc("%s asks the service whether creds work, by the cheapest call that needs them, such as:", v.name)
		comment = append(append(comment, ""), v.section.exampleCall()...)
		if i > 0 {
			comment = doc("%s asks the service whether creds work, by a call such as the one above.", v.name)
		}
		f.add(comment,
			method("p", ptr(id(n.Provider)), v.name,
				signature{append([]param{ctxParam()}, v.params...), []code{errorType()}},
				ret(rt("ErrNotImplemented"))))
	}
	return f.render()
}

// exampleCall is the code in the stub's comment. It sends the first secret, if
// there is one.
func (s *Section) exampleCall() []string {
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
		"		return fmt.Errorf(\"the service answers %s\", resp.Status)",
		"	}",
		"	return nil",
	)
}
