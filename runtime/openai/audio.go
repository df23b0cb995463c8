package openai

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/speech"
)

// audioTypes are the media types of the formats in which the API speaks.
var audioTypes = map[string]string{
	"mp3": "audio/mpeg", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav", "pcm": "audio/pcm",
}

// speak speaks a text.
func (c *client) speak(ctx context.Context, text, voice string, out *speech.Output) error {
	format := cmp.Or(c.call.Schema.PropertyText(runtime.PropertyAudioType), "mp3")
	voice = cmp.Or(voice, c.call.Schema.PropertyText(runtime.PropertyDefaultVoice))
	limit := c.call.Schema.PropertyInt(runtime.PropertyWordLimit)
	if format == "wav" || format == "flac" { // players would stop after the first file
		limit = 0
	}
	for _, part := range splitText(text, limit) {
		body := map[string]any{"model": c.model, "input": part, "response_format": format}
		if voice != "" {
			body["voice"] = voice
		}
		if err := c.speakPart(ctx, body, format, out); err != nil {
			return err
		}
	}
	return nil
}

// sniffed is how much is looked at to tell text from audio.
const sniffed = 512

func (c *client) speakPart(ctx context.Context, request map[string]any, format string, out *speech.Output) error {
	resp, err := c.post(ctx, pathSpeech, request)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body := bufio.NewReaderSize(resp.Body, audioPiece)
	resp.Body = io.NopCloser(body)
	switch typ := mediaType(resp.Header); {
	case strings.HasPrefix(typ, "text/") || typ == "application/json" || strings.HasSuffix(typ, "+json") || isText(body):
		return errorInPlaceOf(resp)
	case strings.HasPrefix(typ, "audio/"):
		out.MIMEType = typ
	default:
		out.MIMEType = audioTypes[format]
	}
	n, err := io.Copy(out, resp.Body)
	if err == nil && n == 0 {
		err = errNothing
	}
	return brokenOff(err)
}

// audioPiece is how many bytes of audio are sent at once, if they have come: Dify keeps a limited number
// of chunks, and each is a line.
const audioPiece = 64 << 10

// isText reports whether the body of a response is JSON or a web page, as some services send errors
// with the type of audio. Sound without a header can begin as they do, but not go on.
func isText(body *bufio.Reader) bool {
	for n := 1; ; n++ {
		head, err := body.Peek(n)
		if err != nil {
			return false
		}
		switch head[n-1] {
		case ' ', '\t', '\r', '\n':
		case '{', '<':
			head, _ = body.Peek(max(n, sniffed)) // or what there is
			return !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && !unicode.IsSpace(r) })
		default:
			return false
		}
	}
}

// splitText splits a text into parts of that many characters at most, where a sentence ends, or a
// line, or a word, if there is such a place. A limit of 0 is none.
func splitText(text string, limit int) []string {
	var parts []string
	runes := []rune(text)
	for limit > 0 && len(runes) > limit {
		end := breakBefore(runes[:limit])
		parts = append(parts, string(runes[:end]))
		runes = runes[end:]
	}
	if len(runes) > 0 || len(parts) == 0 {
		parts = append(parts, string(runes))
	}
	return parts
}

// breakBefore returns where a text is best broken off.
func breakBefore(runes []rune) int {
	for _, marks := range []string{".!?。！？\n", ",;:，；：、", " \t"} {
		for i := len(runes); i > len(runes)/2; i-- {
			if strings.ContainsRune(marks, runes[i-1]) {
				return i
			}
		}
	}
	return len(runes)
}

type transcription struct {
	Text *string `json:"text"`
}

func (t *transcription) empty() bool { return t.Text == nil }

// transcribe returns what is said in a recording.
func (c *client) transcribe(ctx context.Context, audio []byte) (string, error) {
	prepared := c.prepare(pathTranscription, map[string]any{"model": c.model})
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range prepared.Body {
		if err := form.WriteField(name, fieldText(value)); err != nil {
			return "", err
		}
	}
	file, err := form.CreateFormFile("file", "audio."+audioFormat(audio))
	if err != nil {
		return "", err
	}
	_, _ = file.Write(audio) // into memory
	_ = form.Close()
	req, err := runtime.NewJSONRequest(ctx, http.MethodPost, c.url(prepared.Path), nil)
	if err != nil {
		return "", err
	}
	data := body.Bytes()
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := c.do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var said transcription
	if err := decodeAnswer(resp, maxAnswer, &said); err != nil {
		return "", err
	}
	return *said.Text, nil
}

// fieldText returns a value as the text of a field: what is not a text, in JSON.
func fieldText(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

// audioFormat returns the extension of a recording, by which services know the format: as its first
// bytes say, or mp3.
func audioFormat(audio []byte) string {
	at := func(offset int, magic string) bool {
		return len(audio) >= offset && bytes.HasPrefix(audio[offset:], []byte(magic))
	}
	switch {
	case at(0, "RIFF") && at(8, "WAVE"):
		return "wav"
	case at(0, "OggS"):
		return "ogg"
	case at(0, "fLaC"):
		return "flac"
	case at(4, "ftyp"): // ISO base media: m4a and mp4
		return "m4a"
	case at(0, "\x1a\x45\xdf\xa3"): // EBML
		return "webm"
	case at(0, "#!AMR"):
		return "amr"
	case at(0, "\xff\xf1"), at(0, "\xff\xf9"): // ADTS
		return "aac"
	}
	return "mp3"
}
