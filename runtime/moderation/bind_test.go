package moderation_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/difygen/difygen/internal/test/modeltest"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/moderation"
)

type moderator struct{}

func (moderator) Moderate(_ context.Context, call *moderation.Call[string]) (bool, error) {
	if call.Text == "fail" {
		return true, &runtime.StatusError{StatusCode: http.StatusBadGateway}
	}
	return call.Text == "u m k" || call.Text == call.UserID+" "+call.Model+" "+call.Credentials, nil
}

func TestBind(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		`{"text":"u m k"}`:                `{"result":true}`,
		`{"text":"fine"}`:                 `{"result":false}`,
		`{"text":"fail"}`:                 "InvokeServerUnavailableError: the service returned status 502 Bad Gateway",
		`{"text":""}`:                     "ValidationError: text of the request is missing",
		`{"text":1}`:                      "ValidationError: text of the request has the wrong type",
		`{"text":"a","credentials":{}}`:   "InvokeAuthorizationError: P: Key (key) is required",
		`{"text":"a","model_type":"llm"}`: `{"result":false}`, // the session looks at the keys of routes
	} {
		if got := modeltest.Answer(t, moderation.Bind(moderator{}, modeltest.Key), "", "invoke_moderation", fields); got != want {
			t.Errorf("%s: got %s, want %s", fields, got, want)
		}
	}
}
