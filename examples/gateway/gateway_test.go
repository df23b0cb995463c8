package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// gatewayKey is the API key that test gateways accept.
const gatewayKey = "s3cret-key"

// testGateway is a gateway that speaks OpenAI's API.
type testGateway struct {
	url           string
	authorization string // the header that it requires

	mu   sync.Mutex
	last map[string]any // the last request in JSON
}

// startGateway starts a gateway that requires an Authorization header.
func startGateway(t *testing.T, authorization string) *testGateway {
	t.Helper()
	g := &testGateway{authorization: authorization}
	g.url = start(t, g.serve)
	return g
}

// start starts a service, and returns its base URL.
func start(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

func (g *testGateway) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != g.authorization {
		fail(w, http.StatusUnauthorized, "Unknown key")
		return
	}
	body, _ := io.ReadAll(r.Body)
	request := make(map[string]any)
	if r.Header.Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(body, &request); err != nil {
			fail(w, http.StatusBadRequest, "The request is not JSON")
			return
		}
		g.mu.Lock()
		g.last = request
		g.mu.Unlock()
	}
	model, _ := request["model"].(string)
	if model == "medium" {
		fail(w, http.StatusNotFound, "There is no such model")
		return
	}
	switch r.URL.Path {
	case "/v1/models":
		answer(w, `{"object":"list","data":[{"id":"small"},{"id":"large"}]}`)
	case "/v1/chat/completions":
		chat(w, request)
	case "/v1/embeddings":
		answer(w, `{"data":[`+strings.Repeat(`{"embedding":[0.5,-1]},`, len(request["input"].([]any))-1)+`{"embedding":[0.5,-1]}],"usage":{"prompt_tokens":4,"total_tokens":4}}`)
	case "/v1/rerank":
		answer(w, `{"results":[{"index":1,"relevance_score":0.75},{"index":0,"relevance_score":0.25}]}`)
	case "/v1/responses":
		answer(w, `{"id":"resp_1","object":"response","status":"queued","error":null,"output":[],"usage":null}`)
	case "/v1/audio/speech":
		w.Header().Set("Content-Type", "audio/mpeg")
		fmt.Fprintf(w, "ID3 %s says %s", request["voice"], request["input"])
	case "/v1/audio/transcriptions":
		answer(w, fmt.Sprintf(`{"text":"It says: %t"}`, strings.Contains(string(body), "ID3")))
	case "/v1/moderations":
		answer(w, fmt.Sprintf(`{"results":[{"flagged":%t}]}`, strings.Contains(string(body), "bad")))
	default:
		fail(w, http.StatusNotFound, "There is no such endpoint")
	}
}

// chat answers what is asked for: with a call of a tool, if there is one, or some words.
func chat(w http.ResponseWriter, request map[string]any) {
	const usage = `{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500}`
	pieces := []string{`"content":"Hel"`, `"content":"lo!"`}
	reason := "stop"
	if request["tools"] != nil {
		pieces = []string{
			`"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":"}},{"index":1,"id":"b","function":{"name":"weather","arguments":"{}"}}]`,
			`"tool_calls":[{"index":0,"function":{"arguments":"\"Bonn\"}"}}]`,
		}
		reason = "tool_calls"
	}
	if request["stream"] != true {
		answer(w, `{"choices":[{"message":{"content":"Hello!"},"finish_reason":"stop"}],"usage":`+usage+`}`)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for _, piece := range pieces {
		fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{%s}}]}\n\n", piece)
	}
	fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":%q}]}\n\ndata: {\"choices\":[],\"usage\":%s}\n\ndata: [DONE]\n\n", reason, usage)
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"message":%q}}`, message)
}

// with returns values and, in addition, more.
func with(values, more map[string]any) map[string]any {
	values = maps.Clone(values)
	maps.Copy(values, more)
	return values
}
