package oauthrefresh

import (
	"context"
	"errors"
	"time"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime"
)

type result = runtime.OAuthResult[service.OAuthCredentials]

type same struct{}

func (same) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (runtime.OAuthResult[service.OAuthCredentials], error) { // want `OAuthRefreshCredentials returns the credentials that it is given`
	return runtime.OAuthResult[service.OAuthCredentials]{Credentials: creds}, nil
}

type later struct{}

func (later) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) { // want `OAuthRefreshCredentials returns`
	if creds.RefreshToken.IsZero() {
		return result{}, errors.New("no refresh token")
	}
	r := result{Credentials: creds, ExpiresAt: time.Now().Add(time.Hour)}
	return r, nil
}

// What follows is right.

type changed struct{}

func (changed) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) {
	creds.AccessToken = runtime.NewSecret("new")
	return result{Credentials: creds}, nil
}

type sometimes struct{}

func (sometimes) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) {
	if creds.RefreshToken.IsZero() {
		return result{Credentials: creds}, nil // these never expire
	}
	return exchange(ctx, creds)
}

type refused struct{}

func (refused) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) {
	return result{}, errors.New("authorize again")
}

type filled struct{}

func (filled) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) {
	fill(&creds)
	return result{Credentials: creds}, nil
}

type renewed struct{}

func (renewed) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) {
	creds = fresh(creds.RefreshToken)
	return result{Credentials: creds}, nil
}

type replaced struct{}

func (replaced) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client service.OAuthClient, creds service.OAuthCredentials) (result, error) {
	r := result{Credentials: creds}
	r.Credentials.AccessToken = runtime.NewSecret("new")
	return r, nil
}

func fill(creds *service.OAuthCredentials) { creds.AccessToken = runtime.NewSecret("new") }

func fresh(token runtime.Secret) service.OAuthCredentials {
	return service.OAuthCredentials{AccessToken: runtime.NewSecret("new"), RefreshToken: token}
}

func exchange(context.Context, service.OAuthCredentials) (result, error) {
	return result{}, errors.New("no service")
}
