package difytest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

// callbacks tests callbacks that must not lead to an exchange.
func (f *flow) callbacks() {
	f.Helper()
	f.requests()
	for name, b := range map[string]Behavior{
		"a user who denies access":   {Deny: true},
		"the state of another flow":  {WrongState: true},
		"a callback without a state": {NoState: true},
	} {
		f.reset(b)
		_, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, f.browse())
		f.wantFailure(name, err)
		f.wantNoExchange(name)
	}
	f.reset(Behavior{})
	for name, change := range map[string]func(url.Values){
		"a callback with an error and a code": func(q url.Values) { q.Set("error", "access_denied") },
		"a callback without a code":           func(q url.Values) { q.Del("code") },
		"a callback with two codes":           func(q url.Values) { q.Add("code", "code-of-another") },
	} {
		callback := f.browse()
		query := callback.URL.Query()
		change(query)
		callback.URL.RawQuery = query.Encode()
		_, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
		f.wantFailure(name, err)
		f.wantNoExchange(name)
	}
	f.forgeries()
	_, err := f.oauth.Credentials(f.Context(), RedirectURI+"2", f.test.Client, f.browse())
	f.wantFailure("a state for another redirect_uri", err)
	f.wantNoExchange("a state for another redirect_uri")
}

// forgeries tests states that differ from that of the flow in one character.
func (f *flow) forgeries() {
	f.Helper()
	for quarter := range 4 {
		callback := f.browse()
		query := callback.URL.Query()
		state := []byte(query.Get("state"))
		if len(state) == 0 {
			return // reported elsewhere
		}
		at := quarter * (len(state) - 1) / 4
		if state[at]++; state[at] > 'y' {
			state[at] = 'a'
		}
		query.Set("state", string(state))
		callback.URL.RawQuery = query.Encode()
		_, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
		f.wantFailure("a state with a changed character", err)
		f.wantNoExchange("a state with a changed character")
	}
}

func (f *flow) wantNoExchange(name string) {
	f.Helper()
	if f.requests() > 0 {
		f.Errorf("%s: the code is sent to the token endpoint nevertheless", name)
	}
}

// faults tests token responses without a token.
func (f *flow) faults() {
	f.Helper()
	for name, b := range map[string]Behavior{
		"a web page instead of a token": {HTML: true},
		"a huge token response":         {Huge: true},
		"a server that is down":         {Down: true},
		"a server that fails":           {FailOnce: true},
		"a redirect":                    {Redirect: true},
	} {
		f.reset(b)
		callback := f.browse()
		f.requests()
		_, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
		f.wantFailure(name, err)
		if n := f.requests(); n > 1 {
			f.Errorf("%s: the code is sent %d times", name, n)
		}
	}
	for _, members := range f.test.Refused {
		f.reset(Behavior{Extra: members})
		_, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, f.browse())
		f.wantFailure(fmt.Sprintf("a token response to refuse, with %v", slices.Sorted(maps.Keys(members))), err)
	}
	f.reset(Behavior{ErrorIn200: true})
	callback := f.browse()
	_, _ = f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
	_, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
	f.wantFailure("an error with status 200", err)
}

// refreshes tests refreshes with servers that behave differently.
func (f *flow) refreshes() {
	f.Helper()
	g, ok := f.connect("a flow to refresh")
	if !ok {
		return
	}
	token, _ := g.Credentials.Reveal()[refreshToken].(string)
	if token == "" {
		switch {
		case f.test.NoRefresh:
		case f.test.Behavior.OfflineConsent && !offlineConsent(f.authorize().Query()): // reported elsewhere
		case !f.declares(refreshToken):
			f.Errorf("exchange: the refresh token is lost; credentials_schema must declare refresh_token")
		default:
			f.Errorf("exchange: the refresh token is lost")
		}
		return
	}
	for _, fault := range []bool{true, false} {
		if f.test.Behavior.Rotate && !fault {
			break // the token is no longer valid
		}
		name := "refresh"
		if fault {
			name = "refresh with a server that fails once"
		}
		f.reset(Behavior{FailOnce: fault})
		again, err := f.refresh(g)
		if err != nil {
			f.failure(name, err)
			if !fault || !errors.Is(err, runtime.ErrUnreachable) {
				f.Errorf("%s: %v", name, err)
			}
			continue
		}
		f.grant(name, again)
		if again.Credentials.Reveal()[accessToken] == g.Credentials.Reveal()[accessToken] && f.declares(accessToken) {
			f.Errorf("%s: the access token is still the old one", name)
		}
		if !f.test.Behavior.Rotate && again.Credentials.Reveal()[refreshToken] != token {
			f.Errorf("%s: the refresh token is lost, although the server sent no new one", name)
		}
	}
	f.rotation()
	f.refusals()
}

func (f *flow) refresh(g runtime.OAuthGrant) (runtime.OAuthGrant, error) {
	return f.oauth.Refresh(f.Context(), RedirectURI, f.test.Client, g.Credentials.Reveal())
}

// refusals tests refreshes that cannot succeed, or have no refresh token.
func (f *flow) refusals() {
	f.Helper()
	f.reset(Behavior{})
	if g, ok := f.connect("a flow to fail"); ok {
		f.reset(Behavior{Down: true})
		_, err := f.refresh(g)
		f.wantFailure("a refresh with a server that is down", err)
		if err != nil && !errors.Is(err, runtime.ErrUnreachable) {
			f.Errorf("a refresh with a server that is down: wrap the error with runtime.Unreachable: %v", err)
		}
	}
	f.reset(Behavior{NoRefreshToken: true})
	if g, ok := f.connect("a flow without a refresh token"); ok {
		again, err := f.refresh(g)
		if err != nil {
			f.failure("a refresh without a refresh token", err)
		} else {
			f.grant("a refresh without a refresh token", again)
		}
	}
	f.reset(Behavior{InvalidGrant: true})
	if g, ok := f.connect("a flow to refuse"); ok {
		_, err := f.refresh(g)
		f.wantFailure("a refresh that is refused", err)
		if errors.Is(err, runtime.ErrUnreachable) {
			f.Errorf("a refresh that is refused: the error says that the service is unreachable: %v", err)
		}
	}
}

// rotation tests concurrent refreshes, since those of the host can race, with a server
// that sends a new refresh token each time.
func (f *flow) rotation() {
	f.Helper()
	f.reset(Behavior{Rotate: true})
	g, ok := f.connect("a flow to rotate")
	if !ok {
		return
	}
	const racers = 8
	grants, errs := make([]runtime.OAuthGrant, racers), make([]error, racers)
	var wait sync.WaitGroup
	for i := range racers {
		wait.Go(func() {
			grants[i], errs[i] = f.oauth.Refresh(f.Context(), RedirectURI, f.test.Client, g.Credentials.Reveal())
		})
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			f.failure("concurrent refreshes", err)
			f.Errorf("concurrent refreshes: one fails: %v", err)
			return
		}
		f.grant("concurrent refreshes", grants[i])
	}
	if grants[0].Credentials.Reveal()[refreshToken] == g.Credentials.Reveal()[refreshToken] {
		f.Errorf("refresh: the new refresh token is lost, and the old one is no longer valid")
	}
	if _, err := f.oauth.Refresh(f.Context(), RedirectURI, f.test.Client, grants[racers-1].Credentials.Reveal()); err != nil {
		f.failure("second refresh", err)
		f.Errorf("second refresh: %v", err)
	}
}

// deadline tests a caller that gives up on a server that does not respond.
func (f *flow) deadline() {
	f.Helper()
	callback := f.browse()
	f.reset(Behavior{Silent: true})
	ctx, cancel := context.WithTimeout(f.Context(), 100*time.Millisecond)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		_, err := f.oauth.Credentials(ctx, RedirectURI, f.test.Client, callback)
		result <- err
	}()
	select {
	case err := <-result:
		f.wantFailure("a server that does not respond", err)
	case <-time.After(patience):
		f.Errorf("a server that does not respond: the call does not end when its context is done")
	}
}

// requests checks the deadlines of the token requests since the last call, and returns
// the number of those that exchange a code.
func (f *flow) requests() (exchanges int) {
	f.Helper()
	for _, r := range f.test.Server.take() {
		if r.grant == "authorization_code" {
			exchanges++
		}
		switch {
		case !r.marked:
			f.Fatalf("the provider under test must make its requests with AuthServer.HTTPClient")
		case r.plainTo != "":
			f.errorOnce(fmt.Sprintf("a token request goes to http://%s: use https, since it has secrets", r.plainTo))
		case !r.bounded:
			f.errorOnce("a token request has no deadline")
		case r.deadline > maxDeadline:
			f.errorOnce(fmt.Sprintf("a token request may take %v, want at most %v", r.deadline.Round(time.Minute), maxDeadline))
		}
	}
	return exchanges
}

// errorOnce reports an error only once.
func (f *flow) errorOnce(message string) {
	f.Helper()
	if !f.reported[message] {
		f.reported[message] = true
		f.Errorf("%s", message)
	}
}
