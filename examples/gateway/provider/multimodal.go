package gateway

import (
	"cmp"
	"context"
	"slices"

	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/openai"
	"github.com/difygen/difygen/runtime/rerank"
)

// item is a text or an image as Jina's API has it, and gateways that offer its models.
type item struct {
	Text  string `json:"text,omitempty"`
	Image []byte `json:"image,omitempty"` // base64 in JSON
}

func items(documents []embedding.Document) []item {
	list := make([]item, len(documents))
	for i, d := range documents {
		list[i] = item(d)
	}
	return list
}

// EmbedMultimodal returns a vector for each text or image.
func (p *Provider) EmbedMultimodal(ctx context.Context, call *EmbedMultimodalCall) (*embedding.Result, error) {
	request := &openai.Request{Path: "embeddings", Call: call.ModelCall, Body: map[string]any{
		"model": call.Model, "input": items(call.Documents),
	}}
	type vector struct {
		Index     int       `json:"index"`
		Embedding []float64 `json:"embedding"`
	}
	var answer struct {
		Data  []vector `json:"data"`
		Usage struct {
			Tokens int `json:"total_tokens"`
		} `json:"usage"`
	}
	if err := p.Ask(ctx, call.Credentials, request, &answer); err != nil {
		return nil, err
	}
	slices.SortStableFunc(answer.Data, func(a, b vector) int { return cmp.Compare(a.Index, b.Index) })
	result := &embedding.Result{Usage: embedding.Usage{Tokens: answer.Usage.Tokens}}
	for _, v := range answer.Data {
		result.Embeddings = append(result.Embeddings, v.Embedding)
	}
	return result, nil
}

// RerankMultimodal rates texts and images by how well they answer a text or an image.
func (p *Provider) RerankMultimodal(ctx context.Context, call *RerankMultimodalCall) (*rerank.Result, error) {
	query := any(item(call.Query))
	if call.Query.Text != "" {
		query = call.Query.Text // as all gateways take it
	}
	request := &openai.Request{Path: "rerank", Call: call.ModelCall, Body: map[string]any{
		"model": call.Model, "query": query, "documents": items(call.Documents), "return_documents": false,
	}}
	var answer struct {
		Results []struct {
			Index int     `json:"index"`
			Score float64 `json:"relevance_score"`
		} `json:"results"`
	}
	if err := p.Ask(ctx, call.Credentials, request, &answer); err != nil {
		return nil, err
	}
	result := new(rerank.Result)
	for _, r := range answer.Results {
		result.Matches = append(result.Matches, rerank.Match{Index: r.Index, Score: r.Score})
	}
	return result, nil
}
