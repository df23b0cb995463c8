package model

import "slices"

// checkOAuth reports what an author of an OAuth flow will miss.
func checkOAuth(r *reporter, client, credentials *Section) {
	named := func(s *Section, name string) int {
		return slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	}
	if i := named(credentials, "access_token"); i >= 0 && named(credentials, "refresh_token") < 0 {
		r.warnf(credentials.Fields[i].Pos, RuleRefreshToken,
			"%s declares access_token, but no refresh_token: Dify would store one unencrypted", credentials.Path)
	}
	hasURL := func(f Field) bool { return f.URL != "" }
	if len(client.Fields) > 0 && !slices.ContainsFunc(client.Fields, hasURL) {
		r.warnf(Position{Line: client.Line, Column: client.column}, RuleClientURL,
			"no field of %s has a url: say where to register the client", client.Path)
	}
}
