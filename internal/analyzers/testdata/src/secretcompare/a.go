package secretcompare

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/gate"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/hook"
	"github.com/difygen/difygen/runtime"
)

func tokens(r *http.Request, props hook.SubscriptionProperties, old hook.SubscriptionProperties) bool {
	if r.Header.Get("X-Token") != props.SigningSecret.Reveal() { // want `the time of != tells how much of a secret is right; use Secret.Equal, or webhook.Token for a webhook`
		return false
	}
	if old.SigningSecret.Reveal() == props.SigningSecret.Reveal() { // want `the time of == tells`
		return true
	}
	want := "Bearer " + props.SigningSecret.Reveal()
	if got := r.Header.Get("Authorization"); got == want { // want `the time of == tells`
		return true
	}
	defer strings.Compare(r.Header.Get("X-Token"), props.SigningSecret.Reveal()) // want `the time of strings.Compare tells`
	switch r.Header.Get("X-Token") {
	case props.SigningSecret.Reveal(): // want `the time of == tells`
		return true
	}
	return same(r.Header.Get("X-Token"), props.SigningSecret.Reveal()) ||
		strings.EqualFold(want, r.Header.Get("X-Other")) || // want `the time of strings.EqualFold tells`
		bytes.Equal([]byte(props.SigningSecret.Reveal()), []byte(r.Header.Get("X-Other"))) // want `the time of bytes.Equal tells`
}

func same(got, want string) bool { return got == want } // want `the time of == tells`

func hasToken(r *http.Request, token string) bool {
	return r.Header.Get("X-Token") == token // want `the time of == tells how much of APIToken`
}

func signature(r *http.Request, body []byte, secret runtime.Secret) bool {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write(body)
	sum := mac.Sum(nil)
	if fmt.Sprintf("sha256=%x", sum) == r.Header.Get("X-Signature-256") { // want `the time of == tells how much of a MAC is right; use hmac.Equal, or webhook.HMAC for a webhook`
		return true
	}
	given, _ := hex.DecodeString(r.Header.Get("X-Signature"))
	return bytes.Equal(sum, given) || // want `the time of bytes.Equal tells how much of a MAC is right; use hmac.Equal`
		hex.EncodeToString(sign(secret, body)) != r.Header.Get("X-Signature") // want `the time of != tells`
}

func sign(secret runtime.Secret, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write(body)
	return mac.Sum(nil)
}

func settings(r *http.Request, call *gate.ItemCall) bool {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token != call.Settings.APIToken { // want `the time of != tells how much of APIToken is right, which is a secret by its name; declare it as secret-input, and use Secret.Equal`
		return false
	}
	s := call.Settings
	return hasToken(r, s.APIToken) || same(r.URL.Query().Get("token"), s.SigningSecret.Reveal()) ||
		matches(r, s) || strings.EqualFold(r.FormValue("token"), s.APIToken) // want `the time of strings.EqualFold tells how much of APIToken`
}

func matches(r *http.Request, s gate.Settings) bool {
	switch "Bearer " + s.APIToken {
	case r.Header.Get("Authorization"): // want `the time of == tells how much of APIToken`
		return true
	}
	return false
}

// What follows is right.

func rightSettings(r *http.Request, call, last *gate.ItemCall, resp *http.Response) bool {
	return call.Settings.PageToken == r.FormValue("page") || // it names a page
		call.Settings.APIToken == "" ||
		call.Settings.APIToken == last.Settings.APIToken ||
		call.Settings.APIToken == resp.Header.Get("X-Token") ||
		runtime.NewSecret(call.Settings.APIToken).Equal(runtime.NewSecret(r.FormValue("token")))
}

func right(r *http.Request, secret, other runtime.Secret, body []byte) bool {
	text := secret.Reveal()
	if text == "" || text == "none" || strings.TrimSpace(text) != text || strings.ToLower(secret.Reveal()) == secret.Reveal() {
		return false
	}
	if len(text) == len(r.Header.Get("X-Token")) || strings.HasPrefix(text, "sk-") || id(text) == r.Header.Get("X-ID") {
		return false
	}
	hash := sha256.New()
	hash.Write(body)
	if hex.EncodeToString(hash.Sum(nil)) == r.Header.Get("X-Checksum") {
		return true
	}
	if hex.EncodeToString(sign(secret, body)) == hex.EncodeToString(sign(other, body)) {
		return true // two MACs of our own
	}
	return secret.Equal(other) || hmac.Equal(sign(secret, body), []byte(r.Header.Get("X-Signature")))
}

func id(token string) string { before, _, _ := strings.Cut(token, "."); return before }

func equal[T comparable](a, b T) bool { return a == b }
