package gen

import (
	"slices"
	"strings"
)

// exampleCall is the code in the stub's comment. It sends the first secret that can be a token or,
// if the only one is that of a client, a token for that.
func (s *section) exampleCall() []string {
	var lines []string
	token := ""
	name, secret := s.client()
	if i := slices.IndexFunc(s.fields, func(f *field) bool { return isSecret(f) && f != name && f != secret }); i >= 0 {
		token = "creds." + s.fields[i].name
	} else if secret != nil {
		lines, token = exampleGrant(name, secret), "token"
	}
	lines = append(lines,
		"	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, \"https://api.example.com/me\", nil)",
		"	if err != nil {",
		"		return err",
		"	}",
	)
	if token != "" {
		lines = append(lines, "	req.Header.Set(\"Authorization\", \"Bearer \"+"+token+".Reveal())")
	}
	return append(lines, "	return runtime.DoJSON(p."+clientField+", req, nil)")
}

// exampleGrant is the code that gets a token for a client, by the client credentials grant
// (RFC 6749, section 4.4).
func exampleGrant(name, secret *field) []string {
	id := "creds." + name.name
	if isSecret(name) {
		id += ".Reveal()"
	}
	return []string{
		"	grant := &authcode.ClientCredentials{ // of " + authcodePath,
		"		TokenURL: \"https://api.example.com/oauth/token\",",
		"		ClientID: " + id + ", ClientSecret: creds." + secret.name + ",",
		"		" + clientField + ": p." + clientField + ",",
		"	}",
		"	token, err := grant.Token(ctx)",
		"	if err != nil {",
		"		return err",
		"	}",
	}
}

// client returns the fields with the ID and the secret of a client, which no service takes as a
// token: their names say so, such as client_id and client_secret. They are nil if there are none.
func (s *section) client() (name, secret *field) {
	for _, f := range s.fields {
		base, ok := strings.CutSuffix(plainKey(f.key), "secret")
		if !ok || base == "" || !isSecret(f) {
			continue
		}
		for _, other := range s.fields {
			_, isText := other.shape.(textShape)
			key := plainKey(other.key)
			isName := key == base+"id" || key == base+"key" && (base == "app" || base == "client")
			if isName && (isText || isSecret(other)) {
				return other, f
			}
		}
	}
	return nil, nil
}

// plainKey returns a key without what differs between clientId, client-id and CLIENT_ID.
func plainKey(key string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(key))
}

func isSecret(f *field) bool { return f.shape.isSecret() }
