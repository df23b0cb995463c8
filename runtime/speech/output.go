package speech

import (
	"errors"
	"sync"
)

// maxPiece is how many bytes of audio a chunk has at most. It fits into a line of any transport.
const maxPiece = 512 << 10

var errEnded = errors.New("the request for speech has ended")

// Output sends audio as it comes. It is an io.Writer, and safe for concurrent use.
type Output struct {
	// MIMEType is that of the audio, such as "audio/mpeg", to be set before the first bytes. If the
	// schema of the model says an audio_type that is known, such as mp3, it is already set.
	MIMEType string

	mu    sync.Mutex
	send  func(Chunk) error
	ended bool
}

// NewOutput returns an output that passes its chunks to send, which must not keep their Audio.
func NewOutput(send func(Chunk) error) *Output { return &Output{send: send} }

// Write sends the next bytes of the audio file. Once the request has ended, it returns an error.
func (o *Output) Write(audio []byte) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(audio) > 0 {
		if o.ended {
			return n, errEnded
		}
		piece := audio[:min(len(audio), maxPiece)]
		if err := o.send(Chunk{piece, o.MIMEType}); err != nil {
			return n, err
		}
		n += len(piece)
		audio = audio[len(piece):]
	}
	return n, nil
}

// end makes Write fail from now on.
func (o *Output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}
