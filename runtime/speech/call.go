package speech

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// SpeakCall asks a text-to-speech model to speak a text. C are the credentials that a provider declares;
// generated code has an alias for it, SpeakCall.
type SpeakCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Text        string // not empty
	Voice       string // the Value of a Voice
	TenantID    string // the workspace
}

// VoicesCall asks for the voices of a text-to-speech model.
type VoicesCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Language    string // such as "en-US"; "" for all
}

// DeclaredVoices returns the voices in the schema of the model (model_properties.voices) that speak the
// language of the call, as Dify's SDK does.
func (c *VoicesCall[C]) DeclaredVoices() []Voice {
	if c.Schema == nil {
		return nil
	}
	var declared []struct {
		Name, Mode string
		Language   any // a list, or a text
	}
	data, err := json.Marshal(c.Schema.Properties[runtime.PropertyVoices]) // of any type, if it comes from code
	if err != nil || json.Unmarshal(data, &declared) != nil {
		return nil
	}
	var voices []Voice
	for _, v := range declared {
		if c.Language == "" || speaks(v.Language, c.Language) {
			voices = append(voices, Voice{v.Name, v.Mode})
		}
	}
	return voices
}

func speaks(languages any, language string) bool {
	switch languages := languages.(type) {
	case string:
		return strings.Contains(languages, language)
	case []any:
		return slices.Contains(languages, any(language))
	}
	return false
}

// TranscribeCall asks a speech-to-text model what is said in a recording.
type TranscribeCall[C any] struct {
	runtime.ModelCall
	Credentials C
	Audio       []byte // the bytes of the file, in any format; not empty
}

// Speaker is what a provider of text-to-speech models has. Generated code demands it of the author's
// type.
type Speaker[C any] interface {
	// Speak speaks the text. What it writes to out are the bytes of one audio file.
	Speak(ctx context.Context, call *SpeakCall[C], out *Output) error
	// Voices returns the voices with which the model can speak: call.DeclaredVoices() those of the YAML. A
	// Name that is left out is the Value.
	Voices(ctx context.Context, call *VoicesCall[C]) ([]Voice, error)
}

// Transcriber is what a provider of speech-to-text models has. Generated code demands it of the
// author's type.
type Transcriber[C any] interface {
	// Transcribe returns what is said in the recording.
	Transcribe(ctx context.Context, call *TranscribeCall[C]) (string, error)
}
