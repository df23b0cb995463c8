package webhook_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

func ExampleGitHub() {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Hello, World!"))
	r.Header.Set("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")

	body, err := webhook.GitHub(r, runtime.NewSecret("It's a Secret to Everybody"))
	fmt.Printf("%s, %v\n", body, err)
	_, err = webhook.GitHub(r, runtime.NewSecret("Another"))
	fmt.Println(err)
	// Output:
	// Hello, World!, <nil>
	// the webhook is not from the service: header X-Hub-Signature-256 holds a signature of something else, or with another secret
}

// Zendesk signs a timestamp, such as 2026-05-01T09:00:00Z, and the body.
func ExampleHMAC() {
	zendesk := webhook.HMAC{
		Header:          "X-Zendesk-Webhook-Signature",
		Decode:          base64.StdEncoding.DecodeString,
		TimestampHeader: "X-Zendesk-Webhook-Signature-Timestamp",
		Signed: func(_ *http.Request, timestamp string, body []byte) []byte {
			return slices.Concat([]byte(timestamp), body)
		},
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	_, err := zendesk.Verify(r, runtime.NewSecret("dGhpc19zZWNyZXQ="))
	fmt.Println(err)
	// Output:
	// the webhook is not from the service: header X-Zendesk-Webhook-Signature is missing
}
