package openai_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/openai"
)

// TestAsk makes requests that the package knows nothing of.
func TestAsk(t *testing.T) {
	t.Parallel()
	s := serve(t, say(200, `{"id":"job-1","error":null}`))
	b := newBase()
	creds := form{url: s.URL, config: func(c *openai.Config) {
		c.Prepare = func(r *openai.Request) { r.Body["prepared"] = r.Path + " of " + r.Call.Model }
	}}
	var answer struct{ ID string }
	call := runtime.ModelCall{Model: "small"}
	err := b.Ask(t.Context(), creds, &openai.Request{Path: "jobs", Body: map[string]any{"a": 1}, Call: call}, &answer)
	if err != nil || answer.ID != "job-1" {
		t.Fatalf("got %+v, %v", answer, err)
	}
	if err := b.Ask(t.Context(), creds, &openai.Request{Path: "jobs/a%2Fb", Call: call}, &answer); err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if want := map[string]any{"a": 1.0, "prepared": "jobs of small"}; got[0].Path != "/v1/jobs" || !cmp.Equal(got[0].Body, want) {
		t.Errorf("the first request: %s %v", got[0].Path, got[0].Body)
	}
	if got[1].Path != "/v1/jobs/a%2Fb" || len(got[1].Raw) > 0 || got[1].Header.Get("Authorization") != "Bearer "+key {
		t.Errorf("the second request: %s %s", got[1].Path, got[1].Raw)
	}
}

func TestAskFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status   int
		answer   string
		wantType runtime.ErrorType
		want     string
	}{
		"429":          {429, `{"error":{"message":"Slow down"}}`, runtime.ErrorInvokeRateLimit, "the service returned status 429 Too Many Requests: Slow down"},
		"401":          {401, `{"error":{"message":"Wrong key: ` + key + `"}}`, runtime.ErrorInvokeAuthorization, "the service returned status 401 Unauthorized"},
		"a web page":   {200, `<html>`, runtime.ErrorInvoke, "the service has answered with a web page: check the base URL"},
		"another type": {200, `{"id":1}`, runtime.ErrorInvoke, "id in the answer of the service has the wrong type"},
		"cut":          {200, `{"id":`, runtime.ErrorInvoke, "the answer of the service is not the JSON that was expected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answer struct {
				ID string `json:"id"`
			}
			s := serve(t, say(test.status, test.answer))
			err := newBase().Ask(t.Context(), form{url: s.URL}, &openai.Request{Path: "jobs"}, &answer)
			checkError(t, err, test.wantType, test.want)
		})
	}
}
