package host_test

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

// respond calls a plugin that answers with these results, and returns the faults.
func respond(t *testing.T, action string, results ...string) []string {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	go func() {
		_, _ = bufio.NewReader(inR).ReadString('\n')
		for _, result := range results {
			fmt.Fprintf(outW, `{"event":"session","session_id":"session-1","data":{"type":"stream","data":%s}}`+"\n", result)
		}
		fmt.Fprintln(outW, `{"event":"session","session_id":"session-1","data":{"type":"end","data":{}}}`)
		_, _ = io.Copy(io.Discard, inR)
		_ = outW.Close()
	}()
	response, err := plugin.Call(t.Context(), "x", action, nil)
	if err != nil || len(response.Results) != len(results) {
		t.Errorf("%d results, %v", len(response.Results), err)
	}
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	return plugin.Faults()
}

// wantFault checks that the results of an action have one fault, which starts with want, or none if want is empty.
func wantFault(t *testing.T, action string, results []string, want string) {
	t.Helper()
	got := strings.Join(respond(t, action, results...), "\n")
	if want == "" && got != "" || !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
		t.Errorf("faults:\n%s\nwant %s", got, want)
	}
}

// TestResults checks that results that Dify would reject are recorded as faults.
func TestResults(t *testing.T) {
	t.Parallel()
	chunk := func(id string, size int, end bool) string {
		return fmt.Sprintf(`{"type":"blob_chunk","message":{"id":%q,"sequence":0,"total_length":9,"blob":%q,"end":%t},"meta":{}}`,
			id, base64.StdEncoding.EncodeToString(make([]byte, size)), end)
	}
	for name, test := range map[string]struct {
		action  string
		results []string
		want    string // "" for no fault
	}{
		"valid":             {"validate_tool_credentials", []string{`{"result":true}`}, ""},
		"no result":         {"validate_tool_credentials", []string{`{"valid":true}`}, "a check of credentials lacks result, or it is null"},
		"wrong type":        {"validate_tool_credentials", []string{`{"result":"yes"}`}, "a result that Dify cannot decode: "},
		"saved":             {"validate_model_credentials", []string{`{"result":true,"credentials":{}}`}, ""},
		"nothing saved":     {"validate_model_credentials", []string{`{"result":true,"credentials":null}`}, "a check of a model's credentials lacks credentials"},
		"authorization":     {"get_authorization_url", []string{`{"authorization_url":"https://x"}`}, ""},
		"no authorization":  {"get_authorization_url", []string{`{"url":"https://x"}`}, "an authorization lacks authorization_url"},
		"grant":             {"get_credentials", []string{`{"credentials":{"a":1},"expires_at":1.8e9,"metadata":{}}`}, ""},
		"fraction":          {"refresh_credentials", []string{`{"credentials":{},"expires_at":1.5}`}, "expires_at of an OAuth result is not an integer"},
		"text for a time":   {"refresh_credentials", []string{`{"credentials":{},"expires_at":"1"}`}, "a result that Dify cannot decode"},
		"no grant":          {"get_credentials", []string{`{"expires_at":1}`}, "an OAuth result lacks credentials"},
		"options":           {"fetch_parameter_options", []string{`{"options":[{"value":"v","label":{"en_US":"V"},"icon":null}]}`}, ""},
		"no label":          {"fetch_parameter_options", []string{`{"options":[{"value":"v","label":{}}]}`}, "an option lacks value or label.en_US"},
		"options are null":  {"fetch_parameter_options", []string{`{"options":null}`}, "a result lacks options"},
		"parameters":        {"get_tool_runtime_parameters", []string{`{"parameters":[{}]}`}, ""},
		"no parameters":     {"get_tool_runtime_parameters", []string{`{}`}, "a result lacks parameters"},
		"endpoint":          {"invoke_endpoint", []string{`{"status":200,"headers":{"A":"b"}}`, `{"result":"6869"}`}, ""},
		"no status":         {"invoke_endpoint", []string{`{"result":"6869"}`}, "the first result of an endpoint lacks status"},
		"no response":       {"invoke_endpoint", nil, "an endpoint sends no response"},
		"header as list":    {"invoke_endpoint", []string{`{"status":200,"headers":{"A":["b"]}}`}, "a result that Dify cannot decode"},
		"a piece of naught": {"invoke_endpoint", []string{`{"status":200}`, `{}`}, "a later result of an endpoint lacks result"},
		"not hex":           {"invoke_endpoint", []string{`{"status":200,"result":"xx"}`}, "a result of an endpoint is not in hexadecimal"},
		"text":              {"invoke_tool", []string{`{"type":"text","message":{"text":""},"meta":null}`}, ""},
		"text as message":   {"invoke_tool", []string{`{"type":"text","message":"hi"}`}, "a tool's message of type text: its message or meta is not an object"},
		"type":              {"invoke_tool", []string{`{"type":"word","message":{}}`}, `a tool's message of type "word"`},
		"empty link":        {"invoke_tool", []string{`{"type":"link","message":{"text":""}}`}, "a tool's message of type link: it has no URL"},
		"a link as it is":   {"invoke_tool", []string{`{"type":"link","message":{"text":"/a"}}`}, ""},
		"relative image":    {"invoke_tool", []string{`{"type":"image","message":{"text":"map.png"}}`}, "a tool's message of type image: its text is not an absolute URL with http or https, which Dify could download"},
		"a stored file":     {"invoke_tool", []string{`{"type":"binary_link","message":{"text":"/files/1"},"meta":{"tool_file_id":"1"}}`}, ""},
		"a file not stored": {"invoke_tool", []string{`{"type":"image_link","message":{"text":"/files/1"},"meta":null}`}, "a tool's message of type image_link: its meta has no tool_file_id, which says which file it is"},
		"image of a scheme": {"invoke_tool", []string{`{"type":"image","message":{"text":"data:image/png;base64,eA=="}}`}, "a tool's message of type image: its text is not an absolute URL with http or https, which Dify could download"},
		"no MIME type":      {"invoke_tool", []string{`{"type":"blob","message":{"blob":"eA=="},"meta":{"mime_type":"png"}}`}, `a tool's message of type blob: its mime_type is "png", not one such as text/plain`},
		"MIME type":         {"invoke_tool", []string{`{"type":"blob","message":{"blob":"eA=="},"meta":{"mime_type":"text/plain; charset=utf-8"}}`}, ""},
		"no text":           {"invoke_tool", []string{`{"type":"link","message":{}}`}, "a tool's message of type link: it has no text"},
		"scalar JSON":       {"invoke_tool", []string{`{"type":"json","message":{"json_object":5}}`}, "a tool's message of type json: its json_object is neither an object nor a list"},
		"no blob":           {"invoke_tool", []string{`{"type":"blob","message":{}}`}, "a tool's message of type blob: it has no blob"},
		"not base64":        {"invoke_tool", []string{`{"type":"blob","message":{"blob":"?"}}`}, "a tool's message of type blob: its blob is not in base64"},
		"chunks":            {"invoke_tool", []string{chunk("a", 8192, false), chunk("a", 0, true)}, ""},
		"chunk too large":   {"invoke_tool", []string{chunk("a", 8193, true)}, "a tool's message of type blob_chunk: its blob has 8193 bytes, more than 8192"},
		"no last chunk":     {"invoke_tool", []string{chunk("a", 1, false)}, "a file is lost, since no chunk has end: a"},
		"chunk without id":  {"invoke_tool", []string{chunk("", 1, true)}, "a tool's message of type blob_chunk: it has no id"},
		"variable's name":   {"invoke_tool", []string{`{"type":"variable","message":{"variable_name":"text","variable_value":1}}`}, "a tool's message of type variable: its name is text, which Dify refuses"},
		"streamed number":   {"invoke_tool", []string{`{"type":"variable","message":{"variable_name":"n","variable_value":1,"stream":true}}`}, "a tool's message of type variable: the value of n is not text"},
		"no variable":       {"invoke_tool", []string{`{"type":"variable","message":{}}`}, "a tool's message of type variable: it has no variable_name"},
		"log's status":      {"invoke_tool", []string{`{"type":"log","message":{"id":"1","label":"l","status":"done"}}`}, `a tool's message of type log: its status is "done"`},
		"log without id":    {"invoke_tool", []string{`{"type":"log","message":{"label":"l","status":"start"}}`}, "a tool's message of type log: it has no id or label"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFault(t, test.action, test.results, test.want)
		})
	}
}

// TestLargeFile checks the limit of a file that comes in chunks.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	blob := base64.StdEncoding.EncodeToString(make([]byte, host.MaxBlobChunk))
	chunk := json.RawMessage(`{"type":"blob_chunk","message":{"id":"a","blob":"` + blob + `"}}`)
	chunks := make([]json.RawMessage, host.MaxFile/host.MaxBlobChunk+1)
	for i := range chunks {
		chunks[i] = chunk
	}
	_, faults := host.NewToolResult(chunks)
	want := []string{"a tool's message of type blob_chunk: the file has more than 52428800 bytes", "a file is lost, since no chunk has end: a"}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestToolResult(t *testing.T) {
	t.Parallel()
	var results []json.RawMessage
	for _, line := range []string{
		`{"type":"text","message":{"text":"a"}}`, `{"type":"link","message":{"text":"https://l"}}`, `{"type":"text","message":{"text":"b"}}`,
		`{"type":"image","message":{"text":"https://i"}}`, `{"type":"json","message":{"json_object":[1]}}`,
		`{"type":"blob_chunk","message":{"id":"1","blob":"aGVs","end":false},"meta":{"filename":"f","mime_type":"text/plain"}}`,
		`{"type":"blob_chunk","message":{"id":"2","blob":"eA==","end":false},"meta":{}}`,
		`{"type":"blob_chunk","message":{"id":"1","blob":"bG8=","end":true},"meta":{"filename":"f","mime_type":"text/plain"}}`,
		`{"type":"blob_chunk","message":{"id":"2","blob":"","end":true},"meta":{}}`,
		`{"type":"blob","message":{"blob":"eQ=="},"meta":{"mime_type":"image/png"}}`,
		`{"type":"variable","message":{"variable_name":"v","variable_value":1}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"x","stream":true}}`,
		`{"type":"variable","message":{"variable_name":"s","variable_value":"y","stream":true}}`,
		`{"type":"log","message":{"id":"1","label":"l","status":"start","parent_id":null,"error":null,"data":{},"metadata":{}}}`,
		`{"type":"log","message":{"id":"1","label":"l","status":"error","error":"e","data":{"a":1}}}`,
		`{"type":"retriever_resources","message":{"retriever_resources":[],"context":""}}`,
	} {
		results = append(results, json.RawMessage(line))
	}
	got, faults := host.NewToolResult(results)
	if len(faults) > 0 || len(got.Messages) != len(results) {
		t.Errorf("%d messages, faults %q", len(got.Messages), faults)
	}
	got.Messages = nil
	want := &host.ToolResult{
		Text: "ab", Links: []string{"https://l"}, Images: []string{"https://i"}, JSON: []json.RawMessage{json.RawMessage("[1]")},
		Files: []host.File{
			{Name: "f", MIMEType: "text/plain", Data: []byte("hello")}, {MIMEType: "application/octet-stream", Data: []byte("x")},
			{MIMEType: "image/png", Data: []byte("y")},
		},
		Variables: map[string]any{"v": 1.0, "s": "xy"},
		Logs:      []host.Log{{ID: "1", Label: "l", Status: "error", Error: "e", Data: map[string]any{"a": 1.0}}},
		Resources: []json.RawMessage{json.RawMessage(`{"retriever_resources":[],"context":""}`)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	request := func(method, target, body string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
		r.Host = "hooks.example"
		r.Header.Set("X-Forwarded-For", "1")
		return r
	}
	endpoint := func(r *http.Request) (string, error) { return host.EncodeEndpoint(r, "h1") }
	hook := func(path string) string {
		return "Dify-Hook-Id: h1\r\nDify-Hook-Url: http://hooks.example/e/h1" + path + "\r\n"
	}
	withHeader := func(r *http.Request, name, value string) *http.Request {
		r.Header.Set(name, value)
		return r
	}
	for name, test := range map[string]struct {
		encode func(*http.Request) (string, error)
		r      *http.Request
		want   string
	}{
		"get":  {endpoint, request("GET", "/a%20b?z=1&a=%20", ""), "GET /a%20b?a=+&z=1 HTTP/1.1\r\nHost: hooks.example\r\n" + hook("/a b") + "User-Agent: Go-http-client/1.1\r\n\r\n"},
		"post": {endpoint, request("POST", "/", "hi"), "POST / HTTP/1.1\r\nHost: hooks.example\r\nContent-Length: 2\r\n" + hook("/") + "User-Agent: Go-http-client/1.1\r\n\r\nhi"},
		"over TLS": {endpoint, withHeader(request("GET", "/a", ""), "X-Forwarded-Proto", "https"), "GET /a HTTP/1.1\r\nHost: hooks.example\r\n" +
			"Dify-Hook-Id: h1\r\nDify-Hook-Url: https://hooks.example/e/h1/a\r\nUser-Agent: Go-http-client/1.1\r\nX-Forwarded-Proto: https\r\n\r\n"},
		"with an address of the caller's": {endpoint, withHeader(request("GET", "/a", ""), "Dify-Hook-Url", "x"), "GET /a HTTP/1.1\r\nHost: hooks.example\r\n" +
			"Dify-Hook-Id: h1\r\nDify-Hook-Url: x\r\nUser-Agent: Go-http-client/1.1\r\n\r\n"},
		"empty post": {endpoint, request("POST", "/", ""), "POST / HTTP/1.1\r\nHost: hooks.example\r\n" + hook("/") +
			"Transfer-Encoding: chunked\r\nUser-Agent: Go-http-client/1.1\r\n\r\n0\r\n\r\n"},
		"callback": {host.EncodeCallback, request("GET", "/cb", ""), "GET /cb? HTTP/1.1\r\nHost: hooks.example\r\nX-Forwarded-For: 1\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.encode(test.r)
			raw, _ := hex.DecodeString(got)
			if err != nil || string(raw) != test.want {
				t.Errorf("got %q, %v\nwant %q", raw, err, test.want)
			}
		})
	}
}

func TestDecodeEndpoint(t *testing.T) {
	t.Parallel()
	response := &host.Response{Results: []json.RawMessage{
		json.RawMessage(`{"status":201,"headers":{"X-A":"b"},"result":"68"}`), json.RawMessage(`{"result":"69"}`),
	}}
	resp, body, err := host.DecodeEndpoint(response, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	again, _ := io.ReadAll(resp.Body)
	if resp.Status != "201 Created" || resp.Header.Get("X-A") != "b" || string(body) != "hi" || string(again) != "hi" {
		t.Errorf("got %s, %v, %s", resp.Status, resp.Header, body)
	}
	failure := &host.Error{Type: "E", Message: "m"}
	for want, response := range map[string]*host.Response{
		"the response is cut off: E: m":  {Results: response.Results, Err: failure},
		"E: m":                           {Err: failure},
		"the endpoint sends no response": {},
	} {
		resp, _, err := host.DecodeEndpoint(response, nil)
		if err == nil {
			_ = resp.Body.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
