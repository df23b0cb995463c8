// Package calendar connects Dify to Calendar.
package calendar

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Calendar. This file is yours: difygen wrote it once and will not touch it
// again.
//
// You must write the methods of OAuthFlow, or embed a flow that has them. For that, add this
// field to Provider:
//
//	*authcode.Flow[OAuthClient, OAuthCredentials]
//
// Then paste this function, import github.com/difygen/difygen/runtime/authcode,
// golang.org/x/oauth2 and net/http, and run go mod tidy.
//
//	// New returns the provider with its OAuth flow, which sends requests with client. Call it in
//	// main.go. The embedded flow has the methods of OAuthFlow.
//	func New(client *http.Client) *Provider {
//		return &Provider{
//			Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
//				Endpoint: oauth2.Endpoint{
//					AuthURL:  "https://service.example/authorize",
//					TokenURL: "https://service.example/token",
//				},
//				Scopes:     []string{"read"},
//				HTTPClient: client,
//			}),
//			HTTPClient: client,
//		}
//	}
//
// You must write the methods of SubscriptionConstructor:
//
//	func (p *Provider) CreateSubscription(ctx context.Context, endpoint string, params SubscriptionParameters, creds AnyCredentials) (Subscription, error)
//	func (p *Provider) RefreshSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) (Subscription, error)
//	func (p *Provider) DeleteSubscription(ctx context.Context, sub Subscription, creds AnyCredentials) error
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ OAuthFlow               = (*Provider)(nil)
	_ SubscriptionConstructor = (*Provider)(nil)
	_ Trigger                 = (*Provider)(nil)
)

// Dispatch verifies a webhook, answers it on w, and passes it on to events with the methods of
// to. For example, like this:
//
//	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // of at most 1 MiB
//	if err != nil {
//		return err
//	}
//	switch r.Header.Get("X-Event") { // or where the service names what happened
//	case "changed":
//		var payload ChangedPayload
//		if err := json.Unmarshal(body, &payload); err != nil {
//			return err
//		}
//		return to.Changed(payload)
//	}
//	return nil // the sender gets the status 200, and no event happens
func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	return runtime.ErrNotImplemented
}
