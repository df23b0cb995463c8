package authcode

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// callback checks the callback: first for an error (RFC 6749, section 4.1.2.1), then the
// code, state and issuer. It quotes nothing of the request except the error
// code, description and URI.
func (f *Flow[Client, Creds]) callback(ctx context.Context, s session, r *http.Request) (code string, st state, err error) {
	if r == nil || r.URL == nil {
		return "", state{}, errors.New("there is no callback request")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if query.Has("error") {
		return "", state{}, f.denial(ctx, s, query)
	}
	if err != nil {
		return "", state{}, errors.New("cannot parse the query of the callback")
	}
	switch codes := query["code"]; {
	case len(codes) == 0 || codes[0] == "":
		return "", state{}, errors.New("the callback has no authorization code")
	case len(codes) > 1:
		return "", state{}, errors.New("the callback has several authorization codes")
	default:
		code = codes[0]
	}
	switch states := query["state"]; {
	case len(states) == 0:
		return "", state{}, errors.New("the callback has no state: start the authorization again")
	case len(states) > 1:
		return "", state{}, errState
	}
	if st, err = openState(ctx, s.binding, query.Get("state"), timeNow(f.config.Now)); err != nil {
		return "", state{}, err
	}
	if issuers := query["iss"]; f.config.Issuer != "" && (len(issuers) != 1 || issuers[0] != f.config.Issuer) {
		return "", state{}, errors.New("the callback is from a different authorization server")
	}
	return code, st, nil
}

// callbackCodes are the error codes of RFC 6749, section 4.1.2.1, and OpenID Connect.
var callbackCodes = []string{
	"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope", "server_error",
	"temporarily_unavailable", "interaction_required", "login_required", "account_selection_required", "consent_required",
}

// denial returns the error in a callback. Anyone can send a user to a callback with an
// error, so its text is used only if the state is valid.
func (f *Flow[Client, Creds]) denial(ctx context.Context, s session, query url.Values) *Error {
	code := query.Get("error")
	if _, err := openState(ctx, s.binding, query.Get("state"), timeNow(f.config.Now)); err == nil {
		secrets := slices.Concat(query["code"], []string{query.Get("state"), s.secret.Reveal()})
		return newError(code, query.Get("error_description"), query.Get("error_uri"), 0, secrets...)
	}
	if !slices.Contains(callbackCodes, code) {
		code = ""
	}
	return newError(code, "", "", 0)
}
