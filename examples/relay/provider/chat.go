package relay

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// chat answers a question with what the model says, as it says it.
func (e *relay) chat(w http.ResponseWriter, r *http.Request) {
	question, ok := e.question(w, r)
	if !ok {
		return
	}
	if e.settings.Model == nil {
		http.Error(w, "this endpoint has no model", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	begun := false
	request := &invoke.LLMRequest{Model: *e.settings.Model, Messages: []llm.Message{llm.User(question)}}
	for chunk, err := range DifyFromContext(r.Context()).LLM.Stream(r.Context(), request) {
		switch {
		case err != nil:
			fail(w, r, begun, err)
			return
		case chunk.Text() == "":
			continue
		}
		begun = true
		if _, err := io.WriteString(w, chunk.Text()); err != nil {
			return // the client is gone, and so the model can stop
		}
		// What is flushed too often reaches Dify in fewer, larger pieces.
		_ = http.NewResponseController(w).Flush()
	}
}

// fail answers a request whose model has failed. If its answer has begun, it is broken off, so that
// nobody takes it for the whole one.
func fail(w http.ResponseWriter, r *http.Request, begun bool, err error) {
	slog.ErrorContext(r.Context(), "The model failed.", "error", err)
	switch {
	case begun:
		panic(http.ErrAbortHandler)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, invoke.ErrTimeout):
		http.Error(w, "the model timed out", http.StatusGatewayTimeout)
	default:
		http.Error(w, "the model failed", http.StatusBadGateway)
	}
}
