package speech_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/test/modeltest"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/speech"
)

// speaker speaks what it was called with, or does what the text says.
type speaker struct {
	out **speech.Output
	any []speech.Voice
}

func (s speaker) Speak(_ context.Context, call *speech.SpeakCall[string], out *speech.Output) error {
	*s.out = out
	switch call.Text {
	case "nothing":
		return nil
	case "fail":
		_, err := out.Write([]byte("x"))
		return errors.Join(err, errors.New("broken"))
	case "typed":
		out.MIMEType = "audio/x-own"
	case "long":
		_, err := io.Copy(out, bytes.NewReader(make([]byte, 700<<10)))
		_, err2 := out.Write(make([]byte, 600<<10))
		return errors.Join(err, err2)
	}
	_, err := io.WriteString(out, fmt.Sprint(call.UserID, call.Model, call.Credentials, call.Text, call.Voice, call.TenantID))
	return err
}

func (s speaker) Voices(_ context.Context, call *speech.VoicesCall[string]) ([]speech.Voice, error) {
	switch call.Language {
	case "own":
		return s.any, nil
	case "fail":
		return nil, errors.New("broken")
	}
	return call.DeclaredVoices(), nil
}

const model = `{"model":"m","model_type":"tts","model_properties":{"audio_type":"MP3","voices":[` +
	`{"mode":"a","name":"Anna","language":["en-US","de-DE"]},{"mode":"b","name":"","language":"en-GB"},{"mode":"c","name":"Cleo"}]}}`

func TestBindSpeaker(t *testing.T) {
	t.Parallel()
	var out *speech.Output
	voices := []speech.Voice{{Value: "v"}, {Name: "W", Value: "w"}}
	actions := speech.BindSpeaker(speaker{&out, voices}, modeltest.Key)
	spoken := func(text, mime string) string {
		return `{"result":"` + hex.EncodeToString([]byte(text)) + `"` + mime + `}`
	}
	const mp3 = `,"mime_type":"audio/mpeg"`
	for _, test := range []struct{ schema, action, fields, want string }{
		{model, "invoke_tts", `{"content_text":"hi","voice":"a","tenant_id":"t"}`, spoken("umkhiat", mp3)},
		{"", "invoke_tts", `{"content_text":"hi","voice":"a","tenant_id":"t"}`, spoken("umkhiat", "")},
		{model, "invoke_tts", `{"content_text":"typed"}`, spoken("umktyped", `,"mime_type":"audio/x-own"`)},
		{model, "invoke_tts", `{"content_text":"nothing"}`, ""},
		{model, "invoke_tts", `{"content_text":"fail"}`, spoken("x", mp3) + " + InvokeError: broken"},
		{model, "invoke_tts", `{"content_text":"","credentials":null}`, "ValidationError: content_text of the request is missing"},
		{model, "invoke_tts", `{"content_text":[],"voice":1}`, "ValidationError: content_text, voice of the request have the wrong type"},
		{model, "invoke_tts", `{"content_text":"hi","credentials":{}}`, "InvokeAuthorizationError: P: Key (key) is required"},

		{model, "get_tts_model_voices", `{"language":""}`, `{"voices":[{"name":"Anna","value":"a"},{"name":"b","value":"b"},{"name":"Cleo","value":"c"}]}`},
		{model, "get_tts_model_voices", `{"language":"de-DE"}`, `{"voices":[{"name":"Anna","value":"a"}]}`},
		{model, "get_tts_model_voices", `{"language":"en"}`, `{"voices":[{"name":"b","value":"b"}]}`}, // as in Python: a part of a text
		{model, "get_tts_model_voices", `{"language":"fr"}`, `{"voices":[]}`},
		{model, "get_tts_model_voices", `{"language":"own"}`, `{"voices":[{"name":"v","value":"v"},{"name":"W","value":"w"}]}`},
		{model, "get_tts_model_voices", `{"language":"fail"}`, "InvokeError: broken"},
		{model, "get_tts_model_voices", `{"language":1}`, "ValidationError: language of the request has the wrong type"},
		{"", "get_tts_model_voices", `{}`, `{"voices":[]}`},
		{`{"model":"m","model_type":"tts","model_properties":{"voices":"all"}}`, "get_tts_model_voices", `{}`, `{"voices":[]}`},
		{`{"model":"m","model_type":"tts","model_properties":{"voices":[{"name":"A"}]}}`, "get_tts_model_voices", `{}`, "InvokeError: voice 1 of 1 has no Value"},
	} {
		if diff := cmp.Diff(test.want, modeltest.Answer(t, actions, test.schema, test.action, test.fields)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.action, test.fields, diff)
		}
	}
	if voices[0].Name != "" {
		t.Errorf("the provider's voices have changed: %v", voices)
	}
	if n, err := out.Write([]byte("late")); n != 0 || err == nil || err.Error() != "the request for speech has ended" {
		t.Errorf("writing after the end: %d, %v", n, err)
	}
	var sizes []int
	for _, piece := range strings.Split(modeltest.Answer(t, actions, "", "invoke_tts", `{"content_text":"long"}`), " + ") {
		var chunk speech.Chunk
		if err := json.Unmarshal([]byte(piece), &chunk); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(chunk.Audio))
		if len(piece) > 5<<20 {
			t.Errorf("a piece of %d bytes", len(piece))
		}
	}
	sum := 0
	for _, size := range sizes {
		sum += size
	}
	if sum != 1300<<10 || len(sizes) < 4 {
		t.Errorf("pieces of %v bytes", sizes)
	}
}

// TestDeclared checks voices that come from code.
func TestDeclared(t *testing.T) {
	t.Parallel()
	type voice struct {
		Name string `json:"name"`
		Mode string `json:"mode"`
	}
	call := speech.VoicesCall[string]{ModelCall: runtime.ModelCall{Schema: &runtime.ModelSchema{Properties: map[string]any{"voices": []voice{{"A", "a"}}}}}}
	if diff := cmp.Diff([]speech.Voice{{Name: "A", Value: "a"}}, call.DeclaredVoices()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	call.Schema.Properties["voices"] = func() {}
	if got := call.DeclaredVoices(); got != nil {
		t.Errorf("a function has voices: %v", got)
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := 0
	out := speech.NewOutput(func(c speech.Chunk) error {
		mu.Lock()
		defer mu.Unlock()
		sent += len(c.Audio)
		if sent > 600<<10 {
			return errors.New("full")
		}
		return nil
	})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if n, err := out.Write(make([]byte, 100)); n != 100 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
		})
	}
	wait.Wait()
	if n, err := out.Write(make([]byte, 900<<10)); n != 512<<10 || err == nil || err.Error() != "full" {
		t.Errorf("a send that fails: %d, %v", n, err)
	}
	if n, err := out.Write(nil); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
}

type transcriber struct{}

func (transcriber) Transcribe(_ context.Context, call *speech.TranscribeCall[string]) (string, error) {
	if string(call.Audio) == "fail" {
		return "", runtime.Unreachable(errors.New("refused"))
	}
	return fmt.Sprint(call.UserID, call.Model, call.Credentials, string(call.Audio)), nil
}

func TestBindTranscriber(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		`{"file":"` + hex.EncodeToString([]byte("la la")) + `"}`: `{"result":"umkla la"}`,
		`{"file":"` + hex.EncodeToString([]byte("fail")) + `"}`:  "InvokeConnectionError: could not reach the service: refused",
		`{"file":"zz"}`:                    "ValidationError: file of the request is not hexadecimal",
		`{"file":""}`:                      "ValidationError: file of the request is missing",
		`{"file":["00"]}`:                  "ValidationError: file of the request has the wrong type",
		`{"file":"00","credentials":{}}`:   "InvokeAuthorizationError: P: Key (key) is required",
		`{"file":null,"credentials":null}`: "ValidationError: file of the request is missing",
	} {
		if got := modeltest.Answer(t, speech.BindTranscriber(transcriber{}, modeltest.Key), "", "invoke_speech2text", fields); got != want {
			t.Errorf("%s: got %s, want %s", fields, got, want)
		}
	}
}

// FuzzTranscribe checks that no request makes the binding panic.
func FuzzTranscribe(f *testing.F) {
	f.Add(`{"file":"00ff"}`)
	f.Add(`{"file":{}}`)
	f.Fuzz(func(t *testing.T, fields string) {
		var object map[string]any
		if json.Unmarshal([]byte(fields), &object) != nil {
			return
		}
		if got := modeltest.Answer(t, speech.BindTranscriber(transcriber{}, modeltest.Key), "", "invoke_speech2text", fields); got == "" {
			t.Errorf("%s has no answer", fields)
		}
	})
}
