package oauthflow

import (
	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/serve"
)

func newPlugin(provider *service.Provider, other *struct{ Name string }, opts ...serve.Option) *serve.Plugin {
	return nil
}

func run() {
	serve.Main(newPlugin(&service.Provider{}, nil))                  // want `the field Flow is nil, so nobody can connect with OAuth`
	serve.Main(newPlugin((&service.Provider{HTTPClient: nil}), nil)) // want `the field Flow is nil`
}

// What follows is right.

type flow = authcode.Flow[service.OAuthClient, service.OAuthCredentials]

func right(f *flow) {
	serve.Main(newPlugin(&service.Provider{Flow: f}, &struct{ Name string }{}))
	serve.Main(newPlugin(&service.Provider{f, nil}, nil))
	p := &service.Provider{}
	p.Flow = f
	serve.Main(newPlugin(p, nil))
	use(&service.Provider{})
}

func use(*service.Provider) {}
