package emptysecret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/gate"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/hook"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

func dispatch(r *http.Request, call *forge.DispatchCall) bool {
	props := call.Subscription.Properties
	if !props.WebhookSecret.Equal(runtime.NewSecret(r.Header.Get("X-Token"))) { // want `WebhookSecret is empty while a user sets up a subscription, and equal to what is not in the request; use webhook.Token, which refuses an empty secret`
		return false
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	given := runtime.NewSecret(token)
	return given.Equal(call.Subscription.Properties.WebhookSecret) || // want `WebhookSecret is empty while`
		signed(r, nil, call.Subscription.Properties.WebhookSecret)
}

func signed(r *http.Request, body []byte, secret runtime.Secret) bool {
	mac := hmac.New(sha256.New, []byte(secret.Reveal())) // want `WebhookSecret is empty while a user sets up a subscription, and anybody can sign with an empty key; use package webhook, which refuses an empty secret`
	mac.Write(body)
	signature, _ := hex.DecodeString(r.Header.Get("X-Signature"))
	return hmac.Equal(mac.Sum(nil), signature)
}

// What follows is right.

func checked(r *http.Request, sub hook.Subscription) bool {
	if sub.Properties.SigningSecret.IsZero() {
		return false
	}
	return sub.Properties.SigningSecret.Equal(runtime.NewSecret(r.Header.Get("X-Token")))
}

func right(r *http.Request, call *forge.DispatchCall, old forge.Subscription, item *gate.ItemCall) bool {
	_, err := webhook.Token(r, "X-Token", call.Subscription.Properties.WebhookSecret)
	return err == nil && call.Subscription.Properties.WebhookSecret.Equal(old.Properties.WebhookSecret) &&
		item.Settings.SigningSecret.Equal(runtime.NewSecret(r.Header.Get("X-Token"))) // settings are never empty
}
