package invoke

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/speech"
)

// Speech calls text-to-speech models that the workspace has. It needs the permissions model.enabled
// and model.tts.
type Speech struct{ service service }

// Speech returns the service.
func (s Session) Speech() Speech { return Speech{s.service()} }

// SpeechRequest asks a model to read a text out.
type SpeechRequest struct {
	Model runtime.ModelSelector
	Text  string
	Voice string // empty is that of Model
}

type wireSpeech struct {
	wireModel
	Text  string `json:"content_text"`
	Voice string `json:"voice"`
}

// Speak returns the pieces of an audio file, often of MP3. All of them, in their order, are the file.
// The request is sent when the loop begins, and given up when it is left. An error comes last.
func (s Speech) Speak(ctx context.Context, req *SpeechRequest) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		w, err := given(req).wire()
		if err != nil {
			yield(nil, err)
			return
		}
		stream(ctx, s.service, "tts", w, func(data json.RawMessage) ([]byte, error) {
			var piece speech.Piece
			err := decode("tts", data, &piece)
			return piece.Audio, err
		})(yield)
	}
}

func (r *SpeechRequest) wire() (wireSpeech, error) {
	model, err := modelOf(r.Model)
	w := wireSpeech{model, r.Text, cmp.Or(r.Voice, r.Model.Voice)}
	switch {
	case err != nil:
		return w, err
	case w.Text == "":
		return w, errors.New("a call of a text-to-speech model has no Text")
	case w.Voice == "":
		return w, errors.New("a call of a text-to-speech model needs a Voice: neither the request nor Model has one")
	}
	return w, nil
}
