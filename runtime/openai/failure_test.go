package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/internal/test/modeltest"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/openai"
	"github.com/difygen/difygen/runtime/speech"
)

// TestFailures has what services say when they fail, and what Dify gets.
func TestFailures(t *testing.T) {
	t.Parallel()
	const (
		text     = "the service returned status "
		noChoice = "the answer of the service has no choices, or nothing in them"
	)
	for name, test := range map[string]struct {
		answer   http.HandlerFunc
		wantType runtime.ErrorType
		want     string
	}{
		"400": {
			say(400, `{"error":{"message":"The prompt is\n\ntoo long.","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}`),
			runtime.ErrorInvokeBadRequest, text + "400 Bad Request: The prompt is too long.",
		},
		"400 without a body":        {say(400, ``), runtime.ErrorInvokeBadRequest, text + "400 Bad Request"},
		"400 with a web page":       {say(400, `<html>`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request"},
		"400 with a list":           {say(400, `[]`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request"},
		"400 with a text":           {say(400, `{"error":"model is required"}`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request: model is required"},
		"400 with a message":        {say(400, `{"object":"error","message":"Bad prompt","code":40001}`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request: Bad prompt"},
		"400 with a message beside": {say(400, `{"error":true,"message":"Bad prompt"}`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request: Bad prompt"},
		"400 with a detail":         {say(400, `{"detail":"Bad prompt"}`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request: Bad prompt"},
		"422 with details":          {say(422, `{"detail":[{"loc":["body"],"msg":"Field required"}]}`), runtime.ErrorInvokeBadRequest, text + "422 Unprocessable Entity: Field required"},
		"a long message":            {say(400, `{"error":{"message":"`+strings.Repeat("é", 1000)+`"}}`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request: " + strings.Repeat("é", 300) + "…"},
		"a huge message":            {say(400, `{"error":{"message":"`+strings.Repeat("é", 9<<10)+key+`"}}`), runtime.ErrorInvokeBadRequest, text + "400 Bad Request: " + strings.Repeat("é", 300) + "…"},
		"401":                       {say(401, `{"error":{"message":"Incorrect API key provided: sk-test*********cdef."}}`), runtime.ErrorInvokeAuthorization, text + "401 Unauthorized: Incorrect API key provided: sk-test*********cdef."},
		"401 with the key":          {say(401, `{"error":{"message":"Incorrect API key provided: `+key+`."}}`), runtime.ErrorInvokeAuthorization, text + "401 Unauthorized"},
		"401 with the start of it":  {say(401, `{"error":{"message":"Incorrect API key provided: `+key[:13]+`…"}}`), runtime.ErrorInvokeAuthorization, text + "401 Unauthorized"},
		"403":                       {say(403, `{"error":{"message":"No access to this model"}}`), runtime.ErrorInvokeAuthorization, text + "403 Forbidden: No access to this model"},
		"404":                       {say(404, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`), runtime.ErrorInvokeBadRequest, text + "404 Not Found: The model does not exist"},
		"404 of a server":           {say(404, `404 page not found`), runtime.ErrorInvokeBadRequest, text + "404 Not Found"},
		"429":                       {say(429, `{"error":{"message":"Slow down","type":"requests"}}`, "Retry-After", "20"), runtime.ErrorInvokeRateLimit, text + "429 Too Many Requests: Slow down: it asks to try again in 20 s"},
		"500":                       {say(500, `{"error":{"message":"Oops"}}`), runtime.ErrorInvokeServerUnavailable, text + "500 Internal Server Error: Oops"},
		"503":                       {say(503, ``), runtime.ErrorInvokeServerUnavailable, text + "503 Service Unavailable"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusMovedPermanently)
			}
		}, runtime.ErrorInvokeBadRequest, "the service redirects requests, which then lose what they ask for: check the base URL, and whether it needs https"},
		"a redirect to another host": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://other.example.com/", http.StatusTemporaryRedirect)
			}, runtime.ErrorInvokeConnection, "could not reach the service: the response redirects a request with a body to another host",
		},
		"a web page":                 {say(200, "\n<!DOCTYPE html><title>Sign in</title>", "Content-Type", "text/html"), runtime.ErrorInvoke, "the service has answered with a web page: check the base URL"},
		"nothing":                    {say(200, ""), runtime.ErrorInvoke, "the service has answered nothing"},
		"a text":                     {say(200, "Ollama is running"), runtime.ErrorInvoke, "the service has not answered in JSON: check the base URL"},
		"a list":                     {say(200, "[1]"), runtime.ErrorInvoke, "the service has not answered in JSON: check the base URL"},
		"other JSON":                 {say(200, `{"status":"ok"}`), runtime.ErrorInvoke, noChoice},
		"no choices":                 {say(200, `{"choices":[]}`), runtime.ErrorInvoke, noChoice},
		"an empty choice":            {say(200, `{"choices":[{}]}`), runtime.ErrorInvoke, noChoice},
		"a choice of an index":       {say(200, `{"choices":[{"index":0,"finish_reason":null}],"usage":{"total_tokens":3}}`), runtime.ErrorInvoke, noChoice},
		"an empty message":           {say(200, `{"choices":[{"message":{"role":"assistant","content":null}}]}`), runtime.ErrorInvoke, noChoice},
		"an empty choice, and why":   {say(200, `{"choices":[{}],"message":"Bad prompt"}`), runtime.ErrorInvoke, "the service reports an error: Bad prompt"},
		"an empty choice of success": {say(200, `{"error":{"code":0,"message":"success"},"choices":[{}]}`), runtime.ErrorInvoke, "the service reports an error: success"},
		"an error with an answer": {
			say(200, `{"error":{"message":"Upstream failed"},"choices":[{"message":{"content":"Hel"},"finish_reason":"stop"}]}`), runtime.ErrorInvoke, "the service reports an error: Upstream failed",
		},
		"a text as error with an answer": {
			say(200, `{"error":"success?","choices":[{"message":{"content":"Hel"},"finish_reason":"stop"}]}`), runtime.ErrorInvoke, "the service reports an error: success?",
		},
		"a stream of empty choices": {say(200, stream(`{"choices":[{}]}`, "[DONE]")), runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		"broken JSON":               {say(200, `{"choices":[{"message":{"content":"Hel`), runtime.ErrorInvoke, "the service has sent something else than a piece of an answer in JSON"},
		"of wrong types":            {say(200, `{"choices":5}`), runtime.ErrorInvoke, "the service has sent something else than a piece of an answer in JSON"},
		"an error with status 200": {
			say(200, `{"error":{"message":"Quota exceeded","code":"insufficient_quota"}}`), runtime.ErrorInvokeRateLimit, "the service reports an error: Quota exceeded",
		},
		"an error with the key":    {say(200, `{"error":{"message":"No access for `+key+`","code":"invalid_api_key"}}`), runtime.ErrorInvokeAuthorization, "the service reports an error"},
		"garbage in the stream":    {say(200, stream(delta(`"content":"Hel"`), "<garbage>", finish("stop"))), runtime.ErrorInvoke, "the service has sent something else than a piece of an answer in JSON"},
		"other JSON in the stream": {say(200, stream(delta(`"content":"Hel"`), `"lo"`, finish("stop"))), runtime.ErrorInvoke, "the service has sent something else than a piece of an answer in JSON"},
		"an error in the stream": {
			say(200, stream(delta(`"content":"Hel"`), `{"error":{"message":"Overloaded","type":"overloaded_error"}}`, "[DONE]")),
			runtime.ErrorInvokeServerUnavailable, "the service reports an error: Overloaded",
		},
		"an error with choices": {
			say(200, stream(delta(`"content":"Hel"`), `{"error":{"message":"Upstream failed","code":502},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`)),
			runtime.ErrorInvokeServerUnavailable, "the service reports an error: Upstream failed",
		},
		"an error in words":    {say(200, stream(`{"object":"error","message":"Too long","type":"BadRequestError","code":400}`)), runtime.ErrorInvokeBadRequest, "the service reports an error: Too long"},
		"an event of an error": {say(200, "event: error\ndata: {\"type\":\"unknown\",\"message\":\"Failed\"}\n\n"), runtime.ErrorInvoke, "the service reports an error: Failed"},
		"an error of a number": {say(200, stream(`{"error":5}`)), runtime.ErrorInvoke, "the service reports an error: 5"},
		"a stream that ends":   {say(200, stream(delta(`"content":"Hel"`))), runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		"a stream that ends within a chunk": {
			say(200, stream(delta(`"content":"Hel"`))+`data: {"choices":[{"delta":{"content":"lo`), runtime.ErrorInvokeConnection, "the service has broken off its answer",
		},
		"a stream of comments": {say(200, ": hello\n\n: hello\n\n"), runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		"a stream of nothing":  {say(200, stream("[DONE]")), runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		"a connection that is cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, stream(delta(`"content":"Hel"`)))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		"a line without end": {
			say(200, "data: "+strings.Repeat("x", 9<<20)), runtime.ErrorInvoke, "an event of the stream is too long: it has more than 8388608 bytes",
		},
		"calls without end": {
			say(200, `{"choices":[{"message":{"tool_calls":[`+strings.Repeat(`{"function":{"name":"f"}},`, 1000)+`{"function":{"name":"f"}}]}}]}`), runtime.ErrorInvoke, "the model calls more than 1000 tools at once",
		},
		"a call without a name": {
			say(200, stream(delta(`"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]`), finish("tool_calls"))), runtime.ErrorInvoke, "the model calls a tool without a name",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answer)
			s.Config.ErrorLog = nil
			for _, streamed := range []bool{true, false} {
				call := chatCall(s.URL)
				call.Stream = streamed
				_, chunks, err := ask(t.Context(), call)
				checkError(t, err, test.wantType, test.want)
				if len(chunks) > 0 && chunks[len(chunks)-1].Usage != nil {
					t.Error("an answer that has failed is finished")
				}
			}
		})
	}
}

// TestLongCall checks that the arguments of a call are bounded.
func TestLongCall(t *testing.T) {
	t.Parallel()
	piece := delta(`"tool_calls":[{"index":0,"function":{"name":"f","arguments":"` + strings.Repeat("x", 7<<20) + `"}}]`)
	s := serve(t, say(200, strings.Repeat(stream(piece), 5)))
	_, _, err := ask(t.Context(), chatCall(s.URL))
	checkError(t, err, runtime.ErrorInvoke, "the tool calls of the model have more than 32 MiB")
}

// TestCutAtTheEnd checks that an answer is whole when the connection is cut after it.
func TestCutAtTheEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = io.WriteString(w, stream(delta(`"content":"Hello"`), finish("stop"), usage))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	if result, _, err := ask(t.Context(), chatCall(s.URL)); err != nil || result.Text() != "Hello" || result.Usage.TotalTokens != 5 {
		t.Errorf("%+v, %v", result, err)
	}
}

// reset is a service whose connection is reset after it has begun an answer.
type reset string

func (begun reset) RoundTrip(r *http.Request) (*http.Response, error) {
	err := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	body := io.MultiReader(strings.NewReader(string(begun)), iotest.ErrReader(err))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
}

// TestReset checks that a service whose connection ends within an answer was not one that could not be
// reached, however it ends.
func TestReset(t *testing.T) {
	t.Parallel()
	for _, begun := range []string{"", "\n", stream(delta(`"content":"Hel"`)), `{"choices":[`} {
		b := newBase()
		b.HTTPClient = &http.Client{Transport: reset(begun)}
		call := chatCall("https://api.example.com")
		err := b.LLM(t.Context(), call, llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error { return nil }))
		checkError(t, err, runtime.ErrorInvokeConnection, "the service has broken off its answer")
		if !errors.Is(err, runtime.ErrUnreachable) {
			t.Errorf("after %q, the service is to blame", begun)
		}
		_, err = b.Embed(t.Context(), &embedding.Call[form]{Credentials: call.Credentials, Texts: []string{"a"}})
		checkError(t, err, runtime.ErrorInvokeConnection, "the service has broken off its answer")
		err = b.Speak(t.Context(), &speech.SpeakCall[form]{Credentials: call.Credentials, Text: "a"}, speech.NewOutput(func(speech.Chunk) error { return nil }))
		checkError(t, err, runtime.ErrorInvokeConnection, "the service has broken off its answer")
	}
}

// TestSecrets checks that no error has what a request has in its headers and its query.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = "topsecret-qwertzuiop"
	for name, config := range map[string]func(*openai.Config){
		"a header":   func(c *openai.Config) { c.Authorize = func(r *http.Request) { r.Header.Set("api-key", secret) } },
		"a password": func(c *openai.Config) { c.Authorize = func(r *http.Request) { r.SetBasicAuth("u", secret) } },
		"a query":    func(c *openai.Config) { c.Authorize = func(r *http.Request) { r.URL.RawQuery = "key=" + secret } },
		"the base":   func(c *openai.Config) { c.BaseURL += "/v1?key=" + secret },
	} {
		for _, status := range []int{200, 400} {
			s := serve(t, say(status, `{"error":{"message":"Wrong key `+secret+`"}}`))
			call := chatCall(s.URL)
			call.Credentials.config = config
			_, _, err := ask(t.Context(), call)
			if err == nil || strings.Contains(err.Error(), "Wrong key") {
				t.Errorf("%s, status %d: %v", name, status, err)
			}
		}
	}
	for name, config := range map[string]func(*openai.Config){
		"a short key":      func(c *openai.Config) { c.APIKey = runtime.NewSecret("hunter2") },
		"a short password": func(c *openai.Config) { c.Authorize = func(r *http.Request) { r.SetBasicAuth("u", "hunter2") } },
		"a short header":   func(c *openai.Config) { c.Authorize = func(r *http.Request) { r.Header.Set("api-key", "hunter2") } },
	} {
		for _, said := range []string{"hunter2", "aHVudGVyMg==", "%68unter2"} {
			s := serve(t, say(400, `{"error":{"message":"Wrong key: `+said+`."}}`))
			call := chatCall(s.URL)
			call.Credentials.config = config
			_, _, err := ask(t.Context(), call)
			checkError(t, err, runtime.ErrorInvokeBadRequest, "the service returned status 400 Bad Request")
			if t.Failed() {
				t.Fatal(name, said)
			}
		}
	}
	redirects := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			http.Redirect(w, r, "/v2", http.StatusTemporaryRedirect)
			return
		}
		say(200, `{"error":{"message":"Wrong key `+secret+`"}}`)(w, r)
	})
	call := chatCall(redirects.URL + "/v1?key=" + secret)
	_, _, err := ask(t.Context(), call)
	checkError(t, err, runtime.ErrorInvoke, "the service reports an error")

	s := serve(t, say(200, hello))
	address := s.Listener.Addr().String()
	s.Close()
	_, _, err = ask(t.Context(), chatCall(s.URL+"/v1?key="+secret))
	if !errors.Is(err, runtime.ErrUnreachable) || errorType(err) != runtime.ErrorInvokeConnection || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), address) {
		t.Errorf("a service that is not there: %v", err)
	}
}

// TestDeadline checks that a call ends with its context, before and after the answer has begun.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"no answer": "", "half an answer": stream(delta(`"content":"Hel"`))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if begin != "" {
					_, _ = io.WriteString(w, begin)
					w.(http.Flusher).Flush()
				}
				<-r.Context().Done()
			})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, _, err := ask(ctx, chatCall(s.URL))
			checkError(t, err, runtime.ErrorInvokeConnection, "the service took too long to answer")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v does not say that it is the deadline", err)
			}
		})
	}
}

// TestConfig says what is wrong with a provider, or with what its users have typed.
func TestConfig(t *testing.T) {
	t.Parallel()
	call := chatCall("localhost")
	_, _, err := ask(t.Context(), call)
	checkError(t, err, runtime.ErrorInvokeBadRequest, "the base URL must be one such as https://api.example.com/v1")
	var none base
	err = none.LLM(t.Context(), call, llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error { return nil }))
	if err == nil || err.Error() != "openai.Base has no Config: set it where the provider is made" {
		t.Error(err)
	}
	bad := chatCall("https://localhost")
	bad.Parameters = parameters{"x": func() {}}
	if _, _, err = ask(t.Context(), bad); !errors.As(err, new(*json.UnsupportedTypeError)) {
		t.Errorf("a parameter that is not for JSON: %v", err)
	}
}

// slow is a stream that waits between its events.
type slow struct {
	ctx    context.Context
	events []string
	wait   time.Duration
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.ctx = r.Context()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(s), Request: r}, nil
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.events) == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(s.wait):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	n := copy(p, s.events[0])
	s.events = s.events[1:]
	return n, nil
}

// TestSlowStream checks that a stream may last as long as Dify waits, and no longer.
func TestSlowStream(t *testing.T) {
	t.Parallel()
	const written = `"content":"Hello"`
	const tooLong = "InvokeConnectionError: the service took too long to answer"
	for _, test := range []struct {
		wait, timeout time.Duration
		want          string
	}{
		{4 * time.Minute, 0, `"finish_reason":"stop"`},
		{6 * time.Minute, 0, tooLong},
		{4 * time.Minute, 5 * time.Minute, tooLong},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBase()
			b.HTTPClient = &http.Client{Timeout: test.timeout, Transport: &slow{events: []string{stream(delta(written)), stream(finish("stop"), "[DONE]")}, wait: test.wait}}
			decode := func(runtime.ModelType, map[string]any) (form, error) {
				return form{url: "https://api.example.com"}, nil
			}
			actions := llm.Bind(b, decode, func(*llm.ParameterReader) parameters { return nil })
			got := modeltest.Answer(t, actions, `{"model":"m","model_type":"llm"}`, "invoke_llm", `{"prompt_messages":[{"role":"user","content":"hello"}],"stream":true}`)
			if !strings.Contains(got, written) || !strings.Contains(got, test.want) {
				t.Errorf("%v: got %s, want %s", test.wait, got, test.want)
			}
		})
	}
}

func TestHTTPClient(t *testing.T) {
	t.Parallel()
	s := serve(t, say(200, hello))
	var dialed bool
	b := newBase()
	b.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed = true
		return new(net.Dialer).DialContext(ctx, network, address)
	}}}
	call := chatCall(s.URL)
	out := llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error { return nil })
	if err := b.LLM(t.Context(), call, out); err != nil || !dialed {
		t.Errorf("dialed %v, %v", dialed, err)
	}
	if b.HTTPClient.Timeout != 0 || b.HTTPClient.CheckRedirect != nil {
		t.Error("the client has been changed")
	}
}

// TestCheckRedirect checks that the client of a provider decides whether it follows a redirect.
func TestCheckRedirect(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v2/") {
			http.Redirect(w, r, "/v2/chat/completions", http.StatusTemporaryRedirect)
			return
		}
		say(200, hello)(w, r)
	})
	call := chatCall(s.URL)
	if result, _, err := ask(t.Context(), call); err != nil || result.Text() != "Hello" {
		t.Errorf("a redirect that is followed: %q, %v", result.Text(), err)
	}
	b := newBase()
	b.HTTPClient = &http.Client{CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		return errors.New("not to " + req.URL.Path)
	}}
	err := b.LLM(t.Context(), call, llm.NewOutput(call.ModelCall, true, func(*llm.Chunk) error { return nil }))
	checkError(t, err, runtime.ErrorInvokeConnection, "could not reach the service: not to /v2/chat/completions")
	if n := len(s.got()); n != 3 {
		t.Errorf("%d requests, of which one is a redirect that is followed, and one is not", n)
	}
}
