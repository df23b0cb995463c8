package invoke

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/difygen/difygen/runtime"
)

// Transcription calls speech-to-text models that the workspace has. It needs the permissions
// model.enabled and model.speech2text.
type Transcription struct{ service service }

// Transcription returns the service.
func (s Session) Transcription() Transcription { return Transcription{s.service()} }

// TranscriptionRequest asks a model to write down what somebody says. Model and Audio are required.
type TranscriptionRequest struct {
	Model runtime.ModelSelector
	// Audio is an audio file. Dify gives it to the model with the extension mp3. It is sent in
	// hexadecimal: about 2.5 MiB fit into a call over standard output, and 3 MiB in serverless mode.
	Audio []byte
}

type wireTranscription struct {
	wireModel
	File string `json:"file"` // hexadecimal
}

// wire returns the call, if it fits into one of s.
func (r *TranscriptionRequest) wire(s service) (wireTranscription, error) {
	model, err := modelOf(r.Model)
	w := wireTranscription{wireModel: model}
	switch {
	case err != nil:
		return w, err
	case len(r.Audio) == 0:
		return w, errors.New("a call of a speech-to-text model has no Audio")
	}
	if err := s.fits(hex.EncodedLen(len(r.Audio))); err != nil {
		return w, err
	}
	w.File = hex.EncodeToString(r.Audio)
	return w, nil
}

// Transcribe returns the text of an audio file. The error of one that is too large for the transport
// is a *TooLargeError.
func (t Transcription) Transcribe(ctx context.Context, req *TranscriptionRequest) (string, error) {
	w, err := given(req).wire(t.service)
	if err != nil {
		return "", err
	}
	var reply struct{ Result *string }
	if err := t.service.one(ctx, typeTranscription, w, &reply); err != nil {
		return "", err
	}
	return present(typeTranscription, "result", reply.Result)
}
