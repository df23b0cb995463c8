package host_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

// caller makes calls back, as a plugin that has one request.
type caller func(data string) (replies []string)

// invocation is a line with a call back.
func invocation(session, data string) string {
	return fmt.Sprintf(`{"event":"session","session_id":%q,"data":{"type":"invoke","data":%s}}`+"\n", session, data)
}

// ended reports whether a reply is the last, and returns it in short.
func ended(line []byte) (reply string, last bool) {
	var m struct {
		Event, Session string
		Data           struct {
			Event, Message string
			Data           json.RawMessage
		}
	}
	if err := json.Unmarshal(line, &m); err != nil || m.Event != "backwards_response" {
		return string(line), false
	}
	if m.Data.Event == "end" {
		return "end", true
	}
	return strings.TrimSuffix(fmt.Sprint(m.Data.Event, " ", m.Data.Message, " ", string(m.Data.Data)), " null"), false
}

// overPipes runs a plugin that makes calls back while it has a request of a type.
func overPipes(t *testing.T, typ string, handler host.Handler, use func(caller)) (*host.Response, []string) {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	plugin.Answer(handler)
	go func() {
		in := bufio.NewReader(inR)
		_, _ = in.ReadString('\n')
		use(func(data string) (replies []string) {
			_, _ = io.WriteString(outW, invocation("session-1", data))
			for {
				line, err := in.ReadBytes('\n')
				if err != nil {
					return append(replies, err.Error())
				}
				reply, last := ended(line)
				if replies = append(replies, reply); last {
					return replies
				}
			}
		})
		fmt.Fprintln(outW, `{"event":"session","session_id":"session-1","data":{"type":"end","data":{}}}`)
		_, _ = io.Copy(io.Discard, in)
		_ = outW.Close()
	}()
	response, err := plugin.Call(t.Context(), typ, "x", nil)
	if err != nil {
		t.Error(err)
	}
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	return response, plugin.Faults()
}

// overHTTP is overPipes in serverless mode.
func overHTTP(t *testing.T, typ string, handler host.Handler, use func(caller)) (*host.Response, []string) {
	t.Helper()
	daemon, err := host.ListenDaemon(handler)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(daemon.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		id := r.Header.Get("Dify-Plugin-Session-ID")
		use(func(data string) []string { return transact(t, daemon, invocation(id, data)) })
		fmt.Fprintf(w, `{"event":"session","session_id":%q,"data":{"type":"end","data":{}}}`+"\n", id)
	}))
	t.Cleanup(server.Close)
	plugin := daemon.Host(strings.TrimPrefix(server.URL, "http://"))
	t.Cleanup(plugin.Close)
	response, err := plugin.Call(t.Context(), typ, "x", nil)
	if err != nil {
		t.Error(err)
	}
	return response, plugin.Faults()
}

// transact posts a line.
func transact(t *testing.T, daemon *host.Daemon, line string) (replies []string) {
	t.Helper()
	resp, err := http.Post(daemon.URL()+"/backwards-invocation/transaction", "application/json", strings.NewReader(line))
	if err != nil {
		return []string{err.Error()}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		return []string{fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body)))}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return []string{err.Error()}
	}
	for line := range bytes.SplitSeq(body, []byte("\n\n")) {
		if len(bytes.TrimSpace(line)) > 0 {
			reply, _ := ended(line)
			replies = append(replies, reply)
		}
	}
	return replies
}

type transport = func(t *testing.T, typ string, handler host.Handler, use func(caller)) (*host.Response, []string)

var transports = map[string]transport{"pipes": overPipes, "HTTP": overHTTP}

// all permits everything.
func all(t *testing.T) host.Permission {
	t.Helper()
	p, err := host.ReadPermission([]byte(`{"resource":{"permission":{"tool":{"enabled":true},"node":{"enabled":true},"app":{"enabled":true},
		"model":{"enabled":true,"llm":true,"text_embedding":true,"rerank":true,"tts":true,"speech2text":true,"moderation":true},
		"storage":{"enabled":true,"size":1024}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// call returns the data of a call back.
func call(id int, typ, request string) string {
	return fmt.Sprintf(`{"type":%q,"backwards_request_id":"%d","request":%s}`, typ, id, request)
}

const models = `"provider":"a/b/c","model":"m"`

// valid has a valid request of each type.
var valid = map[string]string{
	"llm":                   `{` + models + `,"mode":"chat","prompt_messages":[{"role":"user","content":""}],"stream":true}`,
	"llm_structured_output": `{` + models + `,"mode":"chat","structured_output_schema":{}}`,
	"text_embedding":        `{` + models + `,"texts":[]}`, "multimodal_embedding": `{` + models + `,"documents":[],"input_type":"query"}`,
	"rerank": `{` + models + `,"query":"q","docs":["d"],"top_n":3,"score_threshold":0.5}`, "multimodal_rerank": `{` + models + `,"query":{"content":"q"},"docs":[{}]}`,
	"tts": `{` + models + `,"content_text":"t","voice":"v"}`, "speech2text": `{` + models + `,"file":"00"}`, "moderation": `{` + models + `,"text":"t"}`,
	"system_summary": `{"text":"t"}`, "tool": `{"tool_type":"builtin","provider":"a/b/c","tool":"t"}`, "app": `{"app_id":"a"}`, "fetch_app": `{"app_id":"a"}`,
	"node_parameter_extractor": `{"parameters":[{"name":"n","type":"string"}],"model":{"provider":"p","name":"n","mode":"chat"},"query":"q"}`,
	"node_question_classifier": `{"classes":[{"id":"1","name":"n"}],"model":{"provider":"p","name":"n","mode":"chat"},"query":"q"}`,
	"storage":                  `{"opt":"exist","key":"k"}`, "upload_file": `{"filename":"f.txt","mimetype":"text/plain"}`,
}

// TestEveryType checks that valid calls of every type get the programmed reply, over pipes and
// over HTTP, and those without a permission a refusal.
func TestEveryType(t *testing.T) {
	t.Parallel()
	refused := map[string]string{
		"llm": "llm", "llm_structured_output": "llm", "text_embedding": "text-embedding", "multimodal_embedding": "text-embedding", "rerank": "rerank",
		"multimodal_rerank": "rerank", "tts": "tts", "speech2text": "speech2text", "moderation": "moderation", "system_summary": "llm", "tool": "tool",
		"app": "app", "fetch_app": "app", "node_parameter_extractor": "node", "node_question_classifier": "node", "storage": "storage",
	}
	for _, typ := range host.Types() {
		for name, over := range transports {
			t.Run(typ+" over "+name, func(t *testing.T) {
				t.Parallel()
				dify := host.NewDify(all(t))
				dify.Program(typ, func(cb *host.Callback) error {
					cb.Stream(map[string]int{"n": 1})
					cb.Stream(map[string]int{"n": 2})
					return nil
				})
				_, faults := over(t, "tool", dify.Handle, func(c caller) {
					want := []string{`response stream {"n":1}`, `response stream {"n":2}`, "end"}
					if diff := cmp.Diff(want, c(call(1, typ, valid[typ]))); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
					if word := refused[typ]; word != "" {
						dify.Permit(host.Permission{})
						want = []string{"error permission denied, you need to enable " + word + " access in plugin manifest", "end"}
						if diff := cmp.Diff(want, c(call(2, typ, valid[typ]))); diff != "" {
							t.Errorf("(-want +got):\n%s", diff)
						}
					}
				})
				if len(faults) > 0 {
					t.Errorf("faults: %q", faults)
				}
			})
		}
	}
}

// TestRefusedCalls checks what Dify says of calls that it does not make.
func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	const invalid = "error unmarshal backwards invoke request failed: error validating struct: "
	required := func(path string) string {
		return "Key: '" + path + "' Error:Field validation for '" + path[strings.LastIndex(path, ".")+1:] + "' failed on the 'required' tag"
	}
	for name, test := range map[string]struct{ typ, request, want string }{
		"unknown type": {"encrypt", `{}`, "error unsupported invoke type: encrypt"},
		"no fields": {"llm", `{}`, invalid + required("InvokeLLMRequest.BaseRequestInvokeModel.Provider") + "\n" +
			required("InvokeLLMRequest.BaseRequestInvokeModel.Model") + "\n" + required("InvokeLLMRequest.InvokeLLMSchema.Mode")},
		"empty text":   {"fetch_app", `{"app_id":""}`, invalid + required("FetchAppRequest.AppId")},
		"null":         {"text_embedding", `{` + models + `,"texts":null}`, invalid + required("InvokeTextEmbeddingRequest.InvokeTextEmbeddingSchema.Texts")},
		"tool type":    {"tool", `{"tool_type":"x","provider":"p","tool":"t"}`, invalid + "Key: 'InvokeToolRequest.ToolType' Error:Field validation for 'ToolType' failed on the 'tool_type' tag"},
		"storage":      {"storage", `{"opt":"list","key":"k"}`, invalid + "Key: 'InvokeStorageRequest.Opt' Error:Field validation for 'Opt' failed on the 'storage_opt' tag"},
		"in a list":    {"node_question_classifier", `{"classes":[{"id":"1"}],"model":{"provider":"p","name":"n","mode":"m"},"query":"q"}`, invalid + required("InvokeQuestionClassifierRequest.Classes[0].Name")},
		"in an object": {"node_question_classifier", `{"classes":[],"model":{"provider":"p","name":"n"},"query":"q"}`, invalid + required("InvokeQuestionClassifierRequest.Model.Mode")},
		"wrong type":   {"storage", `{"opt":"get","key":5}`, "error unmarshal backwards invoke request failed: key: json: cannot unmarshal number into Go value of type string"},
		"no integer":   {"rerank", `{` + models + `,"query":"q","docs":[],"top_n":1.5}`, "error unmarshal backwards invoke request failed: top_n: json: cannot unmarshal number into Go value of type int"},
		"no content":   {"llm", `{` + models + `,"mode":"chat","prompt_messages":[{"role":"user","content":null}]}`, "error unmarshal backwards invoke request failed: prompt_messages: the content of a message is neither text nor a list"},
		"unknown call": {"llm", valid["llm"], "error read llm model failed: request failed: this host has no answer to calls of type llm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dify := host.NewDify(all(t))
			_, faults := overPipes(t, "endpoint", dify.Handle, func(c caller) {
				if diff := cmp.Diff([]string{test.want, "end"}, c(call(1, test.typ, test.request))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
			want := []host.Record{{
				Session: "session-1", From: "endpoint", Type: test.typ, Request: json.RawMessage(test.request),
				Err: strings.TrimPrefix(test.want, "error "), Unknown: name == "unknown call",
			}}
			if diff := cmp.Diff(want, dify.Calls()); diff != "" || len(faults) > 0 {
				t.Errorf("faults %q, calls (-want +got):\n%s", faults, diff)
			}
		})
	}
}

// TestStorage checks storage, with its limits, against what a real Dify answers.
func TestStorage(t *testing.T) {
	t.Parallel()
	dify := host.NewDify(all(t))
	dify.Store("there", []byte("hi"))
	const missing = "error load data failed, please check if the key is correct or you have not set it"
	big := strings.Repeat("00", 1024)
	steps := []struct{ request, want string }{
		{`{"opt":"get","key":"there"}`, `response struct {"data":"6869"}`},
		{`{"opt":"get","key":"a/b c:ü"}`, missing},
		{`{"opt":"exist","key":"a/b c:ü"}`, `response struct {"data":false,"exist_num":0}`},
		{`{"opt":"set","key":"a/b c:ü","value":"00ff"}`, `response struct {"data":"ok"}`},
		{`{"opt":"get","key":"a/b c:ü"}`, `response struct {"data":"00ff"}`},
		{`{"opt":"exist","key":"a/b c:ü"}`, `response struct {"data":true,"exist_num":1}`},
		{`{"opt":"del","key":"a/b c:ü"}`, `response struct {"data":"ok","deleted_num":0}`},
		{`{"opt":"del","key":"a/b c:ü"}`, "error delete data failed: stat a/b c:ü: no such file or directory"},
		{`{"opt":"set","key":"empty","value":""}`, `response struct {"data":"ok"}`},
		{`{"opt":"get","key":"empty"}`, `response struct {"data":""}`},
		{`{"opt":"set","key":"../x","value":""}`, "error save data failed: invalid key: path traversal attempt detected"},
		{`{"opt":"get","key":"../x"}`, missing},
		{`{"opt":"del","key":"a\\b"}`, "error delete data failed: invalid key: path traversal attempt detected"},
		{`{"opt":"exist","key":"a\\b"}`, "error exist data failed: invalid key: path traversal attempt detected"},
		{`{"opt":"set","key":"` + strings.Repeat("k", 257) + `","value":""}`, "error save data failed: key length must be less than 256 characters"},
		{`{"opt":"set","key":"x","value":"0"}`, "error decode data failed: encoding/hex: odd length hex string"},
		{`{"opt":"set","key":"big","value":"` + big + `"}`, "error save data failed: allocated size is greater than max storage size"},
		{`{"opt":"exist","key":"big"}`, `response struct {"data":true,"exist_num":1}`}, // stored all the same
	}
	_, faults := overPipes(t, "tool", dify.Handle, func(c caller) {
		for i, step := range steps {
			if diff := cmp.Diff([]string{step.want, "end"}, c(call(i, "storage", step.request))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.request, diff)
			}
		}
	})
	if len(faults) > 0 {
		t.Errorf("faults: %q", faults)
	}
	want := map[string][]byte{"there": []byte("hi"), "empty": {}, "big": make([]byte, 1024)}
	if diff := cmp.Diff(want, dify.Stored()); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	dify.SetStorageLimit(4096)
	overPipes(t, "tool", dify.Handle, func(c caller) {
		if got := c(call(1, "storage", `{"opt":"set","key":"more","value":"`+big+`"}`)); got[0] != `response struct {"data":"ok"}` {
			t.Errorf("got %q", got)
		}
	})
}

// TestCallsOfModels checks that sessions of models can make no calls.
func TestCallsOfModels(t *testing.T) {
	t.Parallel()
	for name, over := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over(t, "model", host.NewDify(all(t)).Handle, func(c caller) {
				want := []string{"error you can not invoke dify from model", "end"}
				if diff := cmp.Diff(want, c(call(1, "storage", valid["storage"]))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestBadCalls checks what a host does with calls that are not valid: over pipes, it ends the
// session.
func TestBadCalls(t *testing.T) {
	t.Parallel()
	handler := host.NewDify(all(t)).Handle
	for data, want := range map[string]string{
		`5`:                        "unmarshal invoke request failed",
		`{"request":{}}`:           "invoke request missing type",
		`{"type":"x"}`:             "invoke request missing request_id",
		call(1, "storage", `"no"`): "invoke request missing request",
		`{"type":"x","backwards_request_id":"1"}`: "invoke request missing request",
	} {
		response, faults := overPipes(t, "tool", handler, func(c caller) { c(data) })
		wantErr := &host.Error{Type: "invoke_dify_error", Message: "invoke dify failed: " + want}
		if diff := cmp.Diff(wantErr, response.Err); diff != "" || len(faults) == 0 || faults[0] != want+", for which the host ends the session" {
			t.Errorf("%s: faults %q, error (-want +got):\n%s", data, faults, diff)
		}
		_, faults = overHTTP(t, "tool", handler, func(c caller) {
			if got := c(data); len(got) != 1 || got[0] != "500 failed to parse request" {
				t.Errorf("%s: got %q", data, got)
			}
		})
		if diff := cmp.Diff([]string{want + ", which the host refuses"}, faults); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", data, diff)
		}
	}
	_, faults := overPipes(t, "tool", handler, func(c caller) {
		c(call(1, "storage", valid["storage"]))
		c(call(1, "storage", valid["storage"]))
	})
	if diff := cmp.Diff([]string{`two calls back into Dify have the backwards_request_id "1"`}, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// TestDaemon checks what is particular to serverless mode.
func TestDaemon(t *testing.T) {
	t.Parallel()
	daemon, err := host.ListenDaemon(func(*host.Callback) {})
	if err != nil {
		t.Fatal(err)
	}
	got := transact(t, daemon, invocation("gone", call(1, "storage", valid["storage"])))
	want := []string{`400 {"backwards_request_id":"1","data":{"args":null,"error_type":"SessionNotFound","message":"failed to get session info from cache"},` +
		`"event":"error","message":"failed to get session info from cache"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var wait sync.WaitGroup
	for i, body := range []string{"garbage", invocation("s", `"`+strings.Repeat("x", host.MaxTransaction)+`"`)} {
		wait.Go(func() {
			if got := transact(t, daemon, body); len(got) > 0 && !strings.Contains(got[0], "EOF") {
				t.Errorf("got %q", got)
			}
		})
		for len(daemon.Faults()) <= i {
			goruntime.Gosched()
		}
	}
	daemon.Close() // the host does not answer
	wait.Wait()
}

// TestGoneCaller checks that calls back of a request whose caller has gone fail if they run, and
// else get no reply.
func TestGoneCaller(t *testing.T) {
	t.Parallel()
	running := make(chan struct{})
	dify := host.NewDify(all(t))
	dify.Program("tool", func(cb *host.Callback) error {
		close(running)
		<-cb.Context().Done()
		return cb.Context().Err()
	})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	plugin.Answer(dify.Handle)
	ctx, cancel := context.WithCancel(t.Context())
	wait, err := startRequest(plugin, inR)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(outW, invocation("session-1", call(1, "tool", valid["tool"])))
	<-running
	cancel()
	if _, err := wait(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	in := bufio.NewReader(inR)
	for _, want := range []string{"error read tool response failed: request failed: context canceled", "end"} {
		line, _ := in.ReadBytes('\n')
		if got, _ := ended(line); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	_, _ = io.WriteString(outW, invocation("session-1", call(2, "storage", valid["storage"])))
	_ = outW.Close()
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	if n := len(dify.Calls()); n != 1 || len(plugin.Faults()) > 0 {
		t.Errorf("%d calls, faults %q", n, plugin.Faults())
	}
}

// startRequest starts a request and reads its line.
func startRequest(plugin *host.Local, in io.Reader) (wait func(context.Context) (*host.Response, error), err error) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		one := make([]byte, 1)
		for one[0] != '\n' {
			if _, err := in.Read(one); err != nil {
				return
			}
		}
	}()
	wait, err = plugin.Start(host.Request{Type: "tool", Action: "x"})
	<-read
	return wait, err
}

// TestUpload checks that a file that is posted to a signed URL is kept.
func TestUpload(t *testing.T) {
	t.Parallel()
	dify := host.NewDify(host.Permission{})
	t.Cleanup(dify.Close)
	var reply struct{ URL string }
	overPipes(t, "tool", dify.Handle, func(c caller) {
		replies := c(call(1, "upload_file", valid["upload_file"]))
		if err := json.Unmarshal([]byte(strings.TrimPrefix(replies[0], "response struct ")), &reply); err != nil {
			t.Error(err, replies)
		}
	})
	post := func(url, field, name, mimeType string) string {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, _ := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, field, name)}, "Content-Type": {mimeType},
		})
		_, _ = io.WriteString(part, "hello")
		_ = form.Close()
		resp, err := http.Post(url, form.FormDataContentType(), &body)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		var file struct {
			ID, Name, Extension, Message string
			Size                         int
		}
		_ = json.NewDecoder(resp.Body).Decode(&file)
		return fmt.Sprint(resp.StatusCode, file)
	}
	unsigned, _, _ := strings.Cut(reply.URL, "?")
	for _, test := range []struct{ url, field, name, mimeType, want string }{
		{reply.URL, "file", "f.txt", "text/plain", "201 {file-1 f.txt .txt  5}"},
		{unsigned, "file", "f.txt", "text/plain", "403 {   Invalid request. 0}"},
		{reply.URL, "file", "g.txt", "text/plain", "403 {   Invalid request. 0}"},
		{reply.URL, "file", "f.txt", "text/html", "403 {   Invalid request. 0}"},
		{reply.URL, "data", "f.txt", "text/plain", "400 {   there is no part named file 0}"},
	} {
		if got := post(test.url, test.field, test.name, test.mimeType); got != test.want {
			t.Errorf("%s %s %s: got %s, want %s", test.field, test.name, test.mimeType, got, test.want)
		}
	}
	if diff := cmp.Diff([]host.File{{Name: "f.txt", MIMEType: "text/plain", Data: []byte("hello")}}, dify.Uploads()); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
}

// TestOverride checks that a handler can send what it likes, and that a host without one records
// calls as faults.
func TestOverride(t *testing.T) {
	t.Parallel()
	for name, over := range transports {
		dify := host.NewDify(host.Permission{})
		dify.Override("", func(cb *host.Callback) {
			cb.Raw([]byte("garbage\n"))
			cb.Stream(1)
			cb.Error("x")
			cb.End()
		})
		over(t, "tool", dify.Handle, func(c caller) {
			want := []string{"garbage", "response stream 1", "error x", "end"}
			got := c(call(1, "any", `{}`))
			if got[0] = strings.TrimSpace(got[0]); cmp.Diff(want, got) != "" {
				t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want, got))
			}
		})
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	if _, err := startRequest(plugin, inR); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(outW, invocation("session-1", call(1, "tool", valid["tool"])))
	_ = outW.Close()
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"a call back into Dify of type tool, which this host does not answer"}, plugin.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
