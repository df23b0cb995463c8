package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/openai"
)

// checkAfter is after what time Dify asks again for an answer that takes minutes.
const checkAfter = 5 * time.Second

// job is an answer that the gateway works on: what Dify keeps between two questions.
type job struct {
	ID string `json:"id"`
}

// StartPolling lets a model answer in the background, by OpenAI's API of responses. That has no stop words.
func (p *Provider) StartPolling(ctx context.Context, call *LLMCall) (*llm.Polling, error) {
	input := make([]map[string]any, len(call.Messages))
	for i, m := range call.Messages {
		input[i] = map[string]any{"role": m.Role, "content": m.Text()}
	}
	body := map[string]any{"model": call.Model, "input": input, "background": true}
	if limit, ok := call.Parameters.MaxTokens.Get(); ok {
		body["max_output_tokens"] = limit
	}
	return p.poll(ctx, call.Credentials, &openai.Request{Path: "responses", Body: body, Call: call.ModelCall})
}

// CheckPolling asks for the answer.
func (p *Provider) CheckPolling(ctx context.Context, call *CheckPollingCall) (*llm.Polling, error) {
	var j job
	if err := json.Unmarshal(call.State, &j); err != nil || j.ID == "" {
		return nil, errors.New("the state is not one of StartPolling")
	}
	return p.poll(ctx, call.Credentials, &openai.Request{Path: "responses/" + url.PathEscape(j.ID), Call: call.ModelCall})
}

func (p *Provider) poll(ctx context.Context, creds Credentials, request *openai.Request) (*llm.Polling, error) {
	r := new(response)
	if err := p.Ask(ctx, creds, request, r); err != nil {
		return nil, err
	}
	switch text := r.text(); {
	case (r.Status == "queued" || r.Status == "in_progress") && r.ID != "":
		state, err := json.Marshal(job{r.ID})
		return &llm.Polling{State: state, CheckAfter: checkAfter}, err
	case (r.Status == "completed" || r.Status == "incomplete") && text != "": // incomplete by a limit or a filter
		usage := llm.Usage{PromptTokens: r.Usage.InputTokens, CompletionTokens: r.Usage.OutputTokens}
		return &llm.Polling{Result: &llm.Result{Message: llm.Assistant(text), Usage: usage}}, nil
	}
	return &llm.Polling{Failure: r.failure()}, nil
}

// response is how an answer goes on.
type response struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Error  struct {
		Message string `json:"message"`
	} `json:"error"`
	IncompleteDetails struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
	Output []struct {
		Type    string `json:"type"`
		Content []struct {
			Text    string `json:"text"`
			Refusal string `json:"refusal"`
		} `json:"content"`
	} `json:"output"`
	Usage struct {
		InputTokens  int `json:"input_tokens"`
		OutputTokens int `json:"output_tokens"`
	} `json:"usage"`
}

// text returns what the model says. It also outputs thoughts, and what it has searched.
func (r *response) text() string {
	var text strings.Builder
	for _, item := range r.Output {
		if item.Type != "message" {
			continue
		}
		for _, c := range item.Content {
			text.WriteString(c.Text + c.Refusal)
		}
	}
	return text.String()
}

// failure returns why there is no answer.
func (r *response) failure() string {
	why := cmp.Or(r.Error.Message, r.IncompleteDetails.Reason, "the gateway does not say why")
	return fmt.Sprintf("the model has not answered (%s): %s", cmp.Or(r.Status, "no status"), why)
}
