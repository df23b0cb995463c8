package openai

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

type embeddingAnswer struct {
	Data []struct {
		Index     *int   `json:"index"`
		Embedding vector `json:"embedding"`
	} `json:"data"`
	Usage usage `json:"usage"`
}

// vector is a list of numbers, or the base64 of numbers of 32 bits, lowest byte first.
type vector []float64

var errVector = errors.New("a vector is neither a list of numbers nor base64")

func (v *vector) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var encoded string
		if json.Unmarshal(data, &encoded) != nil {
			return errVector
		}
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(raw)%4 != 0 {
			return errVector
		}
		*v = make(vector, len(raw)/4)
		for i := range *v {
			(*v)[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
			if math.IsNaN((*v)[i]) || math.IsInf((*v)[i], 0) {
				return errVector
			}
		}
		return nil
	}
	if json.Unmarshal(data, (*[]float64)(v)) != nil {
		return errVector
	}
	return nil
}

// embed returns the vectors of texts, of as many by a request as the model takes.
func (c *client) embed(ctx context.Context, texts []string) (*embedding.Result, error) {
	result := &embedding.Result{Model: c.call.Model, Embeddings: make([][]float64, 0, len(texts))}
	most := c.call.Schema.PropertyInt(runtime.PropertyMaxChunks)
	if most <= 0 {
		most = max(len(texts), 1)
	}
	for batch := range slices.Chunk(texts, most) {
		vectors, tokens, err := c.embedBatch(ctx, batch)
		if err != nil {
			return nil, err
		}
		result.Embeddings = append(result.Embeddings, vectors...)
		result.Usage.Tokens += tokens
	}
	result.Usage.TotalTokens = result.Usage.Tokens
	return result, nil
}

func (c *client) embedBatch(ctx context.Context, texts []string) (vectors [][]float64, tokens int, err error) {
	body := map[string]any{"model": c.model, "input": texts, "encoding_format": "float"}
	if c.call.UserID != "" {
		body["user"] = c.call.UserID
	}
	var answer embeddingAnswer
	if err := c.postJSON(ctx, pathEmbeddings, body, &answer); err != nil {
		return nil, 0, err
	}
	if len(answer.Data) != len(texts) {
		return nil, 0, fmt.Errorf("the service has answered %d vectors for %d texts", len(answer.Data), len(texts))
	}
	vectors = make([][]float64, len(texts))
	for i, d := range answer.Data {
		if d.Index != nil {
			i = *d.Index
		}
		if i < 0 || i >= len(texts) || vectors[i] != nil || len(d.Embedding) == 0 {
			return nil, 0, errors.New("the service has not answered one vector for each text")
		}
		vectors[i] = d.Embedding
	}
	return vectors, cmp.Or(answer.Usage.TotalTokens, answer.Usage.PromptTokens), nil
}

func (a *embeddingAnswer) empty() bool { return len(a.Data) == 0 }
