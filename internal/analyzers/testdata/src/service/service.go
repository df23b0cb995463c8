// Package service is a provider without mistakes.
package service

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]
	HTTPClient *http.Client
}

func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, base(creds), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	return runtime.DoJSON(p.HTTPClient, req, nil)
}

func base(creds Credentials) string {
	switch creds.Deployment {
	case DeploymentServer:
		return creds.ServerURL
	case DeploymentCloud, DeploymentHybrid:
	}
	return "https://service.example"
}
