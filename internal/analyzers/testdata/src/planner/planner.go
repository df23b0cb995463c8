// Package planner is an agent strategy without mistakes.
package planner

import (
	"context"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// Provider plans.
type Provider struct {
	HTTPClient *http.Client
	URL        string
}

func (p *Provider) Plan(ctx context.Context, call *PlanCall, out *PlanOutput) error {
	var found struct{ Title string }
	if key := call.Parameters.SearchKey; !key.IsZero() {
		req, err := runtime.NewJSONRequest(ctx, http.MethodGet, p.URL+"?q="+url.QueryEscape(call.Parameters.Query), nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+key.Reveal())
		if err := runtime.DoJSON(p.HTTPClient, req, &found); err != nil {
			return err
		}
	}
	for chunk, err := range call.Dify.LLM.Stream(ctx, &invoke.LLMRequest{
		Model: call.Parameters.Model.ModelSelector, Messages: []llm.Message{llm.System(found.Title), llm.User(call.Parameters.Query)},
	}) {
		if err != nil {
			return err
		}
		if err := out.Text(chunk.Text()); err != nil {
			return err
		}
	}
	return nil
}
