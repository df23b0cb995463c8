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

// TranscriptionRequest asks a model to write down what somebody says.
type TranscriptionRequest struct {
	Model runtime.ModelSelector
	// Audio is an audio file. Dify gives it to the model with the extension mp3. It is sent in
	// hexadecimal: about 2.5 MiB fit into a call over standard output, and 3 MiB in serverless mode.
	Audio []byte
}

type wireTranscription struct {
	wireModel
	File string `json:"file"`
}

// Transcribe returns the text of an audio file. The error of one that is too large for the transport
// is a *TooLargeError.
func (t Transcription) Transcribe(ctx context.Context, req *TranscriptionRequest) (string, error) {
	req = given(req)
	model, err := modelOf(req.Model)
	switch {
	case err != nil:
		return "", err
	case len(req.Audio) == 0:
		return "", errors.New("a call of a speech-to-text model has no Audio")
	}
	if err := t.service.fits(hex.EncodedLen(len(req.Audio))); err != nil {
		return "", err
	}
	var reply struct{ Result *string }
	if err := t.service.one(ctx, "speech2text", wireTranscription{model, hex.EncodeToString(req.Audio)}, &reply); err != nil {
		return "", err
	}
	return present("speech2text", "result", reply.Result)
}
