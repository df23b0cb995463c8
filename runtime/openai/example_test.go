package openai_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/openai"
)

// Credentials and LLMParameters stand for those that difygen generates.
type Credentials struct {
	BaseURL string
	APIKey  runtime.Secret
	Model   string
}

type LLMParameters struct{ MaxTokens runtime.Optional[int64] }

func (p LLMParameters) Values() map[string]any {
	values := make(map[string]any)
	if v, ok := p.MaxTokens.Get(); ok {
		values["max_tokens"] = v
	}
	return values
}

// A provider embeds a Base, which has the methods that call models.
type Provider struct {
	openai.Base[Credentials, LLMParameters]
}

// New returns a provider.
func New() *Provider {
	return &Provider{openai.Base[Credentials, LLMParameters]{Config: func(c Credentials) openai.Config {
		return openai.Config{
			BaseURL: c.BaseURL,
			APIKey:  c.APIKey,
			Model:   c.Model, // if the service calls the model otherwise than Dify
			Prepare: func(req *openai.Request) {
				delete(req.Body, "user") // which this service refuses
			},
		}
	}}}
}

func Example() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Hello!\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer service.Close()

	p := New()
	creds := Credentials{BaseURL: service.URL, APIKey: runtime.NewSecret("sk-test")}
	if err := p.CheckModel(context.Background(), creds, runtime.ModelTypeLLM, "small"); err != nil {
		fmt.Println(err)
	}

	call := &llm.Call[Credentials, LLMParameters]{Credentials: creds, Messages: []llm.Message{llm.User("hi")}, Stream: true}
	call.Model = "small"
	out := llm.NewOutput(call.ModelCall, call.Stream, func(c *llm.Chunk) error {
		fmt.Printf("%q %q\n", c.Text(), c.FinishReason)
		return nil
	})
	if err := out.End(p.LLM(context.Background(), call, out)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// "Hello!" ""
	// "" "stop"
}
