package authcode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/runtime"
)

// accepted converts a token response to what Dify stores, and asks the author.
func (f *Flow[Client, Creds]) accepted(ctx context.Context, client Client, r TokenResponse, old map[string]any) (runtime.OAuthResult[Creds], error) {
	result, err := f.result(client, &r, old)
	if err == nil && f.config.Accept != nil {
		err = f.config.Accept(ctx, client, r, &result)
	}
	if err != nil {
		return runtime.OAuthResult[Creds]{}, err
	}
	return result, nil
}

// result converts a token response. Values of the response override the old ones. Fields of
// credentials_schema are filled by name. It adds to the response what follows from the
// configuration.
func (f *Flow[Client, Creds]) result(client Client, r *TokenResponse, old map[string]any) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	c := &f.config
	// Without a scope in the response, the previous or requested one applies (RFC 6749,
	// sections 5.1 and 6).
	r.Scope = cmp.Or(r.Scope, scalar(old["scope"]), strings.Join(c.Scopes, " "))
	values := merged(r, old)
	said, err := r.expiry(c.Expiry)
	if err != nil {
		return none, err
	}
	expire := func() {
		rule := expiryRule{c.Lifetime, c.Lasting, scalar(values["refresh_token"]) != ""}
		r.ExpiresAt = rule.apply(said, r.received)
	}
	expire()
	var more map[string]any
	if c.Fields != nil {
		if more, err = c.Fields(client, *r); err != nil {
			return none, err
		}
		maps.Copy(values, more)
		expire() // there may be a refresh token now
	} else if r.AccessToken.IsZero() {
		return none, errors.New("the token response has no access_token")
	}
	if _, given := more["expires_at"]; !given && !r.ExpiresAt.IsZero() {
		values["expires_at"] = strconv.FormatInt(r.ExpiresAt.Unix(), 10)
	}
	if err := checkTokens(values); err != nil {
		return none, err
	}
	delete(values, "client_secret")
	delete(values, cmp.Or(c.ClientSecretField, "client_secret"))
	creds, err := f.decode(values)
	if err != nil {
		return none, fmt.Errorf("the token response is incomplete: %w", err)
	}
	return runtime.OAuthResult[Creds]{Credentials: creds, ExpiresAt: r.ExpiresAt}, nil
}

// merged returns the old values, overridden by those of the response.
func merged(r *TokenResponse, old map[string]any) map[string]any {
	fresh := unwrapped(r.values())
	values := make(map[string]any, len(old)+len(fresh))
	maps.Copy(values, old)
	delete(values, "access_token")
	for key, v := range fresh {
		if s := scalar(v); s != "" {
			values[key] = s
		}
	}
	delete(values, "expires_at") // in Unix seconds, or not at all
	if r.Scope != "" {
		values["scope"] = r.Scope
	}
	return values
}

// checkTokens refuses tokens with control characters, which they cannot have (RFC 6749,
// appendix A.12) and which could add lines to the header of a request.
func checkTokens(values map[string]any) error {
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		if token, _ := values[name].(string); hasControl(token) {
			return fmt.Errorf("the token response has control characters in %s", name)
		}
	}
	return nil
}

func hasControl(s string) bool { return strings.IndexFunc(s, unicode.IsControl) >= 0 }

// needed returns the response with what is needed to convert it again, since it will be kept:
// if the author's functions do not see it, that is what credentials_schema declares.
func (f *Flow[Client, Creds]) needed(client Client, r TokenResponse, old map[string]any) TokenResponse {
	if f.config.Fields != nil || f.config.Accept != nil || f.config.Expiry != nil {
		return r
	}
	received := r
	result, err := f.result(client, &received, old)
	if err != nil {
		return r
	}
	declared := result.Credentials.Values()
	return r.only(func(name string) bool {
		_, isDeclared := declared[name]
		return isDeclared || slices.Contains([]string{"access_token", "refresh_token", "token_type", "scope"}, name) ||
			slices.Contains(lifetimeNames, name) || slices.Contains(expiryNames, name)
	})
}
