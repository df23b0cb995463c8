package speech

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// BindSpeaker returns what Dify can ask of a provider of text-to-speech models, with values as they
// are on the wire.
func BindSpeaker[C any](provider Speaker[C], decode runtime.CredentialsDecoder[C]) []runtime.ModelAction {
	speak := func(ctx context.Context, req *runtime.ModelRequest) (any, error) {
		r := req.Read()
		call := &SpeakCall[C]{ModelCall: req.ModelCall, Text: r.Text("content_text"), Voice: r.Text("voice"), TenantID: r.Text("tenant_id")}
		r.Require("content_text")
		var err error
		if call.Credentials, err = credentials(r, req, decode); err != nil {
			return nil, err
		}
		out := NewOutput(func(c Chunk) error { return req.Stream(c) })
		out.MIMEType = mimeTypes[strings.ToLower(req.ModelCall.Schema.PropertyText(runtime.PropertyAudioType))]
		defer out.end()
		return nil, provider.Speak(ctx, call, out)
	}
	voices := func(ctx context.Context, req *runtime.ModelRequest) (any, error) {
		r := req.Read()
		call := &VoicesCall[C]{ModelCall: req.ModelCall, Language: r.Text("language")}
		var err error
		if call.Credentials, err = credentials(r, req, decode); err != nil {
			return nil, err
		}
		list, err := provider.Voices(ctx, call)
		if err != nil {
			return nil, err
		}
		return named(list)
	}
	return []runtime.ModelAction{
		{Type: runtime.ModelTypeTTS, Name: "invoke_tts", Serve: speak},
		{Type: runtime.ModelTypeTTS, Name: "get_tts_model_voices", Serve: voices},
	}
}

// mimeTypes are the types of audio by what models call them.
var mimeTypes = map[string]string{
	"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "opus": "audio/ogg", "aac": "audio/aac", "mp4": "audio/mp4", "flac": "audio/flac",
}

// named returns voices as the host expects them. It does not change the list.
func named(voices []Voice) (any, error) {
	voices = append([]Voice{}, voices...) // the host takes no null
	for i := range voices {
		v := &voices[i]
		if v.Value == "" {
			return nil, fmt.Errorf("voice %d of %d has no Value", i+1, len(voices))
		}
		v.Name = cmp.Or(v.Name, v.Value)
	}
	return map[string][]Voice{"voices": voices}, nil
}

// BindTranscriber returns what Dify can ask of a provider of speech-to-text models, with values as
// they are on the wire.
func BindTranscriber[C any](provider Transcriber[C], decode runtime.CredentialsDecoder[C]) []runtime.ModelAction {
	transcribe := func(ctx context.Context, req *runtime.ModelRequest) (any, error) {
		r := req.Read()
		r.Require("file")
		audio, err := hex.DecodeString(r.Text("file"))
		if err != nil {
			return nil, &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: errors.New("file of the request is not hexadecimal")}
		}
		delete(req.Data, "file") // it is large
		call := &TranscribeCall[C]{ModelCall: req.ModelCall, Audio: audio}
		if call.Credentials, err = credentials(r, req, decode); err != nil {
			return nil, err
		}
		text, err := provider.Transcribe(ctx, call)
		return map[string]string{"result": text}, err
	}
	return []runtime.ModelAction{{Type: runtime.ModelTypeSpeech2Text, Name: "invoke_speech2text", Serve: transcribe}}
}

// credentials decodes the credentials of a request, unless something else is wrong with it.
func credentials[C any](r *runtime.RequestReader, req *runtime.ModelRequest, decode runtime.CredentialsDecoder[C]) (creds C, err error) {
	if err := r.Err(); err != nil {
		return creds, err
	}
	return decode.Decode(req)
}
