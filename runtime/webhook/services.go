package webhook

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// What services do that a HMAC describes.
var (
	gitHub = HMAC{Header: "X-Hub-Signature-256", Prefix: "sha256="}
	slack  = HMAC{
		Header: "X-Slack-Signature", Prefix: "v0=", TimestampHeader: "X-Slack-Request-Timestamp", TimestampUnit: time.Second,
		Signed: func(_ *http.Request, timestamp string, body []byte) []byte {
			return slices.Concat([]byte("v0:"+timestamp+":"), body)
		},
	}
	linear = HMAC{Header: "Linear-Signature"}
)

// GitHub verifies a request of GitHub, signed in X-Hub-Signature-256 with the secret of the webhook,
// and returns its body. GitHub signs no time.
func GitHub(r *http.Request, secret runtime.Secret) (body []byte, err error) {
	return gitHub.Verify(r, secret)
}

// Slack verifies a request of Slack, signed in X-Slack-Signature with the signing secret of the app, and
// returns its body. The request must have been signed in the last five minutes.
func Slack(r *http.Request, secret runtime.Secret) (body []byte, err error) {
	return slack.Verify(r, secret)
}

// linearWindow is how far the timestamp of Linear may be from now. That is what Linear advises.
const linearWindow = time.Minute

// Linear verifies a request of Linear, signed in Linear-Signature with the signing secret of the webhook,
// and returns its body. The request must have been sent in the last minute, says webhookTimestamp in the body.
func Linear(r *http.Request, secret runtime.Secret) (body []byte, err error) {
	if body, err = linear.Verify(r, secret); err != nil {
		return nil, err
	}
	var sent struct {
		Timestamp json.Number `json:"webhookTimestamp"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, refuse("its body is not a JSON object with a webhookTimestamp")
	}
	if err := fresh("webhookTimestamp", sent.Timestamp.String(), time.Millisecond, linearWindow); err != nil {
		return nil, err
	}
	return body, nil
}

// stripeHeader holds a timestamp t and signatures v1, separated by commas. There are several signatures while a
// secret is being replaced; those of other schemes, such as v0, are not to be read.
const stripeHeader = "Stripe-Signature"

// maxStripe is how many items of the header are read.
const maxStripe = 64

// Stripe verifies a request of Stripe, signed in Stripe-Signature with the signing secret of the endpoint,
// and returns its body. The request must have been signed in the last five minutes.
func Stripe(r *http.Request, secret runtime.Secret) (body []byte, err error) {
	body, value, err := open(r, stripeHeader, secret)
	if err != nil {
		return nil, err
	}
	timestamp, signatures, err := readStripe(value)
	if err != nil {
		return nil, err
	}
	if err := fresh("t in header "+stripeHeader, timestamp, time.Second, defaultWindow); err != nil {
		return nil, err
	}
	sum := HMAC{}.sum(secret, slices.Concat([]byte(timestamp+"."), body))
	if !slices.ContainsFunc(signatures, func(s []byte) bool { return hmac.Equal(sum, s) }) {
		return nil, refuse("header %s holds signatures of something else, or with another secret", stripeHeader)
	}
	return body, nil
}

// readStripe returns the timestamp and the signatures v1 in the header of Stripe.
func readStripe(value string) (timestamp string, signatures [][]byte, err error) {
	items := strings.Split(value, ",")
	if len(items) > maxStripe {
		return "", nil, refuse("header %s has more than %d items", stripeHeader, maxStripe)
	}
	for _, item := range items {
		key, text, _ := strings.Cut(strings.TrimSpace(item), "=")
		switch key {
		case "t":
			if timestamp != "" {
				return "", nil, refuse("header %s has two timestamps", stripeHeader)
			}
			timestamp = text
		case "v1":
			if signature, err := hex.DecodeString(text); err == nil {
				signatures = append(signatures, signature)
			}
		}
	}
	if timestamp == "" || len(signatures) == 0 {
		return "", nil, refuse("header %s has no timestamp t, or no signature v1", stripeHeader)
	}
	return timestamp, signatures, nil
}
