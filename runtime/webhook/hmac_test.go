package webhook_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

// shared is the secret of these services.
const shared = "shared"

// digest returns the HMAC of a text.
func digest(newHash func() hash.Hash, text string) []byte {
	mac := hmac.New(newHash, []byte(shared))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// TestHMAC verifies what some other services sign.
func TestHMAC(t *testing.T) {
	t.Parallel()
	const body = `{"topic":"orders/create"}`
	standard := base64.StdEncoding
	for _, test := range []struct {
		name    string
		service webhook.HMAC
		headers []string
		reason  string
	}{
		{
			"base64", webhook.HMAC{Header: "X-Shopify-Hmac-Sha256", Decode: standard.DecodeString},
			[]string{"X-Shopify-Hmac-Sha256", standard.EncodeToString(digest(sha256.New, body))}, "",
		},
		{
			"base64 without padding", webhook.HMAC{Header: "X-Shopify-Hmac-Sha256", Decode: standard.DecodeString},
			[]string{"X-Shopify-Hmac-Sha256", base64.RawStdEncoding.EncodeToString(digest(sha256.New, body))},
			"header X-Shopify-Hmac-Sha256 holds a signature that cannot be decoded",
		},
		{
			"base64 with a prefix", webhook.HMAC{Header: "Typeform-Signature", Prefix: "sha256=", Decode: standard.DecodeString},
			[]string{"Typeform-Signature", "sha256=" + standard.EncodeToString(digest(sha256.New, body))}, "",
		},
		{
			"SHA-512", webhook.HMAC{Header: "X-Signature", Hash: sha512.New},
			[]string{"X-Signature", hex.EncodeToString(digest(sha512.New, body))}, "",
		},
		{
			"SHA-1 of the address, too", webhook.HMAC{Header: "X-Signature", Hash: sha1.New, Signed: addressed},
			[]string{"X-Signature", hex.EncodeToString(digest(sha1.New, "/hook?x=1"+body))}, "",
		},
		{
			"another hash", webhook.HMAC{Header: "X-Signature"},
			[]string{"X-Signature", hex.EncodeToString(digest(sha512.New, body))},
			"header X-Signature holds a signature of something else, or with another secret",
		},
	} {
		check(t, test.name, test.service.Verify, request(body, test.headers...), shared, body, test.reason)
	}
}

// addressed returns what a service signs that signs the address to which it sends, too.
func addressed(r *http.Request, _ string, body []byte) []byte {
	return append([]byte(r.URL.RequestURI()), body...)
}

// TestTimestamp verifies a service that counts milliseconds and allows ten seconds.
func TestTimestamp(t *testing.T) {
	t.Parallel()
	service := webhook.HMAC{
		Header: "X-Signature", TimestampHeader: "X-Time", TimestampUnit: time.Millisecond, Window: 10 * time.Second,
		Signed: func(_ *http.Request, timestamp string, body []byte) []byte {
			return append(body[:len(body):len(body)], timestamp...)
		},
	}
	const now = 1800000000
	for milliseconds, reason := range map[int64]string{
		now * 1000:          "",
		now*1000 - 10_000:   "",
		now*1000 + 10_000:   "",
		now*1000 - 10_001:   "header X-Time is more than 10s ago: it may be sent again, or a clock is wrong",
		now*1000 + 10_001:   "header X-Time is more than 10s in the future: a clock is wrong",
		now * 1_000_000:     "header X-Time is more than 10s in the future: a clock is wrong",
		now:                 "header X-Time is more than 10s ago: it may be sent again, or a clock is wrong",
		9223372036854775807: "header X-Time is more than 10s in the future: a clock is wrong",
	} {
		text := strconv.FormatInt(milliseconds, 10)
		r := request("body", "X-Time", text, "X-Signature", sign(shared, "body"+text))
		checkAt(t, now, text, service.Verify, r, shared, "body", reason)
	}
}

// TestUnsignedTimestamp checks that code learns of a timestamp that anybody could change.
func TestUnsignedTimestamp(t *testing.T) {
	t.Parallel()
	service := webhook.HMAC{Header: "X-Signature", TimestampHeader: "X-Time"}
	_, err := service.Verify(request("body", "X-Time", "1800000000", "X-Signature", sign(shared, "body")), runtime.NewSecret(shared))
	if err == nil || errors.Is(err, webhook.ErrSignature) || !strings.Contains(err.Error(), "no Signed") {
		t.Errorf("got %v", err)
	}
}

// TestTimestampText verifies a service that writes times as in RFC 3339, and signs them before the body.
func TestTimestampText(t *testing.T) {
	t.Parallel()
	service := webhook.HMAC{
		Header: "X-Signature", TimestampHeader: "X-Time",
		Signed: func(_ *http.Request, timestamp string, body []byte) []byte { return append([]byte(timestamp), body...) },
	}
	const now = 1800000000
	for timestamp, reason := range map[string]string{
		"2027-01-15T08:00:00Z":      "",
		"2027-01-15T07:55:00.9Z":    "",
		"2027-01-15T10:05:00+02:00": "",
		"2027-01-15T07:54:59Z":      "header X-Time is more than 5m0s ago: it may be sent again, or a clock is wrong",
		"2027-01-15T08:05:01Z":      "header X-Time is more than 5m0s in the future: a clock is wrong",
		"9999-12-31T23:59:59Z":      "header X-Time is more than 5m0s in the future: a clock is wrong",
		"0001-01-01T00:00:00Z":      "header X-Time is not a timestamp",
		"2027-01-15 08:00:00":       "header X-Time is not a timestamp",
	} {
		r := request("body", "X-Time", timestamp, "X-Signature", sign(shared, timestamp+"body"))
		checkAt(t, now, timestamp, service.Verify, r, shared, "body", reason)
	}
	service.TimestampUnit = time.Second
	const text = "2027-01-15T08:00:00Z"
	r := request("body", "X-Time", text, "X-Signature", sign(shared, text+"body"))
	checkAt(t, now, "a unit", service.Verify, r, shared, "body", "header X-Time is not a timestamp")
}
