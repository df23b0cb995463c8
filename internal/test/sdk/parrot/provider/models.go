package parrot

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// LLM does what the prompt says. Where the SDK asks for a code block, it does, too.
func (p *Provider) LLM(ctx context.Context, call *LLMCall, out *llm.Output) error {
	if err := refused(prompt(call)); err != nil {
		return err
	}
	call = llm.AskForCodeBlock(call, out, llm.CodeFormat(call.Parameters.ResponseFormat.Or("")))
	count := 0
	for piece, err := range speak(ctx, call) {
		if err == nil {
			err = write(out, piece)
		}
		if err != nil {
			return err
		}
		count++
	}
	tokens, err := p.CountTokens(ctx, call)
	if err != nil {
		return err
	}
	return out.Finish(finish(call), llm.Usage{PromptTokens: tokens, CompletionTokens: count})
}

func write(out *llm.Output, p piece) error {
	switch {
	case p.call != nil:
		return out.ToolCall(*p.call)
	case p.image != nil:
		return out.Part(&llm.Image{Data: p.image, MIMEType: "image/png"})
	case p.reasoning:
		return out.Reasoning(p.text)
	}
	return out.Text(p.text)
}

// CountTokens counts words and tools.
func (p *Provider) CountTokens(_ context.Context, call *LLMCall) (int, error) {
	n := len(call.Tools)
	for _, m := range call.Messages {
		n += words(m.Text())
	}
	return n, nil
}

// polling is the state of a call that Dify asks for from time to time.
type polling struct {
	Prompt string `json:"prompt"`
	Left   int    `json:"left"` // how many times it still runs
}

func (s polling) running() (*llm.Polling, error) {
	state, err := json.Marshal(s)
	return &llm.Polling{State: state}, err
}

// StartPolling starts a call.
func (p *Provider) StartPolling(_ context.Context, call *LLMCall) (*llm.Polling, error) {
	if err := refused(prompt(call)); err != nil {
		return nil, err
	}
	started, err := polling{prompt(call), 1}.running()
	if err != nil {
		return nil, err
	}
	started.CheckAfter, started.GiveUpAfter, started.MaxAttempts = 2*time.Second, time.Minute, 5
	return started, nil
}

// CheckPolling reports on a call.
func (p *Provider) CheckPolling(ctx context.Context, call *CheckPollingCall) (*llm.Polling, error) {
	var s polling
	if err := json.Unmarshal(call.State, &s); err != nil {
		return nil, fmt.Errorf("the state of the call: %w", err)
	}
	switch {
	case s.Left > 0:
		s.Left--
		return s.running()
	case s.Prompt == "refuse":
		return &llm.Polling{Failure: "the parrot is tired"}, nil
	}
	return p.result(ctx, call, s.Prompt)
}

// result is what a call has written that answers a prompt with text alone.
func (p *Provider) result(ctx context.Context, call *CheckPollingCall, prompt string) (*llm.Polling, error) {
	asked := LLMCall{ModelCall: call.ModelCall, Credentials: call.Credentials, Messages: []llm.Message{llm.User(prompt)}}
	var text strings.Builder
	count := 0
	for piece, err := range speak(ctx, &asked) {
		if err != nil {
			return nil, err
		}
		text.WriteString(piece.text)
		count++
	}
	return &llm.Polling{Result: &llm.Result{
		Model: call.Model, Message: llm.Assistant(text.String()),
		Usage: llm.Usage{PromptTokens: words(prompt), CompletionTokens: count},
	}}, nil
}

// Embed returns a vector for each text.
func (p *Provider) Embed(ctx context.Context, call *EmbedCall) (*embedding.Result, error) {
	result := &embedding.Result{}
	counts, err := p.CountEmbedTokens(ctx, call)
	if err != nil {
		return nil, err
	}
	for i, text := range call.Texts {
		if err := refused(text); err != nil {
			return nil, err
		}
		query := 0.0
		if call.InputType == embedding.InputQuery {
			query = 1
		}
		result.Embeddings = append(result.Embeddings, append(vector([]byte(text)), query))
		result.Usage.Tokens += counts[i]
	}
	return result, nil
}

// EmbedMultimodal returns a vector for each document.
func (p *Provider) EmbedMultimodal(_ context.Context, call *EmbedMultimodalCall) (*embedding.Result, error) {
	result := &embedding.Result{Usage: embedding.Usage{Tokens: len(call.Documents)}}
	for _, d := range call.Documents {
		result.Embeddings = append(result.Embeddings, vector(content(d)))
	}
	return result, nil
}

// CountEmbedTokens counts words.
func (p *Provider) CountEmbedTokens(_ context.Context, call *EmbedCall) ([]int, error) {
	counts := make([]int, len(call.Texts))
	for i, text := range call.Texts {
		counts[i] = words(text)
	}
	return counts, nil
}

// Rerank rates texts by the words that they share with the query.
func (p *Provider) Rerank(_ context.Context, call *RerankCall) (*rerank.Result, error) {
	if err := refused(call.Query); err != nil {
		return nil, err
	}
	return rated(call.Query, call.Documents), nil
}

// RerankMultimodal rates images, too, by what they are in base64.
func (p *Provider) RerankMultimodal(_ context.Context, call *RerankMultimodalCall) (*rerank.Result, error) {
	texts := make([]string, len(call.Documents))
	for i, d := range call.Documents {
		texts[i] = inText(d)
	}
	return rated(inText(call.Query), texts), nil
}

func inText(d embedding.Document) string {
	if d.Text != "" {
		return d.Text
	}
	return base64.StdEncoding.EncodeToString(d.Image)
}

func rated(query string, documents []string) *rerank.Result {
	result := &rerank.Result{}
	for i, text := range documents {
		result.Matches = append(result.Matches, rerank.Match{Index: i, Text: text, Score: score(query, text)})
	}
	slices.SortStableFunc(result.Matches, func(a, b rerank.Match) int { return cmp.Compare(b.Score, a.Score) })
	return result
}

// Speak speaks each word for itself.
func (p *Provider) Speak(_ context.Context, call *SpeakCall, out *speech.Output) error {
	if err := refused(call.Text); err != nil {
		return err
	}
	for word := range strings.SplitSeq(call.Text, " ") {
		if _, err := fmt.Fprintf(out, "%s:%s;", call.Voice, word); err != nil {
			return err
		}
	}
	return nil
}

// Voices are those that the model declares.
func (p *Provider) Voices(_ context.Context, call *VoicesCall) ([]speech.Voice, error) {
	return call.DeclaredVoices(), nil
}

// Transcribe takes the recording for text.
func (p *Provider) Transcribe(_ context.Context, call *TranscribeCall) (string, error) {
	return string(call.Audio), refused(string(call.Audio))
}

// Moderate refuses parrot soup.
func (p *Provider) Moderate(_ context.Context, call *ModerateCall) (bool, error) {
	return strings.Contains(call.Text, "parrot soup"), refused(call.Text)
}
