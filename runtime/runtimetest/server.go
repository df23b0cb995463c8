package runtimetest

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Behavior is how an AuthServer differs from a plain one, in ways that real
// authorization servers do.
type Behavior struct {
	FormEncoded    bool           // token answers are forms, not JSON
	NoExpiry       bool           // they hold no expires_in
	ExpiresIn      any            // instead of 3600: "3600", 3600.5, 0, -1
	ClockSkew      time.Duration  // the server's clock is ahead; Date, created_at and expires_at tell
	Rotate         bool           // a refresh gives a new refresh token, and the old one is void
	NoRefreshToken bool           // an exchange gives no refresh token
	Deny           bool           // the user says no
	WrongState     bool           // the state that comes back is another one
	NoState        bool           // none comes back
	FailOnce       bool           // the next token request is answered with status 500
	Down           bool           // every token request is answered with status 503
	Redirect       bool           // token requests are redirected, with status 307
	HTML           bool           // token requests are answered with a page, and status 200
	Huge           bool           // token answers are larger than 1 MiB
	InvalidGrant   bool           // every refresh is refused
	ErrorIn200     bool           // refusals have status 200
	Silent         bool           // token requests are not answered
	BasicOnly      bool           // clients must authenticate by HTTP basic authentication
	RequirePKCE    bool           // authorization requests must have a code_challenge
	Extra          map[string]any // more members of token answers, or others, such as scope
}

// AuthServer is an OAuth 2.0 authorization server for tests. It checks what
// providers send: the client's authentication, the redirect URI, PKCE, and that a
// code is used once. Any path is its authorization endpoint for GET, and its token
// endpoint for POST.
type AuthServer struct {
	*httptest.Server

	ClientID, ClientSecret string
	// API, if set, answers GET requests that are not for authorization, such as one
	// for the name of the account.
	API http.Handler

	mutex    sync.Mutex
	behavior Behavior
	codes    map[string]codeGrant
	refresh  map[string]bool // refresh tokens that are good
	secrets  []string        // that were given out
	requests []tokenRequest
}

type codeGrant struct {
	redirectURI, challenge string
	used                   bool
}

// tokenRequest is what is known of a token request.
type tokenRequest struct {
	grant, verifier string
	deadline        time.Duration // until the request's deadline
	bounded, marked bool          // it had a deadline; it was made with the server's client
}

// NewAuthServer starts a server that ends with the test.
func NewAuthServer(tb testing.TB) *AuthServer {
	tb.Helper()
	s := &AuthServer{
		ClientID: "client-" + rand.Text(), ClientSecret: "secret-" + rand.Text(),
		codes: make(map[string]codeGrant), refresh: make(map[string]bool),
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

// HTTPClient returns a client that tells the server which deadline each request
// has. A provider under test has to make its requests with it.
func (s *AuthServer) HTTPClient() *http.Client {
	return &http.Client{Transport: deadlines{s.Client().Transport}}
}

// Browse follows an authorization URL of the server as a user's browser does, and
// returns the request that comes back, as a plugin gets it from Dify.
func (s *AuthServer) Browse(tb testing.TB, location string) *http.Request {
	tb.Helper()
	client := *s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, location, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // for the message only
		tb.Fatalf("the server does not take the authorization request: %s: %s", resp.Status, why)
	}
	// Dify sends hex of HTTP/1.1, with the browser's headers.
	raw := "GET " + back.RequestURI() + " HTTP/1.1\r\nHost: " + back.Host + "\r\nCookie: session=" + cookie + "\r\n\r\n"
	decoded, err := hex.DecodeString(hex.EncodeToString([]byte(raw)))
	if err != nil {
		tb.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(decoded))))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// cookie is in the header of a callback, and belongs in no message.
const cookie = "cookie-of-the-console"

const deadlineHeader = "Difygen-Test-Deadline"

// deadlines notes the deadline of a request in a header.
type deadlines struct{ next http.RoundTripper }

func (d deadlines) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	left := "none"
	if deadline, ok := r.Context().Deadline(); ok {
		left = time.Until(deadline).String()
	}
	r.Header.Set(deadlineHeader, left)
	return d.next.RoundTrip(r)
}

// ServeHTTP is the two endpoints.
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

func (s *AuthServer) state() Behavior {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.behavior
}

// authorize is what a browser gets after the user has decided.
func (s *AuthServer) authorize(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !back.IsAbs() || query.Get("client_id") != s.ClientID || query.Get("response_type") != "code" {
		http.Error(w, "not an authorization request of this client", http.StatusBadRequest)
		return
	}
	if s.behavior.RequirePKCE && query.Get("code_challenge") == "" {
		http.Error(w, "the authorization request has no code_challenge", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {query.Get("state")}}
	if s.behavior.WrongState {
		answer.Set("state", "state-"+rand.Text())
	}
	if s.behavior.NoState {
		answer.Del("state")
	}
	if s.behavior.Deny {
		answer.Set("error", "access_denied")
		answer.Set("error_description", "The user said no.")
	} else {
		code := "code-" + rand.Text()
		s.codes[code] = codeGrant{redirectURI: query.Get("redirect_uri"), challenge: query.Get("code_challenge")}
		s.secrets = append(s.secrets, code)
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token is the token endpoint.
func (s *AuthServer) token(w http.ResponseWriter, r *http.Request, body []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	form := readForm(r, body)
	left, err := time.ParseDuration(r.Header.Get(deadlineHeader))
	s.requests = append(s.requests, tokenRequest{
		grant: form.Get("grant_type"), verifier: form.Get("code_verifier"),
		deadline: left, bounded: err == nil, marked: r.Header.Get(deadlineHeader) != "",
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
		answer, refusal := s.grant(r, form)
		s.write(w, answer, refusal)
	}
}

// readForm reads a token request, form-encoded or JSON.
func readForm(r *http.Request, body []byte) url.Values {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var object map[string]string
		_ = json.Unmarshal(body, &object) // what is no object lacks everything
		form := make(url.Values)
		for key, v := range object {
			form.Set(key, v)
		}
		return form
	}
	form, _ := url.ParseQuery(string(body)) // what cannot be read lacks everything
	return form
}

// grant checks a token request; the mutex is held.
func (s *AuthServer) grant(r *http.Request, form url.Values) (answer map[string]any, refusal string) {
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
		return s.tokens(!s.behavior.NoRefreshToken), ""
	case "refresh_token":
		token := form.Get("refresh_token")
		if !s.refresh[token] || s.behavior.InvalidGrant {
			return nil, "invalid_grant"
		}
		if s.behavior.Rotate {
			delete(s.refresh, token)
		}
		return s.tokens(s.behavior.Rotate), ""
	}
	return nil, "unsupported_grant_type"
}

func verifies(challenge, verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return challenge == "" && verifier == "" || challenge == base64.RawURLEncoding.EncodeToString(sum[:])
}

// tokens gives out an access token and perhaps a refresh token; the mutex is held.
func (s *AuthServer) tokens(refresh bool) map[string]any {
	answer := map[string]any{"access_token": "access-" + rand.Text(), "token_type": "bearer", "expires_in": 3600}
	s.secrets = append(s.secrets, answer["access_token"].(string))
	if s.behavior.ExpiresIn != nil {
		answer["expires_in"] = s.behavior.ExpiresIn
	}
	if s.behavior.NoExpiry {
		delete(answer, "expires_in")
	}
	if refresh {
		token := "refresh-" + rand.Text()
		answer["refresh_token"] = token
		s.refresh[token] = true
		s.secrets = append(s.secrets, token)
	}
	if skew := s.behavior.ClockSkew; skew != 0 {
		now := time.Now().Add(skew)
		answer["created_at"], answer["expires_at"] = now.Unix(), now.Add(time.Hour).Unix()
	}
	maps.Copy(answer, s.behavior.Extra)
	return answer
}

// write sends an answer or a refusal; the mutex is held.
func (s *AuthServer) write(w http.ResponseWriter, answer map[string]any, refusal string) {
	w.Header().Set("Date", time.Now().Add(s.behavior.ClockSkew).UTC().Format(http.TimeFormat))
	status := http.StatusOK
	if refusal != "" {
		answer = map[string]any{"error": refusal, "error_description": "Refused by the test."}
		if !s.behavior.ErrorIn200 {
			status = http.StatusBadRequest
		}
	}
	if s.behavior.FormEncoded {
		form := make(url.Values)
		for key, v := range answer {
			form.Set(key, fmt.Sprint(v))
		}
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
		w.WriteHeader(status)
		fmt.Fprint(w, form.Encode())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a client that is gone needs none
}

// given returns what was given out so far and must not show.
func (s *AuthServer) given() []string {
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

// take returns the token requests since it was last called.
func (s *AuthServer) take() []tokenRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	requests := s.requests
	s.requests = nil
	return requests
}
