package openai_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/speech"
)

// recording is a service that answers with audio of that many bytes, all of which are there at once.
type recording int

func (n recording) RoundTrip(r *http.Request) (*http.Response, error) {
	body := io.NopCloser(strings.NewReader(strings.Repeat("a", int(n))))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"audio/mpeg"}}, Body: body, Request: r}, nil
}

// TestSpeakPieces checks that audio which is there is not sent in little pieces.
func TestSpeakPieces(t *testing.T) {
	t.Parallel()
	b := newBase()
	b.HTTPClient = &http.Client{Transport: recording(1 << 20)}
	size, pieces := 0, 0
	out := speech.NewOutput(func(c speech.Chunk) error {
		size += len(c.Audio)
		pieces++
		return nil
	})
	call := &speech.SpeakCall[form]{ModelCall: model(), Credentials: form{url: "https://api.example.com"}, Text: "Hello."}
	if err := b.Speak(t.Context(), call, out); err != nil || size != 1<<20 || pieces > 20 {
		t.Errorf("%d bytes in %d pieces, %v", size, pieces, err)
	}
}
