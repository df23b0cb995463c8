package credentialswitch

import (
	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime"
)

func token(all service.AnyCredentials) (token runtime.Secret) {
	switch creds := all.(type) { // want `the switch over AnyCredentials has no default and lacks OAuthCredentials`
	case service.Credentials:
		token = creds.AccessToken
	}
	switch all.(type) { // want `lacks Credentials, OAuthCredentials`
	case nil:
	}
	return token
}

// What follows is right.

func both(all service.AnyCredentials) (token runtime.Secret) {
	switch creds := all.(type) {
	case service.Credentials:
		token = creds.AccessToken
	case service.OAuthCredentials:
		token = creds.AccessToken
	}
	return token
}

func others(all service.AnyCredentials) string {
	switch all.(type) {
	case service.OAuthCredentials:
		return "OAuth"
	default:
		return "key"
	}
}

func interfaces(all service.AnyCredentials, other interface{ Values() map[string]any }) bool {
	switch all.(type) {
	case interface{ Values() map[string]any }:
		return true
	}
	switch other.(type) {
	case service.Credentials:
		return true
	}
	return false
}
