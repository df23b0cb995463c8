package host_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

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
		"opaque body":  {"llm", `{` + models + `,"mode":"chat","prompt_messages":[{"role":"assistant","content":"","opaque_body":{"a":1}}]}`, "error unmarshal backwards invoke request failed: prompt_messages: opaque_body: source data must be an array or slice"},
		"tool choice":  {"llm", `{` + models + `,"mode":"chat","tool_choice":{"mode":"any"}}`, invalid + "Key: 'InvokeLLMRequest.InvokeLLMSchema.ToolChoice.Mode' Error:Field validation for 'Mode' failed on the 'oneof' tag"},
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

// TestStorageOfFiles checks what comes of values being files, and of replies being bounded.
func TestStorageOfFiles(t *testing.T) {
	t.Parallel()
	dify := host.NewDify(all(t))
	dify.SetStorageLimit(0)
	dify.Store("largest", make([]byte, 15<<20))
	dify.Store("larger", make([]byte, 15<<20+1))
	overPipes(t, "tool", dify.Handle, func(c caller) {
		for i, step := range []struct{ request, want string }{
			{`{"opt":"set","key":"a","value":""}`, `response struct {"data":"ok"}`},
			{`{"opt":"set","key":"a/b/c","value":""}`, "error save data failed: mkdir a: not a directory"},
			{`{"opt":"set","key":"d/e","value":""}`, `response struct {"data":"ok"}`},
			{`{"opt":"set","key":"d","value":""}`, "error save data failed: open d: is a directory"},
			{`{"opt":"set","key":"d/f","value":""}`, `response struct {"data":"ok"}`},
			{`{"opt":"set","key":"da","value":""}`, `response struct {"data":"ok"}`},
			{`{"opt":"get","key":"larger"}`, "error this host cannot return a value of 15728641 bytes: it sends 15728640 at most"},
			{`{"opt":"get","key":"largest"}`, `response struct {"data":"` + strings.Repeat("00", 15<<20) + `"}`},
		} {
			if got := c(call(i, "storage", step.request)); got[0] != step.want {
				t.Errorf("%s: got %.200q, want %.200s", step.request, got[0], step.want)
			}
		}
	})
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
