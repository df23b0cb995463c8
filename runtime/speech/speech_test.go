package speech_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/speech"
)

func TestChunkJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		chunk speech.Chunk
		want  string
	}{
		{speech.Chunk{Audio: []byte{0, 255}, MIMEType: "audio/mpeg"}, `{"result":"00ff","mime_type":"audio/mpeg"}`},
		{speech.Chunk{Audio: []byte{}}, `{"result":""}`},
	} {
		data, err := json.Marshal(test.chunk)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(data)); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		var got speech.Chunk
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.chunk, got); diff != "" {
			t.Errorf("received (-want +got):\n%s", diff)
		}
	}
	for _, test := range []struct{ input, want string }{
		{`{"result":null}`, "the audio is missing"},
		{`{"result":"0g"}`, "the audio is not hexadecimal"},
		{`{"result":"000"}`, "the audio is not hexadecimal"},
	} {
		if err := json.Unmarshal([]byte(test.input), new(speech.Chunk)); err == nil || err.Error() != test.want {
			t.Errorf("decoding %s: %v, want %s", test.input, err, test.want)
		}
	}
}

func TestVoiceJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal([]speech.Voice{{Name: "Alloy", Value: "alloy"}})
	if want := `[{"name":"Alloy","value":"alloy"}]`; err != nil || string(data) != want {
		t.Errorf("%s, %v, want %s", data, err, want)
	}
}
