package openai_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/openai"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// Base must have what generated interfaces demand.
var (
	_ llm.Provider[form, parameters] = (*base)(nil)
	_ embedding.Provider[form]       = (*base)(nil)
	_ rerank.Provider[form]          = (*base)(nil)
	_ speech.Speaker[form]           = (*base)(nil)
	_ speech.Transcriber[form]       = (*base)(nil)
	_ moderation.Provider[form]      = (*base)(nil)
	_ interface {
		CustomModel(ctx context.Context, call *runtime.CustomModelCall[form]) (*runtime.ModelSchema, error)
	} = (*base)(nil)
)

// model returns a call of a model, with properties.
func model(properties ...any) runtime.ModelCall {
	call := runtime.ModelCall{Call: runtime.Call{UserID: "u1"}, Model: "small", Schema: &runtime.ModelSchema{Properties: map[string]any{}}}
	for i := 0; i+1 < len(properties); i += 2 {
		call.Schema.Properties[properties[i].(string)] = properties[i+1]
	}
	return call
}

var blanks = bytes.Repeat([]byte(" "), 64<<10)

// endless is a service that never stops answering.
type endless struct{}

func (e endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(e), Request: r}, nil
}

func (endless) Read(p []byte) (int, error) {
	return copy(p, blanks), nil
}

func TestRerank(t *testing.T) {
	t.Parallel()
	const wrong = "the service has rated a document without its index or its score, or one that there is not"
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for name, test := range map[string]struct {
		answer string
		want   []rerank.Match
		err    string
	}{
		"Jina and Cohere": {
			`{"model":"m","usage":{"total_tokens":5},"results":[{"index":1,"document":{"text":"other"},"relevance_score":0.25},{"index":0,"relevance_score":0.75}]}`,
			[]rerank.Match{{Index: 0, Text: "a", Score: 0.75}, {Index: 1, Text: "b", Score: 0.25}}, "",
		},
		"Voyage":       {`{"object":"list","data":[{"index":1,"relevance_score":0.25}]}`, []rerank.Match{{Index: 1, Text: "b", Score: 0.25}}, ""},
		"score":        {`{"results":[{"index":0,"score":0}]}`, []rerank.Match{{Index: 0, Text: "a"}}, ""},
		"nothing":      {`{"results":[]}`, nil, ""},
		"logits":       {`{"results":[{"index":0,"relevance_score":-3},{"index":1,"relevance_score":0.5}]}`, []rerank.Match{{Index: 1, Text: "b", Score: sigmoid(0.5)}, {Index: 0, Text: "a", Score: sigmoid(-3)}}, ""},
		"high logits":  {`{"results":[{"index":0,"relevance_score":2000}]}`, []rerank.Match{{Index: 0, Text: "a", Score: 1}}, ""},
		"rounding":     {`{"results":[{"index":0,"relevance_score":1.0000002},{"index":1,"relevance_score":-1e-9}]}`, []rerank.Match{{Index: 0, Text: "a", Score: 1}, {Index: 1, Text: "b", Score: 0}}, ""},
		"a low logit":  {`{"results":[{"index":0,"relevance_score":0.5},{"index":1,"relevance_score":-0.002}]}`, []rerank.Match{{Index: 0, Text: "a", Score: sigmoid(0.5)}, {Index: 1, Text: "b", Score: sigmoid(-0.002)}}, ""},
		"a high logit": {`{"results":[{"index":0,"relevance_score":1.002},{"index":1,"relevance_score":0.5}]}`, []rerank.Match{{Index: 0, Text: "a", Score: sigmoid(1.002)}, {Index: 1, Text: "b", Score: sigmoid(0.5)}}, ""},
		"no index":     {`{"results":[{"relevance_score":1}]}`, nil, wrong},
		"no score":     {`{"results":[{"index":1}]}`, nil, wrong},
		"beyond":       {`{"results":[{"index":2,"relevance_score":1}]}`, nil, wrong},
		"before":       {`{"results":[{"index":-1,"relevance_score":1}]}`, nil, wrong},
		"other JSON":   {`{}`, nil, "the answer of the service lacks what was asked for"},
		"wrong types":  {`{"results":[{"index":"0","relevance_score":1}]}`, nil, "results.index in the answer of the service has the wrong type"},
		"an error":     {`{"detail":"No such model"}`, nil, "the service reports an error: No such model"},
		"not JSON":     {`rated`, nil, "the service has not answered in JSON: check the base URL"},
		"broken JSON":  {`{"results":[`, nil, "the answer of the service is not the JSON that was expected"},
		"null results": {`{"results":null}`, nil, "the answer of the service lacks what was asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, say(http.StatusOK, test.answer))
			call := &rerank.Call[form]{ModelCall: model(), Credentials: form{url: s.URL}, Query: "q", Documents: []string{"a", "b"}, TopN: runtime.Some(2)}
			result, err := newBase().Rerank(t.Context(), call)
			if test.err != "" {
				checkError(t, err, runtime.ErrorInvoke, test.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&rerank.Result{Model: "small", Matches: test.want}, result, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			got := s.got()[0]
			if diff := cmp.Diff(object(t, `{"model":"small","query":"q","documents":["a","b"],"top_n":2}`), got.Body); diff != "" || got.Path != "/v1/rerank" {
				t.Errorf("%s (-want +got):\n%s", got.Path, diff)
			}
			call.TopN = runtime.Optional[int]{}
			if _, err := newBase().Rerank(t.Context(), call); err != nil || s.got()[1].Body["top_n"] != nil {
				t.Errorf("without TopN: %v, %v", s.got()[1].Body, err)
			}
		})
	}
	s := serve(t, say(http.StatusOK, "{}"))
	result, err := newBase().Rerank(t.Context(), &rerank.Call[form]{ModelCall: model(), Credentials: form{url: s.URL}, Query: "q"})
	if err != nil || len(result.Matches) != 0 || len(s.got()) > 0 {
		t.Errorf("no documents: %v, %v", result, err)
	}
}

func TestSpeak(t *testing.T) {
	t.Parallel()
	const body = `{"model":"small","input":"Hello.","voice":"alloy","response_format":"mp3"}`
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		call   runtime.ModelCall
		voice  string
		want   string
		typ    string
		body   string
		err    string
	}{
		"audio":              {say(200, "ID3\x00", "Content-Type", "audio/mpeg; x=y"), model(), "alloy", "ID3\x00", "audio/mpeg", body, ""},
		"without its type":   {say(200, "ID3\x00", "Content-Type", "application/octet-stream"), model(), "alloy", "ID3\x00", "audio/mpeg", body, ""},
		"another format":     {say(200, "RIFF", "Content-Type", ""), model("audio_type", "wav"), "alloy", "RIFF", "audio/wav", strings.Replace(body, "mp3", "wav", 1), ""},
		"the default voice":  {say(200, "ID3", "Content-Type", "audio/mpeg"), model("default_voice", "echo"), "", "ID3", "audio/mpeg", strings.Replace(body, "alloy", "echo", 1), ""},
		"a voice of its own": {say(200, "ID3", "Content-Type", "audio/mpeg"), model("default_voice", "echo"), "alloy", "ID3", "audio/mpeg", body, ""},
		"no voice":           {say(200, "ID3", "Content-Type", "audio/mpeg"), model(), "", "ID3", "audio/mpeg", strings.Replace(body, `"voice":"alloy",`, "", 1), ""},
		"nothing":            {say(200, "", "Content-Type", "audio/mpeg"), model(), "alloy", "", "", "", "the service has answered nothing"},
		"an error":           {say(200, `{"error":{"message":"No such voice"}}`), model(), "alloy", "", "", "", "the service reports an error: No such voice"},
		"JSON":               {say(200, `{"audio":"…"}`), model(), "alloy", "", "", "", "the answer of the service lacks what was asked for"},
		"an error as text":   {say(200, `{"error":{"message":"No such voice"}}`, "Content-Type", "text/plain"), model(), "alloy", "", "", "", "the service reports an error: No such voice"},
		"an error as bytes":  {say(200, " \r\n\t"+`{"error":{"message":"Keine Stimme für é"}}`, "Content-Type", "application/octet-stream"), model(), "alloy", "", "", "", "the service reports an error: Keine Stimme für é"},
		"an error as audio":  {say(200, `{"error":{"message":"No such voice"}}`, "Content-Type", "audio/mpeg"), model(), "alloy", "", "", "", "the service reports an error: No such voice"},
		"a long error":       {say(200, `{"error":{"message":"No","more":"`+strings.Repeat("x", 10000)+`"}}`, "Content-Type", ""), model(), "alloy", "", "", "", "the service reports an error: No"},
		"a problem":          {say(200, `{"type":"about:blank","detail":"No such voice"}`, "Content-Type", "application/problem+json"), model(), "alloy", "", "", "", "the service reports an error: No such voice"},
		"a text":             {say(200, "No such voice", "Content-Type", "text/plain; charset=utf-8"), model(), "alloy", "", "", "", "the service has not answered in JSON: check the base URL"},
		"a list":             {say(200, `[]`, "Content-Type", "application/vnd.acme+json"), model(), "alloy", "", "", "", "the service has not answered in JSON: check the base URL"},
		"a page as bytes":    {say(200, "\n<html>", "Content-Type", "application/octet-stream"), model(), "alloy", "", "", "", "the service has answered with a web page: check the base URL"},
		"blanks":             {say(200, "   ", "Content-Type", "audio/pcm"), model("audio_type", "pcm"), "alloy", "   ", "audio/pcm", strings.Replace(body, "mp3", "pcm", 1), ""},
		"sound like JSON":    {say(200, " {\x00\x01"+strings.Repeat("{\x7f", 5000), "Content-Type", "audio/pcm"), model("audio_type", "pcm"), "alloy", " {\x00\x01" + strings.Repeat("{\x7f", 5000), "audio/pcm", strings.Replace(body, "mp3", "pcm", 1), ""},
		"half the audio":     {say(200, "ID3", "Content-Type", "audio/mpeg", "Content-Length", "100"), model(), "alloy", "", "", "", "the service has broken off its answer"},
		"a web page":         {say(200, `<html>`, "Content-Type", "text/html"), model(), "alloy", "", "", "", "the service has answered with a web page: check the base URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answer)
			var audio []byte
			var typ string
			out := speech.NewOutput(func(c speech.Chunk) error {
				audio, typ = append(audio, c.Audio...), c.MIMEType
				return nil
			})
			err := newBase().Speak(t.Context(), &speech.SpeakCall[form]{ModelCall: test.call, Credentials: form{url: s.URL}, Text: "Hello.", Voice: test.voice}, out)
			if test.err != "" {
				wantType := runtime.ErrorInvoke
				if strings.Contains(test.err, "broken off") {
					wantType = runtime.ErrorInvokeConnection
				}
				checkError(t, err, wantType, test.err)
				return
			}
			if err != nil || string(audio) != test.want || typ != test.typ {
				t.Fatalf("%q of type %q, %v", audio, typ, err)
			}
			got := s.got()[0]
			if diff := cmp.Diff(object(t, test.body), got.Body); diff != "" || got.Path != "/v1/audio/speech" {
				t.Errorf("%s (-want +got):\n%s", got.Path, diff)
			}
		})
	}
}

// TestSpeakParts checks that a long text is spoken in parts, where sentences end.
func TestSpeakParts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"One. Two. Three.":     {"One. Two.", " Three."},
		"First, second, third": {"First, ", "second,", " third"},
		"some words only":      {"some words ", "only"},
		"abcdefghijklmn":       {"abcdefghijkl", "mn"},
		"你好。我们在这里，很高兴见到你。": {"你好。我们在这里，", "很高兴见到你。"},
		"short":        {"short"},
		"exactly 12 c": {"exactly 12 c"},
		"":             {""},
	} {
		s := serve(t, say(200, "x", "Content-Type", "audio/mpeg"))
		var audio []byte
		out := speech.NewOutput(func(c speech.Chunk) error { audio = append(audio, c.Audio...); return nil })
		err := newBase().Speak(t.Context(), &speech.SpeakCall[form]{ModelCall: model("word_limit", 12.0), Credentials: form{url: s.URL}, Text: text}, out)
		var parts []string
		for _, r := range s.got() {
			parts = append(parts, r.Body["input"].(string))
		}
		if diff := cmp.Diff(want, parts); diff != "" || err != nil || len(audio) != len(want) {
			t.Errorf("%q, %v (-want +got):\n%s", audio, err, diff)
		}
	}
	s := serve(t, say(200, "RIFF", "Content-Type", "audio/wav"))
	call := &speech.SpeakCall[form]{ModelCall: model("word_limit", 12.0, "audio_type", "wav"), Credentials: form{url: s.URL}, Text: "One. Two. Three."}
	if err := newBase().Speak(t.Context(), call, speech.NewOutput(func(speech.Chunk) error { return nil })); err != nil || len(s.got()) != 1 {
		t.Errorf("%d files that cannot be joined, %v", len(s.got()), err)
	}
}

func TestTranscribe(t *testing.T) {
	t.Parallel()
	for audio, filename := range map[string]string{
		"RIFF\x00\x00\x00\x00WAVEfmt ": "audio.wav", "ID3\x04": "audio.mp3", "\xff\xfb\x90": "audio.mp3", "OggS": "audio.ogg", "fLaC": "audio.flac", "\x00\x00\x00\x20ftypM4A ": "audio.m4a",
		"\x1a\x45\xdf\xa3": "audio.webm", "#!AMR\n": "audio.amr", "\xff\xf1": "audio.aac", "": "audio.mp3", "RIFF": "audio.mp3",
	} {
		s := serve(t, say(200, `{"text":"Hello"}`))
		said, err := newBase().Transcribe(t.Context(), &speech.TranscribeCall[form]{ModelCall: model(), Credentials: form{url: s.URL}, Audio: []byte(audio)})
		if said != "Hello" || err != nil {
			t.Fatalf("%q, %v", said, err)
		}
		got := s.got()[0]
		_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
		if err != nil || got.Path != "/v1/audio/transcriptions" || got.Length != int64(len(got.Raw)) || got.Header.Get("Authorization") != "Bearer "+key {
			t.Fatalf("%s %v, %v", got.Path, got.Header, err)
		}
		form, err := multipart.NewReader(bytes.NewReader(got.Raw), params["boundary"]).ReadForm(1 << 20)
		if err != nil || len(form.File["file"]) != 1 || form.Value["model"][0] != "small" {
			t.Fatalf("%v, %v", form, err)
		}
		header := form.File["file"][0]
		file, _ := header.Open()
		if sent, _ := io.ReadAll(file); string(sent) != audio || header.Filename != filename {
			t.Errorf("%q is %q, want %q", sent, header.Filename, filename)
		}
	}
	for answer, want := range map[string]string{
		`{"text":""}`:                            "",
		`{"task":"transcribe"}`:                  "the answer of the service lacks what was asked for",
		`{"text":5}`:                             "text in the answer of the service has the wrong type",
		`Hello`:                                  "the service has not answered in JSON: check the base URL",
		`{"error":{"message":"Unknown format"}}`: "the service reports an error: Unknown format",
	} {
		s := serve(t, say(200, answer))
		said, err := newBase().Transcribe(t.Context(), &speech.TranscribeCall[form]{ModelCall: model(), Credentials: form{url: s.URL}})
		if said != "" {
			t.Errorf("%s is %q", answer, said)
		}
		checkError(t, err, runtime.ErrorInvoke, want)
	}
}

// TestPrepareForm checks that a provider can prepare the fields of a form.
func TestPrepareForm(t *testing.T) {
	t.Parallel()
	s := serve(t, say(200, `{"text":"Hello"}`))
	creds := form{url: s.URL, config: func(c *openai.Config) {
		c.Prepare = func(r *openai.Request) {
			r.Path, r.Body = "speech/to/text", map[string]any{"language": r.Path, "temperature": 0.5, "of": r.Call.Model}
		}
	}}
	if _, err := newBase().Transcribe(t.Context(), &speech.TranscribeCall[form]{ModelCall: model(), Credentials: creds}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"name=\"language\"\r\n\r\naudio/transcriptions\r\n", "name=\"temperature\"\r\n\r\n0.5\r\n", "name=\"of\"\r\n\r\nsmall\r\n"} {
		if !strings.Contains(string(s.got()[0].Raw), want) {
			t.Errorf("%q is not in the form", want)
		}
	}
	if got := s.got()[0].Path; got != "/v1/speech/to/text" {
		t.Errorf("the path %s", got)
	}
}

func TestModerate(t *testing.T) {
	t.Parallel()
	const lacking = "the answer of the service lacks what was asked for"
	for answer, test := range map[string]struct {
		flagged bool
		err     string
	}{
		`{"results":[{"flagged":true,"categories":{}}]}`:   {true, ""},
		`{"results":[{"flagged":false}]}`:                  {false, ""},
		`{"results":[{"flagged":false},{"flagged":true}]}`: {true, ""},
		`{"results":[]}`:                                                {false, lacking},
		`{"results":[{"categories":{}}]}`:                               {false, lacking},
		`{"results":[{"flagged":null},{"flagged":true}]}`:               {true, ""},
		`{"results":[{"flagged":null}]}`:                                {false, lacking},
		`{"results":[{"flagged":false},{"flagged":false}]}`:             {false, "the service has answered 2 results for 1 texts"},
		`{"results":[{"flagged":true}],"error":{"message":"Partial"}}`:  {true, ""},
		`{"results":[{"flagged":false}],"error":{"message":"Partial"}}`: {false, "the service reports an error: Partial"},
		`{}`:                              {false, lacking},
		`{"results":[{"flagged":"yes"}]}`: {false, "results.flagged in the answer of the service has the wrong type"},
		`{"error":{"message":"Too long","param":"input"}}`:   {false, "the service reports an error: Too long"},
		`{"error":{"message":"","type":"x"},"results":null}`: {false, "the service reports an error"},
	} {
		s := serve(t, say(200, answer))
		flagged, err := newBase().Moderate(t.Context(), &moderation.Call[form]{ModelCall: model("max_characters_per_chunk", 10), Credentials: form{url: s.URL}, Text: "Hello."})
		if flagged != test.flagged {
			t.Errorf("%s is %v", answer, flagged)
		}
		checkError(t, err, runtime.ErrorInvoke, test.err)
		if got := s.got()[0]; got.Path != "/v1/moderations" || !cmp.Equal(got.Body, object(t, `{"model":"small","input":"Hello."}`)) {
			t.Errorf("%s %v", got.Path, got.Body)
		}
	}
	// A long text is sent in parts, two at once, until one is against the rules.
	for last, requests := range map[string]int{`{"flagged":false}`: 2, `{"flagged":true}`: 1} {
		answers := []string{`{"results":[{"flagged":false},` + last + `]}`, `{"results":[{"flagged":false}]}`}
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			answer := answers[0]
			answers = answers[1:]
			say(200, answer)(w, r)
		})
		call := &moderation.Call[form]{ModelCall: model("max_characters_per_chunk", 10, "max_chunks", 2), Credentials: form{url: s.URL}, Text: "Hello. Hello. Hello."}
		flagged, err := newBase().Moderate(t.Context(), call)
		got := s.got()
		if flagged != (requests == 1) || err != nil || len(got) != requests || !cmp.Equal(got[0].Body["input"], any([]any{"Hello.", " Hello."})) {
			t.Errorf("%s: %v, %v after %d requests", last, flagged, err, len(got))
		}
		if last := got[len(got)-1].Body["input"]; requests == 2 && !cmp.Equal(last, any([]any{" Hello."})) {
			t.Errorf("the last part: %v", last)
		}
	}
	s := serve(t, say(200, `{"results":[{"flagged":false},{"flagged":true}]}`))
	flagged, err := newBase().Moderate(t.Context(), &moderation.Call[form]{ModelCall: model("max_characters_per_chunk", 10), Credentials: form{url: s.URL}, Text: "Hello. Hello."})
	if want := []any{"Hello.", " Hello."}; !flagged || err != nil || !cmp.Equal(s.got()[0].Body["input"], any(want)) {
		t.Errorf("a long text: %v, %v, %v", flagged, err, s.got()[0].Body)
	}
	// What the service does not rate is not harmless.
	s = serve(t, say(200, `{"results":[{"flagged":false}]}`))
	flagged, err = newBase().Moderate(t.Context(), &moderation.Call[form]{ModelCall: model("max_characters_per_chunk", 10), Credentials: form{url: s.URL}, Text: "Hello. Hello."})
	if flagged {
		t.Error("a text is flagged that the service does not rate")
	}
	checkError(t, err, runtime.ErrorInvoke, "the service has answered 1 results for 2 texts")
}

// TestAllFail checks that the errors of all methods have types.
func TestAllFail(t *testing.T) {
	t.Parallel()
	s := serve(t, say(429, `{"error":{"message":"Slow down"}}`))
	creds, b := form{url: s.URL}, newBase()
	const want = "the service returned status 429 Too Many Requests: Slow down"
	_, err := b.Embed(t.Context(), &embedding.Call[form]{Credentials: creds, Texts: []string{"a"}})
	checkError(t, err, runtime.ErrorInvokeRateLimit, want)
	_, err = b.Rerank(t.Context(), &rerank.Call[form]{Credentials: creds, Documents: []string{"a"}})
	checkError(t, err, runtime.ErrorInvokeRateLimit, want)
	err = b.Speak(t.Context(), &speech.SpeakCall[form]{Credentials: creds, Text: "a"}, speech.NewOutput(func(speech.Chunk) error { return nil }))
	checkError(t, err, runtime.ErrorInvokeRateLimit, want)
	_, err = b.Transcribe(t.Context(), &speech.TranscribeCall[form]{Credentials: creds})
	checkError(t, err, runtime.ErrorInvokeRateLimit, want)
	_, err = b.Moderate(t.Context(), &moderation.Call[form]{Credentials: creds})
	checkError(t, err, runtime.ErrorInvokeRateLimit, want)
}
