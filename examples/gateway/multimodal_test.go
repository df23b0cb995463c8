package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/rerank"
)

// documents are a text and an image, and documentItems what a gateway gets of them.
var (
	documents     = []embedding.Document{{Text: "a"}, {Image: []byte{0, 1}}}
	documentItems = []any{map[string]any{"text": "a"}, map[string]any{"image": "AAE="}}
)

func TestEmbedMultimodal(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	r, err := h.EmbedMultimodal(difytest.EmbedMultimodalCall{Model: gateway.ModelPictures, Credentials: g.creds(), Documents: documents})
	if err != nil || !cmp.Equal(r.Embeddings, [][]float64{{0.5, -1}, {0.5, -1}}) || r.Usage.TotalTokens != 4 || r.Usage.TotalPrice.String() != "0.0000002" {
		t.Errorf("got %+v, %v", r, err)
	}
	if diff := cmp.Diff(map[string]any{"model": "pictures", "input": documentItems}, g.request()); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	swapped := start(t, writing(`{"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":[0]}]}`))
	r, err = h.EmbedMultimodal(difytest.EmbedMultimodalCall{Model: gateway.ModelPictures, Credentials: atURL(swapped), Documents: documents})
	if err != nil || !cmp.Equal(r.Embeddings, [][]float64{{0}, {1}}) {
		t.Errorf("in another order: got %+v, %v", r, err)
	}
}

func TestRerankMultimodal(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	for _, test := range []struct {
		query embedding.Document
		want  any
	}{
		{documents[0], "a"},
		{documents[1], documentItems[1]},
	} {
		r, err := h.RerankMultimodal(difytest.RerankMultimodalCall{Model: gateway.ModelViewer, Credentials: g.creds(), Query: test.query, Documents: documents})
		if want := []rerank.Match{{Index: 1, Score: 0.75}, {Index: 0, Text: "a", Score: 0.25}}; err != nil || !cmp.Equal(r.Matches, want) {
			t.Errorf("got %+v, %v", r, err)
		}
		want := map[string]any{"model": "viewer", "query": test.want, "documents": documentItems, "return_documents": false}
		if diff := cmp.Diff(want, g.request()); diff != "" {
			t.Errorf("the request (-want +got):\n%s", diff)
		}
	}
}

func TestMultimodalFailures(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(gateway.New()))
	creds := atURL(start(t, failing(429, "Slow down")))
	const want = "the service returned status 429 Too Many Requests: Slow down"
	_, err := h.EmbedMultimodal(difytest.EmbedMultimodalCall{Model: gateway.ModelPictures, Credentials: creds, Documents: documents})
	difytest.WantError(t, err, runtime.ErrorInvokeRateLimit, want)
	_, err = h.RerankMultimodal(difytest.RerankMultimodalCall{Model: gateway.ModelViewer, Credentials: creds, Query: documents[0], Documents: documents})
	difytest.WantError(t, err, runtime.ErrorInvokeRateLimit, want)
	creds = atURL(start(t, writing(`{"data":[{"embedding":[1]}],"results":[{"index":2,"relevance_score":1}]}`)))
	_, err = h.EmbedMultimodal(difytest.EmbedMultimodalCall{Model: gateway.ModelPictures, Credentials: creds, Documents: documents})
	difytest.WantError(t, err, runtime.ErrorInvoke, "the model has returned 1 vectors for 2 inputs")
	_, err = h.RerankMultimodal(difytest.RerankMultimodalCall{Model: gateway.ModelViewer, Credentials: creds, Query: documents[0], Documents: documents})
	difytest.WantError(t, err, runtime.ErrorInvoke, "the model has rated document 3, but there are 2")
}

// atURL returns credentials for a gateway that asks for the key of tests.
func atURL(base string) map[string]any {
	return map[string]any{"base_url": base, "auth_method": "api_key", "api_key": gatewayKey}
}
