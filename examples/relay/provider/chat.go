package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// Chat answers a question, in at most as many words as the path says, with what the model says, as
// it says it.
func (p *Provider) Chat(w http.ResponseWriter, r *http.Request, call *ChatCall) error {
	question, ok := readQuestion(w, r, call.Settings)
	if !ok {
		return nil
	}
	if call.Settings.Model == nil {
		http.Error(w, "this endpoint has no model", http.StatusNotFound)
		return nil
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	begun := false
	request := &invoke.LLMRequest{Model: *call.Settings.Model, Messages: []llm.Message{
		llm.System(fmt.Sprintf("Answer in at most %d words.", call.Path.Words)),
		llm.User(question),
	}}
	for chunk, err := range call.Dify.LLM.Stream(r.Context(), request) {
		switch {
		case err != nil && begun:
			return fmt.Errorf("the model failed: %w", err) // nobody must take what has been sent for all
		case err != nil:
			fail(w, r, err)
			return nil
		case chunk.Text() == "":
			continue
		}
		begun = true
		if _, err := io.WriteString(w, chunk.Text()); err != nil {
			return nil // the client is gone, and so the model can stop
		}
		// What is flushed too often reaches Dify in fewer, larger pieces.
		_ = http.NewResponseController(w).Flush()
	}
	return nil
}

// fail answers a request whose model has failed.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "The model failed.", "error", err)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, invoke.ErrTimeout) {
		http.Error(w, "the model timed out", http.StatusGatewayTimeout)
		return
	}
	http.Error(w, "the model failed", http.StatusBadGateway)
}
