package zendesk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime/webhook"
)

// signature is how Zendesk signs webhooks.
var signature = webhook.HMAC{
	Header: "X-Zendesk-Webhook-Signature", Decode: base64.StdEncoding.DecodeString,
	TimestampHeader: "X-Zendesk-Webhook-Signature-Timestamp",
	Signed: func(_ *http.Request, timestamp string, body []byte) []byte {
		return slices.Concat([]byte(timestamp), body)
	},
}

// typePrefix is how the type of every webhook starts.
const typePrefix = "zen:event-type:"

// Dispatch checks that a webhook comes from Zendesk, and passes it on to its event.
func (p *Provider) Dispatch(_ http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
	body, err := signature.Verify(r, call.Subscription.Properties.SigningSecret)
	if err != nil {
		return err
	}
	var envelope struct{ Type string }
	if err := decode(body, &envelope); err != nil {
		return err
	}
	switch Events(strings.TrimPrefix(envelope.Type, typePrefix)) {
	case EventsTicketCreated:
		return pass(body, to.TicketCreated)
	case EventsTicketMarkedAsSpam:
		return pass(body, to.TicketMarkedAsSpam)
	case EventsTicketStatusChanged:
		return pass(body, to.TicketStatusChanged)
	case EventsTicketPriorityChanged:
		return pass(body, to.TicketPriorityChanged)
	case EventsTicketCommentAdded:
		return pass(body, to.TicketCommentCreated)
	case EventsArticlePublished:
		return pass(body, to.ArticlePublished)
	case EventsArticleUnpublished:
		return pass(body, to.ArticleUnpublished)
	}
	return nil
}

// pass passes a webhook on to an event, with what its payload holds of the body.
func pass[Payload any](body []byte, event func(Payload) error) error {
	var payload Payload
	if err := decode(body, &payload); err != nil {
		return err
	}
	return event(payload)
}

func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the body of the webhook is not as Zendesk documents it: %w", err)
	}
	return nil
}
