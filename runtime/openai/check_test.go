package openai_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/openai"
)

// listing answers with the names of models, and to all else with a handler.
func listing(names []string, other http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" {
			other(w, r)
			return
		}
		var list []map[string]string
		for _, n := range names {
			list = append(list, map[string]string{"id": n, "object": "model"})
		}
		body, _ := json.Marshal(map[string]any{"object": "list", "data": list})
		say(200, string(body))(w, r)
	}
}

// checkPlain checks an error of a check: none has a type of calls, which Dify would take for one.
func checkPlain(t *testing.T, err error, want string, unreachable bool) {
	t.Helper()
	message := ""
	if err != nil {
		message = err.Error()
	}
	if diff := cmp.Diff(want, message); diff != "" || errors.Is(err, runtime.ErrUnreachable) != unreachable || errors.As(err, new(*runtime.Error)) {
		t.Errorf("%#v (-want +got):\n%s", err, diff)
	}
}

func TestCheckProvider(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer      http.HandlerFunc
		want        string
		unreachable bool
	}{
		"models":       {listing([]string{"small"}, nil), "", false},
		"none":         {say(200, `{"data":[]}`), "", false},
		"another list": {say(200, `{"models":[{"name":"small"}]}`), "", false},
		"401":          {say(401, `{"error":{"message":"Wrong key"}}`), "the service does not accept these credentials: the service returned status 401 Unauthorized: Wrong key", false},
		"403":          {say(403, ``), "the service does not accept these credentials: the service returned status 403 Forbidden", false},
		"404":          {say(404, ``), "the service does not list its models: check the base URL: the service returned status 404 Not Found", false},
		"405":          {say(405, ``), "the service does not list its models: check the base URL: the service returned status 405 Method Not Allowed", false},
		"429":          {say(429, `{"message":"Slow down"}`), "the service returned status 429 Too Many Requests: Slow down", true},
		"503":          {say(503, ``), "the service returned status 503 Service Unavailable", true},
		"a web page":   {say(200, `<html>`), "the service has answered with a web page: check the base URL", false},
		"other JSON":   {say(200, `{}`), "the answer of the service lacks what was asked for", false},
		"an error":     {say(200, `{"error":"No"}`), "the service reports an error: No", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answer)
			checkPlain(t, newBase().CheckProvider(t.Context(), form{url: s.URL}), test.want, test.unreachable)
			if got := s.got()[0]; got.Path != "/v1/models" || got.Header.Get("Authorization") != "Bearer "+key {
				t.Errorf("%s %v", got.Path, got.Header)
			}
		})
	}
	checkPlain(t, newBase().CheckProvider(t.Context(), form{url: "example"}), "the base URL must be one such as https://api.example.com/v1", false)
	checkPlain(t, newBase().CheckModel(t.Context(), form{url: "example"}, runtime.ModelTypeLLM, "small"), "the base URL must be one such as https://api.example.com/v1", false)
	checkPlain(t, new(base).CheckModel(t.Context(), form{}, runtime.ModelTypeLLM, "small"), "openai.Base has no Config: set it where the provider is made", false)
	s := serve(t, say(200, ""))
	s.Close()
	if err := newBase().CheckProvider(t.Context(), form{url: s.URL}); !errors.Is(err, runtime.ErrUnreachable) {
		t.Errorf("a service that is not there: %v", err)
	}
}

// TestCheckModel checks models of all types, by the call that it makes.
func TestCheckModel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		modelType runtime.ModelType
		answer    string
		path      string
		want      string // of the request
	}{
		{runtime.ModelTypeLLM, `{"choices":[{"message":{"content":"pong"},"finish_reason":"stop"}]}`, "/v1/chat/completions", `{"model":"small","messages":[{"role":"user","content":"ping"}],"max_tokens":16,"stream":false}`},
		{runtime.ModelTypeTextEmbedding, `{"data":[{"embedding":[1]}]}`, "/v1/embeddings", `{"model":"small","input":["ping"],"encoding_format":"float"}`},
		{runtime.ModelTypeRerank, `{"results":[{"index":0,"relevance_score":1}]}`, "/v1/rerank", `{"model":"small","query":"ping","documents":["ping","pong"]}`},
		{runtime.ModelTypeModeration, `{"results":[{"flagged":false}]}`, "/v1/moderations", `{"model":"small","input":"ping"}`},
		{runtime.ModelTypeSpeech2Text, `{"text":""}`, "/v1/audio/transcriptions", `null`},
		{runtime.ModelTypeText2Img, `{"data":[{"id":"small"}]}`, "/v1/models", `null`},
	} {
		t.Run(string(test.modelType), func(t *testing.T) {
			t.Parallel()
			s := serve(t, say(200, test.answer))
			checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, test.modelType, "small"), "", false)
			got := s.got()[0]
			var want map[string]any
			if test.want != "null" {
				want = object(t, test.want)
			}
			if diff := cmp.Diff(want, got.Body); diff != "" || got.Path != test.path || len(s.got()) != 1 {
				t.Errorf("%s (-want +got):\n%s", got.Path, diff)
			}
			for status, want := range map[int]string{
				401: "the service does not accept these credentials: the service returned status 401 Unauthorized",
				500: "the service returned status 500 Internal Server Error",
			} {
				s := serve(t, say(status, ``))
				checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, test.modelType, "small"), want, status == 500)
			}
		})
	}
}

func TestCheckVoices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"spoken":      {say(200, "ID3", "Content-Type", "audio/mpeg"), ""},
		"other voice": {say(400, `{"error":{"message":"Invalid voice: alloy"}}`), ""},
		"unpaid":      {say(400, `{"error":{"message":"Pay your invoice"}}`), "the service returned status 400 Bad Request: Pay your invoice"},
		"refused":     {say(400, `{"error":{"message":"Invalid input"}}`), "the service returned status 400 Bad Request: Invalid input"},
	} {
		s := serve(t, test.answer)
		checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeTTS, "small"), test.want, false)
		if got := s.got()[0]; got.Path != "/v1/audio/speech" || got.Body["voice"] != "alloy" {
			t.Errorf("%s: %s %v", name, got.Path, got.Body)
		}
	}
}

// TestCheckCompletion checks a model that completes text, as the form says.
func TestCheckCompletion(t *testing.T) {
	t.Parallel()
	s := serve(t, say(200, `{"choices":[{"text":"pong","finish_reason":"length"}]}`))
	creds := form{url: s.URL, values: map[string]any{"mode": "completion"}}
	checkPlain(t, newBase().CheckModel(t.Context(), creds, runtime.ModelTypeLLM, "small"), "", false)
	if got := s.got()[0]; got.Path != "/v1/completions" || got.Body["prompt"] != "ping" {
		t.Errorf("%s %v", got.Path, got.Body)
	}
}

// TestOtherModel says what users read who have mistyped the name of a model.
func TestOtherModel(t *testing.T) {
	t.Parallel()
	missing := say(404, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`)
	const said = "the service returned status 404 Not Found: The model does not exist"
	var many []string
	for i := range 10000 {
		many = append(many, fmt.Sprintf("vendor/model-%d", i))
	}
	for name, test := range map[string]struct {
		model  string
		answer http.HandlerFunc
		want   string
	}{
		"nearly":                {"gpt-4-o", listing([]string{"gpt-4o", "gpt-4o-mini", "whisper-1"}, missing), "the service has no model gpt-4-o, but gpt-4o"},
		"a part":                {"gpt-4o", listing([]string{"whisper-1", "openai/gpt-4o", "openai/gpt-4o-mini", "a/gpt-4o", "b/gpt-4o"}, missing), "the service has no model gpt-4o, but openai/gpt-4o, openai/gpt-4o-mini, a/gpt-4o"},
		"too much":              {"openai/gpt-4o", listing([]string{"gpt-4o", "whisper-1"}, missing), "the service has no model openai/gpt-4o, but gpt-4o"},
		"nothing near":          {"llama3", listing([]string{"gpt-4o", "whisper-1"}, missing), "the service has no model llama3, but 2 others"},
		"many":                  {"model-77", listing(many, missing), "the service has no model model-77, but vendor/model-77, vendor/model-770, vendor/model-771"},
		"one that there is":     {"gpt-4o", listing([]string{"gpt-4o"}, missing), said},
		"no list":               {"gpt-4o", missing, said},
		"an empty list":         {"gpt-4o", listing(nil, missing), said},
		"400":                   {"gpt-4", listing([]string{"gpt-4o"}, say(400, `{"error":{"message":"Invalid model"}}`)), "the service has no model gpt-4, but gpt-4o"},
		"400 for another cause": {"gpt-4", listing([]string{"gpt-4o"}, say(400, `{"error":{"message":"Invalid input"}}`)), "the service returned status 400 Bad Request: Invalid input"},
		"401":                   {"gpt-4", listing([]string{"gpt-4o"}, say(401, `{"error":{"message":"Invalid model"}}`)), "the service does not accept these credentials: the service returned status 401 Unauthorized: Invalid model"},
		"hostile names":         {"gpt-4o", listing([]string{"gpt-4o\x1b[31m\n" + strings.Repeat(" ", 9), strings.Repeat("gpt-4o", 99)}, missing), `the service has no model gpt-4o, but "gpt-4o[31m"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answer)
			checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeLLM, test.model), test.want, false)
		})
	}
	s := serve(t, listing([]string{"vendor/small"}, say(404, ``)))
	creds := form{url: s.URL, config: func(c *openai.Config) { c.Model = "vendor/smal" }}
	checkPlain(t, newBase().CheckModel(t.Context(), creds, runtime.ModelTypeLLM, "mine"), "the service has no model vendor/smal, but vendor/small", false)
}

// TestCheckTokens checks models that refuse what others want.
func TestCheckTokens(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		last http.HandlerFunc
		want string
	}{
		"written": {say(200, `{"choices":[{"message":{"content":""},"finish_reason":"length"}]}`), ""},
		"thought": {say(400, `{"error":{"message":"Could not finish the message because max_tokens or model output limit was reached."}}`), ""},
		"failed":  {say(400, `{"error":{"message":"No"}}`), "the service returned status 400 Bad Request: No"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := true
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if first {
					first = false
					say(400, `{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}`)(w, r)
					return
				}
				test.last(w, r)
			})
			checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeLLM, "small"), test.want, false)
			if got := s.got(); len(got) != 2 || got[1].Body["max_completion_tokens"] != 16.0 || got[1].Body["max_tokens"] != nil {
				t.Errorf("%d requests, %v", len(got), got[len(got)-1].Body)
			}
		})
	}
}

// silent is a service that begins an answer, and then says no more.
type silent string

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if s == "" {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	body, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, string(s))
		<-r.Context().Done()
		_ = w.CloseWithError(r.Context().Err())
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r}, nil
}

// requestContext returns the context that a check of credentials gets for a request of Dify.
func requestContext(t *testing.T) (ctx context.Context) {
	t.Helper()
	p := runtime.NewModel(runtime.ModelConfig{ValidateProviderCredentials: func(c context.Context, _ map[string]any) (map[string]any, error) {
		ctx = c
		return nil, nil
	}})
	if _, err := p.Routes()[0].Serve(t.Context(), &runtime.Request{Data: map[string]any{"credentials": map[string]any{}}}); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// TestSilentService checks that users do not wait long for a service that does not answer, and are not
// told that a key is wrong.
func TestSilentService(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"no answer": "", "half an answer": `{"data":[`} {
		synctest.Test(t, func(t *testing.T) {
			b, ctx := newBase(), requestContext(t)
			b.HTTPClient = &http.Client{Transport: silent(begin)}
			start := time.Now()
			checkPlain(t, b.CheckProvider(ctx, form{url: "https://api.example.com"}), "the service took too long to answer", true)
			if took := time.Since(start); took != 30*time.Second {
				t.Errorf("%s: the provider took %s", name, took)
			}
			for _, modelType := range []runtime.ModelType{runtime.ModelTypeLLM, runtime.ModelTypeTextEmbedding, runtime.ModelTypeTTS} {
				start = time.Now()
				checkPlain(t, b.CheckModel(ctx, form{url: "https://api.example.com"}, modelType, "small"), "the service took too long to answer", true)
				if took := time.Since(start); took != time.Minute {
					t.Errorf("%s: the %s took %s", name, modelType, took)
				}
			}
		})
	}
}

// TestCheckRedirected checks that a base URL that redirects is not taken for a service that is down.
func TestCheckRedirected(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/v2", http.StatusMovedPermanently) })
	const want = "the service redirects requests, which then lose what they ask for: check the base URL, and whether it needs https"
	checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeLLM, "small"), want, false)
}

// TestCheckEnough checks that a check does not wait for the end of an answer.
func TestCheckEnough(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{`"content":"pong"`, `"reasoning_content":"Hm"`} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(stream(delta(piece))))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeLLM, "small"), "", false)
	}
	s := serve(t, say(200, `{"choices":[{}]}`))
	checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeLLM, "small"), "the answer of the service has no choices, or nothing in them", false)
	s = serve(t, say(200, stream(delta(`"content":""`))))
	checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeLLM, "small"), "the service has broken off its answer", true)
}

// TestSilence checks that what is sent to be transcribed is a WAVE file.
func TestSilence(t *testing.T) {
	t.Parallel()
	s := serve(t, say(200, `{"text":""}`))
	checkPlain(t, newBase().CheckModel(t.Context(), form{url: s.URL}, runtime.ModelTypeSpeech2Text, "small"), "", false)
	raw := string(s.got()[0].Raw)
	i := strings.Index(raw, "RIFF")
	if i < 0 || !strings.Contains(raw, `filename="audio.wav"`) {
		t.Fatal("there is no WAVE file")
	}
	wave := raw[i:]
	size := int(binary.LittleEndian.Uint32([]byte(wave[4:])))
	data := int(binary.LittleEndian.Uint32([]byte(wave[40:])))
	if wave[8:16] != "WAVEfmt " || wave[36:40] != "data" || size != 36+data || !strings.HasPrefix(wave[8+size:], "\r\n--") {
		t.Errorf("%d bytes, of them %d of sound", size, data)
	}
}
