package difytest

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// Embed asks an embedding model for the vectors of texts.
func (h *Host) Embed(call EmbedCall) (*embedding.Result, error) {
	h.tb.Helper()
	return h.embed(model{runtime.ModelTypeTextEmbedding, call.Model, call.Credentials, call.From}, "invoke_text_embedding", "texts", call.Texts, len(call.Texts), call.InputType)
}

// EmbedMultimodal asks an embedding model for the vectors of texts and images.
func (h *Host) EmbedMultimodal(call EmbedMultimodalCall) (*embedding.Result, error) {
	h.tb.Helper()
	m := model{runtime.ModelTypeTextEmbedding, call.Model, call.Credentials, call.From}
	return h.embed(m, "invoke_multimodal_embedding", "documents", call.Documents, len(call.Documents), call.InputType, h.lacks(m, needVision))
}

func (h *Host) embed(m model, action, field string, inputs any, n int, input embedding.InputType, problems ...string) (*embedding.Result, error) {
	h.tb.Helper()
	result := new(embedding.Result)
	fields := map[string]any{field: inputs, "input_type": cmp.Or(input, embedding.InputDocument)}
	if err := h.askOne(m, action, fields, result, append(problems, h.tooMany(m, n))...); err != nil {
		return nil, err
	}
	return result, nil
}

// tooMany says that Dify would not send so many inputs to an embedding model at once, or returns "".
func (h *Host) tooMany(m model, n int) string {
	h.tb.Helper()
	if n == 0 {
		return "the call of the model " + m.name + " has no Texts or Documents"
	}
	if n == 1 {
		return ""
	}
	if most := max(1, h.schema(m).PropertyInt(runtime.PropertyMaxChunks)); n > most {
		return fmt.Sprintf("Dify asks the model %s for no more than %d at once, which is max_chunks of its schema, or 1; the call has %d", m.name, most, n)
	}
	return ""
}

// CountEmbedTokens asks how many tokens each text of a call is.
func (h *Host) CountEmbedTokens(call EmbedCall) ([]int, error) {
	h.tb.Helper()
	problem := ""
	if len(call.Texts) == 0 {
		problem = "the call of the model " + call.Model + " has no Texts, without which Dify makes none"
	}
	var result struct {
		Tokens []int `json:"num_tokens"`
	}
	m := model{runtime.ModelTypeTextEmbedding, call.Model, call.Credentials, call.From}
	err := h.askOne(m, "get_text_embedding_num_tokens", map[string]any{"texts": call.Texts}, &result, problem)
	return result.Tokens, err
}

// Rerank asks a rerank model how well documents answer a query.
func (h *Host) Rerank(call RerankCall) (*rerank.Result, error) {
	h.tb.Helper()
	fields := map[string]any{
		"query": call.Query, "docs": append([]string{}, call.Documents...), "score_threshold": call.ScoreThreshold, "top_n": call.TopN,
	}
	return h.rank(model{runtime.ModelTypeRerank, call.Model, call.Credentials, call.From}, "invoke_rerank", call.Query == "", fields)
}

// RerankMultimodal asks a rerank model how well texts and images answer one.
func (h *Host) RerankMultimodal(call RerankMultimodalCall) (*rerank.Result, error) {
	h.tb.Helper()
	m := model{runtime.ModelTypeRerank, call.Model, call.Credentials, call.From}
	noQuery := call.Query.Text == "" && len(call.Query.Image) == 0
	return h.rank(m, "invoke_multimodal_rerank", noQuery, map[string]any{
		"query": call.Query, "docs": append([]embedding.Document{}, call.Documents...), "score_threshold": call.ScoreThreshold, "top_n": call.TopN,
	}, h.lacks(m, needVision))
}

func (h *Host) rank(m model, action string, noQuery bool, fields map[string]any, problems ...string) (*rerank.Result, error) {
	h.tb.Helper()
	if noQuery {
		problems = append(problems, "the call of the model "+m.name+" has no Query, without which Dify makes none")
	}
	result := new(rerank.Result)
	if err := h.askOne(m, action, fields, result, problems...); err != nil {
		return nil, err
	}
	return result, nil
}

// Speak asks a text-to-speech model to speak a text. It returns the audio file; with an error, what of it
// was sent before.
func (h *Host) Speak(call SpeakCall) ([]byte, error) {
	h.tb.Helper()
	m := model{runtime.ModelTypeTTS, call.Model, call.Credentials, call.From}
	problem := ""
	if call.Text == "" {
		problem = "the call of the model " + call.Model + " has no Text, without which Dify makes none"
	}
	if call.Voice == "" {
		call.Voice = h.schema(m).PropertyText(runtime.PropertyDefaultVoice)
	}
	if call.Voice == "" {
		problem = cmp.Or(problem, "the call of the model "+call.Model+" has no Voice, and the model no default_voice")
	}
	problem = cmp.Or(problem, h.target(runtime.KindModel).noVoice(m, call.Voice))
	results, err := h.ask(m, "invoke_tts", map[string]any{
		"content_text": call.Text, "voice": call.Voice, "tenant_id": cmp.Or(call.TenantID, "tenant-1"),
	}, problem)
	var audio []byte
	for _, data := range results {
		var chunk speech.Chunk
		if json.Unmarshal(data, &chunk) == nil { // what is wrong has been reported
			audio = append(audio, chunk.Audio...)
		}
	}
	return audio, err
}

// Voices asks for the voices of a text-to-speech model.
func (h *Host) Voices(call VoicesCall) ([]speech.Voice, error) {
	h.tb.Helper()
	var result struct{ Voices []speech.Voice }
	m := model{runtime.ModelTypeTTS, call.Model, call.Credentials, call.From}
	err := h.askOne(m, "get_tts_model_voices", map[string]any{"language": call.Language}, &result)
	return result.Voices, err
}

// Transcribe asks a speech-to-text model what is said in a recording.
func (h *Host) Transcribe(call TranscribeCall) (string, error) {
	h.tb.Helper()
	problem := ""
	if len(call.Audio) == 0 {
		problem = "the call of the model " + call.Model + " has no Audio, without which Dify makes none"
	}
	var result struct{ Result string }
	m := model{runtime.ModelTypeSpeech2Text, call.Model, call.Credentials, call.From}
	err := h.askOne(m, "invoke_speech2text", map[string]any{"file": hex.EncodeToString(call.Audio)}, &result, problem)
	return result.Result, err
}

// Moderate asks a moderation model whether a text is against the rules.
func (h *Host) Moderate(call ModerateCall) (flagged bool, err error) {
	h.tb.Helper()
	problem := ""
	if call.Text == "" {
		problem = "the call of the model " + call.Model + " has no Text, without which Dify makes none"
	}
	var result moderation.Result
	m := model{runtime.ModelTypeModeration, call.Model, call.Credentials, call.From}
	err = h.askOne(m, "invoke_moderation", map[string]any{"text": call.Text}, &result, problem)
	return result.Flagged, err
}
