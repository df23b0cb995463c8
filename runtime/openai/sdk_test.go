package openai_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// sdkCall is a call for testdata/sdk.py.
type sdkCall struct {
	URL        string         `json:"url"`
	Key        string         `json:"key"`
	Mode       string         `json:"mode"`
	Messages   []llm.Message  `json:"messages"`
	Tools      []llm.Tool     `json:"tools"`
	Stop       []string       `json:"stop"`
	Stream     bool           `json:"stream"`
	User       string         `json:"user"`
	Parameters map[string]any `json:"parameters"`
}

// sdkOutcome is what the SDK makes of an answer.
type sdkOutcome struct {
	said
	Error string
}

// sdkCase is a call that is made here and with the SDK.
type sdkCase struct {
	name   string
	change func(*llm.Call[form, parameters])
	answer string
}

// sdkDifferences are the cases in which the SDK does something else, and what.
var sdkDifferences = map[string]string{
	// Answers.
	"CRLF, comments, no spaces and empty data":            "it wants LF, unless users say otherwise in stream_mode_delimiter",
	"one line feed after each chunk":                      "it wants two, unless users say otherwise in stream_mode_delimiter",
	"a chunk of several lines":                            "it takes what follows the first line for the end",
	"the whole answer after blanks":                       "it knows no byte order mark",
	"a refusal":                                           "it drops that",
	"messages in place of deltas":                         "it drops them",
	"content in parts":                                    "it fails",
	"wrong types":                                         "it fails",
	"other choices":                                       "it takes the first one for that of index 0",
	"no finish_reason, but [DONE]":                        "it gives no reason",
	"usage in each chunk, and in a choice":                "it does not look for usage in a choice",
	"tool calls in pieces":                                "it appends pieces without an ID to the last call, whatever their index",
	"an ID of its own for each piece":                     "it makes a call of each piece",
	"neither indexes nor IDs":                             "it keeps empty arguments, which are not JSON",
	"tool calls that all have the index 0, and no IDs":    "it makes a call of each piece with a name",
	"tool calls of a whole answer":                        "it keeps empty IDs and arguments",
	"the same ID for all calls of a whole answer":         "it keeps IDs by which Dify makes one call of them",
	"the same ID for all, and arguments that are objects": "it fails",
	"the older form of calls":                             "it reads those only of users who have chosen function_call",
	"the older form, whole":                               "it reads those only of users who have chosen function_call",
	"less than no tokens":                                 "it passes them on",
	"usage that cannot be":                                "it passes it on",
	"usage of wrong types":                                "it fails",
	"usage that is not a number":                          "it fails",
	"usage that is far too much":                          "it fails",
	"usage that cannot be read, after one that can":       "it fails",

	// Requests.
	"parameters":                          "it sends what is empty, and its own user in place of a parameter of that name",
	"tools":                               "it sends empty descriptions",
	"a choice of tools":                   "it has its own",
	"thoughts":                            "it sends them",
	"images":                              "it has a detail where Dify sends none",
	"audio":                               "it drops them",
	"videos and documents":                "it drops documents",
	"XML":                                 "it sends it, and services refuse it",
	"a JSON object, in Dify's older word": "it sends it, and services refuse it",
	"a response format that is made":      "it packs it again",
	"no response format":                  "it sends the empty text",
	"a schema":                            "it takes the name for a part of the parameter, as Dify sends it",
	"a schema without a name, of a model without the parameter": "it drops it",
	"a schema that does not count":                              "it sends it as a parameter of its own",
}

// recorder is a service that answers each call as its path says, and keeps what it gets.
type recorder struct {
	mu      sync.Mutex
	answers map[string]string // by the first element of the path
	bodies  map[string]map[string]any
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id, path, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	data, _ := io.ReadAll(req.Body)
	body := make(map[string]any)
	_ = json.Unmarshal(data, &body)
	body["path"], body["key"] = path, req.Header.Get("Authorization")
	delete(body, "stream_options") // the SDK does not ask for usage
	r.mu.Lock()
	r.bodies[id] = body
	r.mu.Unlock()
	say(http.StatusOK, r.answers[id])(w, req)
}

// TestSDK compares requests, and what becomes of answers, with Dify's SDK for Python.
func TestSDK(t *testing.T) {
	t.Parallel()
	python := os.Getenv("DIFYGEN_SDK")
	if python == "" {
		t.Skip("SKIPPED: the calls are not compared with Dify's SDK for Python: set DIFYGEN_SDK to the path of a Python that has it")
	}
	r := &recorder{answers: make(map[string]string), bodies: make(map[string]map[string]any)}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)

	cases := sdkCases()
	var ours []sdkOutcome
	var calls []sdkCall
	for i, c := range cases {
		id := strconv.Itoa(i)
		r.answers["go-"+id], r.answers["py-"+id] = c.answer, c.answer
		call := chatCall(s.URL + "/go-" + id + "/v1")
		c.change(call)
		call.Stream = !strings.HasPrefix(strings.TrimLeft(c.answer, "\uFEFF \n"), "{")
		ours = append(ours, ourOutcome(t, call))
		calls = append(calls, sdkCall{
			s.URL + "/py-" + id + "/v1", key, call.Schema.PropertyText("mode"), call.Messages, call.Tools, call.Stop, call.Stream, call.UserID, call.Parameters,
		})
	}
	theirs := sdkOutcomes(t, python, calls)
	for i, c := range cases {
		if !calls[i].Stream && theirs[i].Error == "" {
			theirs[i].Reason = ours[i].Reason // the SDK drops it
		}
		id := strconv.Itoa(i)
		diff := cmp.Diff(theirs[i], ours[i], cmp.AllowUnexported(sdkOutcome{}), anyID) + cmp.Diff(r.bodies["py-"+id], r.bodies["go-"+id])
		switch _, known := sdkDifferences[c.name]; {
		case diff != "" && !known:
			t.Errorf("%s (-SDK +here):\n%s", c.name, diff)
		case diff == "" && known:
			t.Errorf("%s: there is no difference any more", c.name)
		}
	}
	t.Logf("%d calls compared", len(cases))
}

// sdkCases are the calls of other tests.
func sdkCases() []sdkCase {
	var cases []sdkCase
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		cases = append(cases, sdkCase{name, func(*llm.Call[form, parameters]) {}, answers[name].answer})
	}
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		probe := chatCall("")
		requests[name].change(probe)
		if _, err := json.Marshal(probe.Messages); err == nil && probe.Credentials.config == nil { // nothing of which the SDK has no form
			cases = append(cases, sdkCase{name, requests[name].change, hello})
		}
	}
	return cases
}

func ourOutcome(t *testing.T, call *llm.Call[form, parameters]) sdkOutcome {
	t.Helper()
	result, _, err := ask(t.Context(), call)
	if err != nil {
		if !errors.As(err, new(*runtime.Error)) {
			t.Error(err)
		}
		return sdkOutcome{Error: "any"}
	}
	o := sdkOutcome{said: saidOf(result)}
	for i := range o.Calls {
		o.Calls[i].Type = ""
	}
	return o
}

// sdkOutcomes makes the calls with the SDK.
func sdkOutcomes(t *testing.T, python string, calls []sdkCall) []sdkOutcome {
	t.Helper()
	data, err := json.Marshal(calls)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/sdk.py")
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = new(bytes.Buffer)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, cmd.Stderr)
	}
	var list []struct {
		Text   string
		Calls  []struct{ ID, Name, Arguments string }
		Reason llm.FinishReason
		Tokens [3]int
		Error  string
	}
	if err := json.Unmarshal(out[bytes.LastIndexByte(out, '\n')+1:], &list); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	outcomes := make([]sdkOutcome, len(list))
	for i, o := range list {
		outcomes[i] = sdkOutcome{said: said{o.Text, nil, o.Reason, o.Tokens}}
		if o.Error != "" {
			outcomes[i] = sdkOutcome{Error: "any"}
		}
		for _, c := range o.Calls {
			outcomes[i].Calls = append(outcomes[i].Calls, llm.ToolCall{ID: c.ID, Name: c.Name, Arguments: c.Arguments})
		}
	}
	return outcomes
}
