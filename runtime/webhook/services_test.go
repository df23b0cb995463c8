package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/webhook"
)

// sign returns the signature of a text, as the services write it.
func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// TestGitHub begins with the example that GitHub publishes.
func TestGitHub(t *testing.T) {
	t.Parallel()
	const (
		header    = "X-Hub-Signature-256"
		secret    = "It's a Secret to Everybody"
		body      = "Hello, World!"
		signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
		wrong     = "header X-Hub-Signature-256 holds a signature of something else, or with another secret"
	)
	for _, test := range []struct{ name, secret, body, header, reason string }{
		{"published", secret, body, "sha256=" + signature, ""},
		{"in upper case", secret, body, "sha256=" + strings.ToUpper(signature), ""},
		{"an empty body", secret, "", "sha256=" + sign(secret, ""), ""},
		{"another body", secret, body + " ", "sha256=" + signature, wrong},
		{"another secret", secret + "!", body, "sha256=" + signature, wrong},
		{"shortened", secret, body, "sha256=" + signature[:62], wrong},
		{"lengthened", secret, body, "sha256=" + signature + "00", wrong},
		{"empty", secret, body, "sha256=", wrong},
		{"not hexadecimal", secret, body, "sha256=" + signature[:63] + "g", "header X-Hub-Signature-256 holds a signature that cannot be decoded"},
		{"with a space", secret, body, "sha256= " + signature, "header X-Hub-Signature-256 holds a signature that cannot be decoded"},
		{"another prefix", secret, body, "sha1=" + signature, `header X-Hub-Signature-256 does not begin with "sha256="`},
		{"no prefix", secret, body, signature, `header X-Hub-Signature-256 does not begin with "sha256="`},
		{"missing", secret, body, "", "header X-Hub-Signature-256 is missing"},
		{"no secret", "", body, "sha256=" + sign("", body), "the plugin has no secret to verify it with"},
	} {
		check(t, test.name, webhook.GitHub, request(test.body, header, test.header), test.secret, test.body, test.reason)
	}
	twice := request(body, header, "sha256="+signature, header, "sha256="+signature)
	check(t, "repeated", webhook.GitHub, twice, secret, body, "header X-Hub-Signature-256 is repeated")
}

// slackBody is that of the example that Slack publishes.
const slackBody = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
	"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
	"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
	"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"

func TestSlack(t *testing.T) {
	t.Parallel()
	const (
		now       = 1531420618
		secret    = "8f742231b10e8888abcd99yyyzzz85a5"
		signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
		wrong     = "header X-Slack-Signature holds a signature of something else, or with another secret"
		old       = "header X-Slack-Request-Timestamp is more than 5m0s ago: it may be sent again, or a clock is wrong"
		early     = "header X-Slack-Request-Timestamp is more than 5m0s in the future: a clock is wrong"
		bad       = "header X-Slack-Request-Timestamp is not a timestamp"
	)
	for _, test := range []struct {
		name                 string
		now                  int64
		timestamp, signature string
		reason               string
	}{
		{"published", now, "1531420618", signature, ""},
		{"five minutes ago", now + 300, "1531420618", signature, ""},
		{"five minutes from now", now - 300, "1531420618", signature, ""},
		{"longer ago", now + 301, "1531420618", signature, old},
		{"further from now", now - 301, "1531420618", signature, early},
		{"another time", now, "1531420619", signature, wrong},
		{"another scheme", now, "1531420618", "v1" + signature[2:], `header X-Slack-Signature does not begin with "v0="`},
		{"no time", now, "", signature, "header X-Slack-Request-Timestamp is missing"},
		{"not a number", now, "1531420618.0", signature, bad},
		{"a sign", now, "+1531420618", signature, bad},
		{"negative", now, "-1", signature, bad},
		{"zero", now, "0", signature, old},
		{"milliseconds", now, "1531420618000", signature, early},
		{"huge", now, "9223372036854775807", signature, early},
		{"too huge", now, "9223372036854775808", signature, bad},
		{"a date", now, "2018-07-12T18:36:58Z", "v0=" + sign(secret, "v0:2018-07-12T18:36:58Z:"+slackBody), bad},
	} {
		r := request(slackBody, "X-Slack-Signature", test.signature, "X-Slack-Request-Timestamp", test.timestamp)
		checkAt(t, test.now, test.name, webhook.Slack, r, secret, slackBody, test.reason)
	}
	twice := request(slackBody, "X-Slack-Signature", signature, "X-Slack-Request-Timestamp", "1531420618", "X-Slack-Request-Timestamp", "1")
	checkAt(t, now, "two times", webhook.Slack, twice, secret, slackBody, "header X-Slack-Request-Timestamp is repeated")
}

func TestLinear(t *testing.T) {
	t.Parallel()
	const (
		now    = 1800000000
		secret = "lin_wh_secret"
		old    = "webhookTimestamp is more than 1m0s ago: it may be sent again, or a clock is wrong"
		early  = "webhookTimestamp is more than 1m0s in the future: a clock is wrong"
		bad    = "webhookTimestamp is not a timestamp"
		none   = "its body is not a JSON object with a webhookTimestamp"
		wrong  = "header Linear-Signature holds a signature of something else, or with another secret"
	)
	for body, reason := range map[string]string{
		`{"action":"create","webhookTimestamp":1800000000000}`: "",
		`{"webhookTimestamp":1799999940000}`:                   "",
		`{"webhookTimestamp":1800000060000}`:                   "",
		`{"webhookTimestamp":1799999939999}`:                   old,
		`{"webhookTimestamp":1800000060001}`:                   early,
		`{"webhookTimestamp":1800000000}`:                      old,
		`{"webhookTimestamp":1.8e12}`:                          bad,
		`{"webhookTimestamp":-1}`:                              bad,
		`{"webhookTimestamp":null}`:                            bad,
		`{}`:                                                   bad,
		`{"webhookTimestamp":{}}`:                              none,
		`[1800000000000]`:                                      none,
		`{"webhookTimestamp":1800000000000`:                    none,
		``:                                                     none,
	} {
		checkAt(t, now, body, webhook.Linear, request(body, "Linear-Signature", sign(secret, body)), secret, body, reason)
		checkAt(t, now, body, webhook.Linear, request(body, "Linear-Signature", sign("another", body)), secret, body, wrong)
	}
}

// TestStripe has the header and secrets of a replacement: two signatures, one for each.
func TestStripe(t *testing.T) {
	t.Parallel()
	const (
		now    = 1492774577
		secret = "whsec_test_secret"
		body   = `{"id":"evt_1"}`
		wrong  = "header Stripe-Signature holds signatures of something else, or with another secret"
		none   = "header Stripe-Signature has no timestamp t, or no signature v1"
		old    = "t in header Stripe-Signature is more than 5m0s ago: it may be sent again, or a clock is wrong"
		v0     = "6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
	)
	mine, other := sign(secret, "1492774577."+body), sign("whsec_old", "1492774577."+body)
	for header, reason := range map[string]string{
		"t=1492774577,v1=" + mine:                                                 "",
		"t=1492774577,v1=" + mine + ",v0=" + v0:                                   "",
		"v0=" + v0 + ", v1=" + strings.ToUpper(mine) + " ,t=1492774577":           "",
		"t=1492774577,v1=" + other + ",v1=" + mine:                                "",
		"t=1492774577,v1=zz,v1=" + mine:                                           "",
		"t=1492774577,v1=" + other:                                                wrong,
		"t=1492774577,v0=" + mine:                                                 none,
		"t=1492774578,v1=" + mine:                                                 wrong,
		"t=1492774276,v1=" + sign(secret, "1492774276."+body):                     old,
		"t=1492774277,v1=" + sign(secret, "1492774277."+body):                     "",
		"t=x,v1=" + mine:                                                          "t in header Stripe-Signature is not a timestamp",
		"t=2017-04-21T11:36:17Z,v1=" + sign(secret, "2017-04-21T11:36:17Z."+body): "t in header Stripe-Signature is not a timestamp",
		"t=1,t=1492774577,v1=" + mine:                                             "header Stripe-Signature has two timestamps",
		"v1=" + mine:                                                              none,
		"t=1492774577":                                                            none,
		"t=1492774577,v1=":                                                        wrong,
		"t=1492774577,v1=zz":                                                      none,
		",=,v1":                                                                   none,
		"t=1492774577" + strings.Repeat(",v1="+other, 63):                         wrong,
		"t=1492774577" + strings.Repeat(",v1="+other, 64):                         "header Stripe-Signature has more than 64 items",
		"": "header Stripe-Signature is missing",
	} {
		checkAt(t, now, header, webhook.Stripe, request(body, "Stripe-Signature", header), secret, body, reason)
	}
}
