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

// SpeechRequest asks a model to read a text out. Model and Text are required.
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

func (r *SpeechRequest) wire() (wireSpeech, error) {
	model, err := modelOf(r.Model)
	w := wireSpeech{model, r.Text, cmp.Or(r.Voice, r.Model.Voice)}
	switch {
	case err != nil:
		return w, err
	case w.Text == "":
		return w, errors.New("a call of a text-to-speech model has no Text")
	case w.Voice == "":
		return w, errors.New("a call of a text-to-speech model has no Voice: neither the request nor its Model says one")
	}
	return w, nil
}

// Speak returns the pieces of an audio file, often of MP3. All of them, in their order, are the file.
func (s Speech) Speak(ctx context.Context, req *SpeechRequest) iter.Seq2[[]byte, error] {
	return stream(ctx, s.service, typeSpeech, given(req).wire, func(data json.RawMessage) ([]byte, error) {
		var chunk speech.Chunk
		err := decode(typeSpeech, data, &chunk)
		return chunk.Audio, err
	})
}
