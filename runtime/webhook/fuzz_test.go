package webhook_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// FuzzVerify sends headers and bodies that nobody has signed: each is refused, in words that show none of it, and
// the body stays readable. Who knows the secret can sign any body.
func FuzzVerify(f *testing.F) {
	f.Add("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "1531420618", "Hello, World!")
	f.Add("t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd,v0=6ffbb59b", "", `{"webhookTimestamp":1}`)
	f.Add("v0=a2114d57", "-1", `{"webhookTimestamp":{}}`)
	f.Add(",,t=,v1=,=", "99999999999999999999", "")
	services := map[string]verifier{
		"X-Hub-Signature-256": webhook.GitHub,
		"Stripe-Signature":    webhook.Stripe,
		"X-Slack-Signature":   webhook.Slack,
		"Linear-Signature":    webhook.Linear,
		"X-Gitlab-Token": func(r *http.Request, secret runtime.Secret) ([]byte, error) {
			return webhook.Token(r, "X-Gitlab-Token", secret)
		},
	}
	const secret = "8f742231b10e8888abcd99yyyzzz85a5"
	f.Fuzz(func(t *testing.T, signature, timestamp, body string) {
		if signature == secret {
			return
		}
		for header, verify := range services {
			r := request(body, header, signature, "X-Slack-Request-Timestamp", timestamp)
			got, err := verify(r, runtime.NewSecret(secret))
			if got != nil || !errors.Is(err, webhook.ErrSignature) {
				t.Errorf("%s: got %q, %v", header, got, err)
			}
			if len(signature) > 20 && strings.Contains(err.Error(), signature) || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows what is secret: %v", header, err)
			}
			if again, err := io.ReadAll(r.Body); string(again) != body || err != nil {
				t.Errorf("%s: the body is %q afterwards, %v", header, again, err)
			}
		}
		r := request(body, "X-Hub-Signature-256", "sha256="+sign(secret, body))
		if got, err := webhook.GitHub(r, runtime.NewSecret(secret)); string(got) != body || err != nil {
			t.Errorf("signed: got %q, %v", got, err)
		}
	})
}
