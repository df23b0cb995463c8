// Package speech has what text-to-speech models give: pieces of audio and voices. Calls back into
// Dify (package runtime/invoke) are answered with pieces.
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

// Piece is a piece of an audio file. All pieces in their order are the file.
type Piece struct {
	Audio    []byte
	MIMEType string // such as "audio/mpeg"; Dify does not pass it on
}

type wirePiece struct {
	Result   *string `json:"result"`
	MIMEType string  `json:"mime_type,omitempty"`
}

// MarshalJSON encodes the piece as Dify takes it, in hexadecimal.
func (p Piece) MarshalJSON() ([]byte, error) {
	audio := hex.EncodeToString(p.Audio)
	return json.Marshal(wirePiece{&audio, p.MIMEType})
}

// UnmarshalJSON decodes a piece.
func (p *Piece) UnmarshalJSON(data []byte) error {
	var w wirePiece
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
	*p = Piece{audio, w.MIMEType}
	return nil
}
