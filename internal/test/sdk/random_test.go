package sdk_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// random are requests that are different from each other, but the same each time.
func random() []request {
	r := rand.New(rand.NewPCG(1, 2))
	var list []request
	for i := range 200 {
		list = append(list,
			request{fmt.Sprintf("random parameters %d", i), "invoke_llm", "llm", "words", call("report", object{"model_parameters": randomParameters(r), "stream": false})},
			request{fmt.Sprintf("random messages %d", i), "invoke_llm", "llm", "words", call("", object{"prompt_messages": randomMessages(r), "stream": r.IntN(2) == 0})},
			request{fmt.Sprintf("random texts %d", i), "invoke_text_embedding", "text-embedding", "vector", object{"texts": randomTexts(r), "input_type": "query"}},
			request{fmt.Sprintf("random documents %d", i), "invoke_rerank", "rerank", "order", object{
				"query": randomText(r), "docs": randomTexts(r), "score_threshold": float64(r.IntN(5)) / 4, "top_n": r.IntN(4),
			}},
		)
	}
	return list
}

// randomParameters returns values, of which most are right. No booleans are among those of numbers:
// they are a difference.
func randomParameters(r *rand.Rand) object {
	parameters := object{}
	for _, name := range []string{"temperature", "top_p", "top_k", "length", "max_tokens", "seed", "width", "steps"} {
		if r.IntN(3) == 0 {
			parameters[name] = randomNumber(r)
		}
	}
	for _, name := range []string{"nickname", "notes", "response_format", "style", "beak"} {
		if r.IntN(8) == 0 {
			parameters[name] = randomText(r)
		}
	}
	if r.IntN(4) == 0 {
		parameters["style"] = "loud"
	}
	return parameters
}

// randomNumber returns a number with few places, and sometimes something else.
func randomNumber(r *rand.Rand) any {
	switch r.IntN(12) {
	case 0:
		return randomText(r)
	case 1:
		return r.Float64()
	case 2:
		return r.IntN(10_000) - 100
	case 3:
		return []any{0.0, math.Copysign(0, -1), 1e300, 5e-324, 1e15, -1e-7}[r.IntN(6)]
	case 4, 5, 6:
		return r.IntN(100)
	}
	places := math.Pow(10, float64(r.IntN(4)))
	return math.Round(r.Float64()*places) / places
}

// letters are what texts are made of.
var letters = []string{"a", "b", " ", "red ", "blue ", "\n", "\t", "\"", "\\", "<", "&", "é", "漢", "🦜", "e\u0301", "\u2028", "\x00", "\x1b", "\x7f", "\u200b", "\ufeff", "{", "}"}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(letters[r.IntN(len(letters))])
	}
	return b.String()
}

func randomTexts(r *rand.Rand) []any {
	texts := []any{}
	for range r.IntN(6) {
		texts = append(texts, randomText(r))
	}
	return texts
}

func randomMessages(r *rand.Rand) []any {
	messages := []any{}
	for range r.IntN(4) {
		role := []string{"system", "user", "assistant", "tool", "developer"}[r.IntN(5)]
		m := message(role, randomText(r))
		switch {
		case role == "user" && r.IntN(2) == 0:
			m["content"] = []any{part("text", object{"data": randomText(r)}), part("image", object{"url": "https://example.com/" + randomText(r), "format": "png", "mime_type": "image/png", "detail": "low"})}
		case role == "assistant":
			m["tool_calls"] = []any{object{"id": randomText(r), "type": "function", "function": object{"name": randomText(r), "arguments": randomText(r)}}}
		case role == "tool":
			m["name"], m["tool_call_id"] = randomText(r), randomText(r)
		}
		messages = append(messages, m)
	}
	prompt := []string{"report", "say " + randomText(r), "think " + randomText(r), randomText(r)}[r.IntN(4)]
	return append(messages, message("user", prompt))
}
