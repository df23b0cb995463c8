package embedding_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

func TestDocumentJSON(t *testing.T) {
	t.Parallel()
	docs := []embedding.Document{{Text: "a"}, {Image: []byte("x")}}
	data, err := json.Marshal(docs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`[{"content":"a","content_type":"text"},{"content":"eA==","content_type":"image"}]`, string(data)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	var got []embedding.Document
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(docs, got); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	for _, test := range []struct{ input, want string }{
		{`{"content":"a"}`, "the content_type of a document is neither text nor image"},
		{`{"content":"?","content_type":"image"}`, "the content of a document of type image is not base64"},
	} {
		if err := json.Unmarshal([]byte(test.input), new(embedding.Document)); err == nil || err.Error() != test.want {
			t.Errorf("decoding %s: %v, want %s", test.input, err, test.want)
		}
	}
	for _, test := range []struct {
		document embedding.Document
		want     string
	}{
		{embedding.Document{}, "a document has neither a Text nor an Image"},
		{embedding.Document{Text: "a", Image: []byte("x")}, "a document has both a Text and an Image: make two of it"},
	} {
		if err := test.document.Validate(); err == nil || err.Error() != test.want {
			t.Errorf("Validate: %v, want %s", err, test.want)
		}
		if _, err := json.Marshal(test.document); err == nil {
			t.Errorf("%s, and yet it is sent", test.want)
		}
	}
}

func TestResultJSON(t *testing.T) {
	t.Parallel()
	result := embedding.Result{
		Model: "m", Embeddings: [][]float64{{0.5, -1}, nil},
		Usage: embedding.Usage{
			Tokens: 5, TotalTokens: 5, UnitPrice: runtime.NewDecimal(2, -2), PriceUnit: runtime.NewDecimal(1, -6), TotalPrice: runtime.NewDecimal(1, -7),
			Currency: "USD", Latency: 500 * time.Millisecond,
		},
	}
	data, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"model":"m","embeddings":[[0.5,-1],[]],"usage":{"tokens":5,"total_tokens":5,"unit_price":"0.02","price_unit":"0.000001","total_price":"0.0000001","currency":"USD","latency":0.5}}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if result.Embeddings[1] != nil {
		t.Error("encoding has changed the result")
	}
	var got embedding.Result
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	result.Embeddings[1] = []float64{}
	if diff := cmp.Diff(result, got); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	if data, err := json.Marshal(embedding.Result{}); err != nil || string(data) == "" || json.Unmarshal(data, &got) != nil || len(got.Embeddings) != 0 {
		t.Errorf("an empty result: %s, %v", data, err)
	}
	if err := json.Unmarshal([]byte(`{"model":"m","embeddings":[[1]],"usage":null}`), &got); err != nil || !cmp.Equal(got.Usage, embedding.Usage{}) {
		t.Errorf("no usage: %v, %v", got.Usage, err)
	}
	if err := json.Unmarshal([]byte(`{"model":"m"}`), &got); err == nil || err.Error() != "embeddings are missing" {
		t.Error(err)
	}
	const wrongPrice = "price_unit must be a decimal number such as 0.0015, of at most 64 digits and with an exponent from -64 to 64"
	if err := json.Unmarshal([]byte(`{"usage":{"unit_price":1,"price_unit":"x"}}`), &got); err == nil || err.Error() != wrongPrice {
		t.Errorf("a wrong price: %v, want %s", err, wrongPrice)
	}
}
