package difytest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Behavior is how an AuthServer deviates from the default, as real authorization servers
// do.
type Behavior struct {
	FormEncoded    bool           // token responses are form-encoded, not JSON
	NoExpiry       bool           // token responses have no expires_in
	ExpiresIn      any            // instead of 3600: "3600", 3600.5, 0, -1
	ClockSkew      time.Duration  // how far the server's clock is ahead, in Date, created_at and expires_at
	Rotate         bool           // a refresh returns a new refresh token and invalidates the old one
	NoRefreshToken bool           // an exchange returns no refresh token
	Deny           bool           // the user denies access
	WrongState     bool           // the callback has a different state
	NoState        bool           // the callback has no state
	FailOnce       bool           // the next token request returns status 500
	Down           bool           // token requests return status 503
	Redirect       bool           // token requests are redirected, with status 307
	HTML           bool           // token requests return a web page, with status 200
	Huge           bool           // token responses are larger than 1 MiB
	InvalidGrant   bool           // refreshes return invalid_grant
	ErrorIn200     bool           // errors have status 200
	Silent         bool           // token requests get no response
	BasicOnly      bool           // clients must use HTTP basic authentication
	RequirePKCE    bool           // authorization requests must have a code_challenge
	OfflineConsent bool           // only access_type=offline with prompt=consent gives a refresh token, as for Google
	Extra          map[string]any // members to add to token responses or to replace, such as scope
	// ExpiryMember is where token responses say how many seconds a token lasts, instead of in
	// expires_in: a key or, for a nested member, several, such as {"token", "ttl"}.
	ExpiryMember []string
}

// AuthServer is an OAuth 2.0 authorization server for tests. It checks what providers
// send: the client's authentication, the redirect URI, PKCE, and that a code is used
// only once. Every path is its authorization endpoint for GET and its token endpoint for
// POST, for the authorization code grant and for the client credentials grant (RFC 6749,
// sections 4.1 and 4.4).
type AuthServer struct {
	*httptest.Server

	ClientID, ClientSecret string
	// API, if set, handles GET requests other than for authorization, such as one for
	// the account's name. Authorized says whether a request has a token.
	API http.Handler

	mutex    sync.Mutex
	behavior Behavior
	codes    map[string]codeGrant
	refresh  map[string]bool // valid refresh tokens
	access   map[string]bool // valid access tokens
	secrets  []string        // issued so far
	requests []tokenRequest
}

type codeGrant struct {
	redirectURI, challenge string
	offline, used          bool // offline if OfflineConsent allows a refresh token
}

// tokenRequest is the record of a token request.
type tokenRequest struct {
	grant, verifier string
	deadline        time.Duration // until the request's deadline
	bounded, marked bool          // whether it had a deadline; whether it was made with HTTPClient
	plainTo         string        // the host to which it would go without TLS, unless that is on this machine
}

// NewAuthServer starts a server, which is closed when the test ends.
func NewAuthServer(tb testing.TB) *AuthServer {
	tb.Helper()
	s := &AuthServer{
		ClientID: "client-" + rand.Text(), ClientSecret: "secret-" + rand.Text(),
		codes: make(map[string]codeGrant), refresh: make(map[string]bool), access: make(map[string]bool),
	}
	s.Server = httptest.NewServer(s)
	tb.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// Set changes how the server behaves from now on.
func (s *AuthServer) Set(b Behavior) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.behavior = b
}

// ServeHTTP implements both endpoints.
func (s *AuthServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch isAPI := !r.URL.Query().Has("response_type"); {
	case r.Method == http.MethodGet && isAPI && s.API != nil:
		s.API.ServeHTTP(w, r)
		return
	case r.Method == http.MethodGet:
		s.authorize(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	if s.state().Silent {
		<-r.Context().Done()
		return
	}
	s.token(w, r, body)
}

// Authorized reports whether a request has, as a bearer token, an access token that the server
// has issued and that RevokeTokens has not revoked. It ignores when the token expires.
func (s *AuthServer) Authorized(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.EqualFold(scheme, "Bearer") && s.access[token]
}

// RevokeTokens makes all access tokens invalid that the server has issued so far.
func (s *AuthServer) RevokeTokens() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	clear(s.access)
}

func (s *AuthServer) state() Behavior {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.behavior
}

// authorize redirects the browser as if the user had decided.
func (s *AuthServer) authorize(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() || query.Get("client_id") != s.ClientID || query.Get("response_type") != "code" {
		http.Error(w, "the authorization request is not valid for this client", http.StatusBadRequest)
		return
	}
	if s.behavior.RequirePKCE && query.Get("code_challenge") == "" {
		http.Error(w, "the authorization request has no code_challenge", http.StatusBadRequest)
		return
	}
	callback := url.Values{"state": {query.Get("state")}}
	if s.behavior.WrongState {
		callback.Set("state", "state-"+rand.Text())
	}
	if s.behavior.NoState {
		callback.Del("state")
	}
	if s.behavior.Deny {
		callback.Set("error", "access_denied")
		callback.Set("error_description", "The user denied access.")
	} else {
		code := "code-" + rand.Text()
		s.codes[code] = codeGrant{redirectURI: query.Get("redirect_uri"), challenge: query.Get("code_challenge"), offline: offlineConsent(query)}
		s.secrets = append(s.secrets, code)
		callback.Set("code", code)
	}
	back.RawQuery = callback.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// offlineConsent reports whether an authorization request asks for access without the user,
// and for a consent even if the user has given one before.
func offlineConsent(query url.Values) bool {
	return query.Get("access_type") == "offline" && slices.Contains(strings.Fields(query.Get("prompt")), "consent")
}

// token implements the token endpoint.
func (s *AuthServer) token(w http.ResponseWriter, r *http.Request, body []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	form := readForm(r, body)
	left, err := time.ParseDuration(r.Header.Get(deadlineHeader))
	s.requests = append(s.requests, tokenRequest{
		grant: form.Get("grant_type"), verifier: form.Get("code_verifier"),
		deadline: left, bounded: err == nil, marked: r.Header.Get(deadlineHeader) != "", plainTo: plainHost(r),
	})
	switch b := &s.behavior; {
	case b.FailOnce:
		b.FailOnce = false
		w.WriteHeader(http.StatusInternalServerError)
	case b.Down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case b.Redirect:
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	case b.HTML:
		fmt.Fprint(w, "<html><body>Sign in</body></html>")
	case b.Huge:
		fmt.Fprintf(w, `{"access_token":"%s"}`, strings.Repeat("x", 2<<20))
	default:
		response, code := s.grant(r, form)
		s.write(w, response, code)
	}
}

// plainHost returns the host to which a client sends a request without TLS, or "" if it uses TLS
// or the host is on this machine.
func plainHost(r *http.Request) string {
	if r.Header.Get(schemeHeader) != "http" || isLoopback(&url.URL{Host: r.Host}) {
		return ""
	}
	return r.Host
}

// readForm parses a token request, which is form-encoded or JSON.
func readForm(r *http.Request, body []byte) url.Values {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var object map[string]string
		_ = json.Unmarshal(body, &object) // if it is not an object, the form is empty
		form := make(url.Values)
		for key, v := range object {
			form.Set(key, v)
		}
		return form
	}
	form, _ := url.ParseQuery(string(body)) // keep what can be parsed
	return form
}

// grant handles a token request. It returns a token response or an error code. The mutex
// must be held.
func (s *AuthServer) grant(r *http.Request, form url.Values) (response map[string]any, errorCode string) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if id != s.ClientID || s.behavior.BasicOnly && !ok || secret != s.ClientSecret {
		return nil, "invalid_client"
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		code, ok := s.codes[form.Get("code")]
		if !ok || code.used || code.redirectURI != form.Get("redirect_uri") || !verifies(code.challenge, form.Get("code_verifier")) {
			return nil, "invalid_grant"
		}
		code.used = true
		s.codes[form.Get("code")] = code
		return s.tokens(!s.behavior.NoRefreshToken && (code.offline || !s.behavior.OfflineConsent)), ""
	case "refresh_token":
		token := form.Get("refresh_token")
		if !s.refresh[token] || s.behavior.InvalidGrant {
			return nil, "invalid_grant"
		}
		if s.behavior.Rotate {
			delete(s.refresh, token)
		}
		return s.tokens(s.behavior.Rotate), ""
	case "client_credentials":
		return s.tokens(false), "" // RFC 6749, section 4.4.3
	}
	return nil, "unsupported_grant_type"
}

func verifies(challenge, verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return challenge == "" && verifier == "" || challenge == base64.RawURLEncoding.EncodeToString(sum[:])
}

// tokens issues an access token and, if refresh is set, a refresh token. The mutex must
// be held.
func (s *AuthServer) tokens(refresh bool) map[string]any {
	response := map[string]any{"access_token": "access-" + rand.Text(), "token_type": "bearer"}
	s.secrets = append(s.secrets, response["access_token"].(string))
	if refresh {
		token := "refresh-" + rand.Text()
		response["refresh_token"] = token
		s.refresh[token] = true
		s.secrets = append(s.secrets, token)
	}
	if skew := s.behavior.ClockSkew; skew != 0 {
		now := time.Now().Add(skew)
		if response["created_at"] = now.Unix(); len(s.behavior.ExpiryMember) == 0 {
			response["expires_at"] = now.Add(time.Hour).Unix()
		}
	}
	var lifetime any = 3600
	if s.behavior.ExpiresIn != nil {
		lifetime = s.behavior.ExpiresIn
	}
	if !s.behavior.NoExpiry && len(s.behavior.ExpiryMember) == 0 {
		response["expires_in"] = lifetime
	}
	maps.Copy(response, s.behavior.Extra)
	if !s.behavior.NoExpiry && len(s.behavior.ExpiryMember) > 0 {
		setMember(response, s.behavior.ExpiryMember, lifetime)
	}
	if token, ok := response["access_token"].(string); ok {
		s.access[token] = true
	}
	return response
}

// setMember sets the member that is nested in objects under some keys, and leaves other holders
// of those objects alone.
func setMember(object map[string]any, path []string, v any) {
	for ; len(path) > 1; path = path[1:] {
		inner, _ := object[path[0]].(map[string]any)
		if inner = maps.Clone(inner); inner == nil {
			inner = make(map[string]any)
		}
		object[path[0]] = inner
		object = inner
	}
	object[path[0]] = v
}

// write sends a token response or an error. The mutex must be held.
func (s *AuthServer) write(w http.ResponseWriter, response map[string]any, errorCode string) {
	w.Header().Set("Date", time.Now().Add(s.behavior.ClockSkew).UTC().Format(http.TimeFormat))
	status := http.StatusOK
	if errorCode != "" {
		response = map[string]any{"error": errorCode, "error_description": "Refused by the test."}
		if !s.behavior.ErrorIn200 {
			status = http.StatusBadRequest
		}
	}
	if s.behavior.FormEncoded {
		form := make(url.Values)
		for key, v := range response {
			form.Set(key, fmt.Sprint(v))
		}
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
		w.WriteHeader(status)
		fmt.Fprint(w, form.Encode())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(response) // the client may be gone
}

// issued returns the secrets issued so far.
func (s *AuthServer) issued() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	secrets := append([]string{s.ClientSecret}, s.secrets...)
	for _, r := range s.requests {
		if r.verifier != "" {
			secrets = append(secrets, r.verifier)
		}
	}
	return secrets
}

// take returns the token requests since the last call.
func (s *AuthServer) take() []tokenRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	requests := s.requests
	s.requests = nil
	return requests
}
