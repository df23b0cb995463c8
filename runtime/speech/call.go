package speech

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Call asks a text-to-speech model to speak a text. C are the credentials that a provider declares;
// generated code has an alias for it, SpeakCall.
type Call[C any] struct {
	runtime.ModelCall
	Credentials C
	Text        string
	Voice       string // the Value of a Voice
	TenantID    string
}

// VoicesCall asks for the voices of a text-to-speech model.
type VoicesCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Language    string // such as "en-US"; "" for all
}

// Declared returns the voices in the schema of the model (model_properties.voices) that speak the language of the call.
func (c *VoicesCall[C]) Declared() []Voice { return nil }

// TranscribeCall asks a speech-to-text model what is said in a recording.
type TranscribeCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Audio       []byte // the bytes of the file
}

// Speaker is what a provider of text-to-speech models has. Generated code demands it of the author's
// type.
type Speaker[C any] interface {
	// Speak speaks the text.
	Speak(ctx context.Context, call *Call[C], out *Output) error
	// Voices returns the voices with which the model can speak.
	Voices(ctx context.Context, call *VoicesCall[C]) ([]Voice, error)
}

// Transcriber is what a provider of speech-to-text models has. Generated code demands it of the
// author's type.
type Transcriber[C any] interface {
	// Transcribe returns what is said in the recording.
	Transcribe(ctx context.Context, call *TranscribeCall[C]) (string, error)
}

// Output sends audio as it comes. It is an io.Writer.
type Output struct {
	// MIMEType is that of the audio, such as "audio/mpeg". It may be empty.
	MIMEType string

	send func(Chunk) error
}

// NewOutput returns an output that passes its chunks to send.
func NewOutput(send func(Chunk) error) *Output { return &Output{send: send} }

// Write sends the next bytes of the audio file.
func (o *Output) Write(audio []byte) (int, error) { return len(audio), nil }

// BindSpeaker returns what Dify can ask of a provider of text-to-speech models, with values as they
// are on the wire.
func BindSpeaker[C any](provider Speaker[C], decode func(runtime.ModelType, map[string]any) (C, error)) []runtime.ModelAction {
	return nil
}

// BindTranscriber returns what Dify can ask of a provider of speech-to-text models, with values as
// they are on the wire.
func BindTranscriber[C any](provider Transcriber[C], decode func(runtime.ModelType, map[string]any) (C, error)) []runtime.ModelAction {
	return nil
}
