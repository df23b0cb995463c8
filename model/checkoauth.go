package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// checkOAuth reports what the author of an OAuth flow will miss.
func checkOAuth(r *reporter, client, credentials *Section) {
	named := func(name string) int {
		return slices.IndexFunc(credentials.Fields, func(f Field) bool {
			return strings.ReplaceAll(text.Fold(f.Name), "-", "") == name
		})
	}
	if i := named("accesstoken"); i >= 0 && named("refreshtoken") < 0 {
		r.report(credentials.Fields[i].Pos, ruleRefreshToken,
			"%s declares %s but not refresh_token, so Dify would store a refresh token unencrypted", credentials.Path, text.Name(credentials.Fields[i].Name))
	}
	linked := func(f Field) bool {
		return f.URL != "" || f.Help != nil && strings.Contains(f.Help.Best(), "://")
	}
	if len(client.Fields) > 0 && !slices.ContainsFunc(client.Fields, linked) {
		r.report(Position{Line: client.Line, Column: client.column}, ruleClientURL,
			"no field of %s has a url; add one that shows where to register the client", client.Path)
	}
}
