// Package speech holds the requests and results of text-to-speech and speech-to-text models: texts,
// voices, and chunks of audio. Methods of providers of such models get and return them, and calls back
// into Dify (package runtime/invoke) return the same chunks.
package speech

import (
	"encoding/hex"
	"encoding/json"
	"errors"
)

// Voice is a voice that a model speaks with.
type Voice struct {
	Name  string `json:"name"`  // what users see
	Value string `json:"value"` // what requests say
}

// Chunk is a piece of an audio file. All chunks in their order are the file.
type Chunk struct {
	Audio    []byte
	MIMEType string // such as "audio/mpeg"; Dify does not pass it on
}

type wireChunk struct {
	Result   *string `json:"result"`
	MIMEType string  `json:"mime_type,omitempty"`
}

// MarshalJSON encodes the chunk as Dify takes it, in hexadecimal.
func (c Chunk) MarshalJSON() ([]byte, error) {
	audio := hex.EncodeToString(c.Audio)
	return json.Marshal(wireChunk{&audio, c.MIMEType})
}

// UnmarshalJSON decodes a chunk.
func (c *Chunk) UnmarshalJSON(data []byte) error {
	var w wireChunk
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if w.Result == nil {
		return errors.New("the audio is missing")
	}
	audio, err := hex.DecodeString(*w.Result)
	if err != nil {
		return errors.New("the audio is not hexadecimal")
	}
	*c = Chunk{audio, w.MIMEType}
	return nil
}
