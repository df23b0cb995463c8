package host

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// The actions of triggers.
const (
	ActionDispatch    = "dispatch_trigger_event"
	ActionEvent       = "invoke_trigger_event"
	ActionSubscribe   = "subscribe_trigger"
	ActionRefresh     = "refresh_trigger"
	ActionUnsubscribe = "unsubscribe_trigger"
)

// triggerResults has what Dify takes from triggers (PROTOCOL-CALLS, section 4). The daemon decodes the
// results; that events and variables are not null, and what a response is, is what the API expects.
var triggerResults = map[string]expected{
	ActionDispatch: {objectOf(
		may("user_id", anyText), needs("events", listWith(filledText)), may("payload", anyObject), needs("response", webhookResponse),
	), false},
	ActionEvent:     {objectOf(needs("variables", anyObject), may("cancelled", anyBool)), false},
	ActionSubscribe: {objectOf(needs("subscription", subscription)), false},
	ActionRefresh:   {objectOf(needs("subscription", subscription)), false},
	ActionUnsubscribe: {objectOf(needs("subscription", objectOf(
		needs("success", anyBool), may("message", anyText),
	))), false},
}

// subscription is a subscription as Dify stores it.
var subscription = objectOf(
	needs("expires_at", anyInt), needs("endpoint", anyText), needs("parameters", anyObject), needs("properties", anyObject),
)

// EncodeWebhook returns a webhook as raw_http_request, with the path that all webhooks of a subscription
// have, and the body of the webhook once more.
func EncodeWebhook(r *http.Request, path string) (raw string, body []byte, err error) {
	if body, err = readBody(r); err != nil {
		return "", nil, err
	}
	header := r.Header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	header.Del("Content-Length")
	header.Del("Transfer-Encoding") // the body arrives decoded
	if len(body) > 0 {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	target := path
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	raw, err = encodeHTTP(r, target, header, body)
	return raw, body, err
}

// webhookResponse is the answer to a webhook.
func webhookResponse(data json.RawMessage) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return errors.New("is not a text")
	}
	_, err := DecodeWebhookResponse(text) //nolint:bodyclose // the body is a copy
	return err
}

// DecodeWebhookResponse returns the answer to a webhook, as Dify sends it to whoever has sent the webhook.
// The text is that of the result: a response of HTTP/1.1 in hexadecimal. One to a HEAD request has no body.
func DecodeWebhookResponse(text string) (*http.Response, error) {
	data, err := hex.DecodeString(text)
	if err != nil {
		return nil, errors.New("is not a text in hexadecimal")
	}
	buffered := bufio.NewReader(bytes.NewReader(data))
	resp, err := http.ReadResponse(buffered, nil)
	if err != nil {
		return nil, errors.New("is not a response of HTTP/1.1")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	_, behind := buffered.Peek(1)
	switch {
	case resp.StatusCode < http.StatusOK:
		return nil, fmt.Errorf("has the status %d, which is not that of an answer", resp.StatusCode)
	case len(resp.TransferEncoding) > 0:
		return nil, errors.New("has a Transfer-Encoding, which Dify does not decode")
	case err != nil && len(body) > 0, behind == nil:
		return nil, errors.New("has a Content-Length that is not the length of its body")
	}
	for name, values := range resp.Header {
		if len(values) > 1 {
			return nil, fmt.Errorf("has %d headers %s, of which Dify sends the last one", len(values), name)
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
