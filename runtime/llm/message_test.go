package llm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/llm"
)

// everyField is what the daemon sends of every part beside what the part is about.
const everyField = `"encode_format":"","opaque_body":null`

func TestMessageJSON(t *testing.T) {
	t.Parallel()
	call := llm.ToolCall{ID: "c1", Type: "function", Name: "f", Arguments: `{"a":1}`}
	png := []byte("\x89PNG")
	for _, test := range []struct {
		name    string
		message llm.Message
		want    string
		arrives string // as Dify sends it, if that is not what it takes
	}{
		{"system", llm.System("Be <brief>."), `{"role":"system","content":"Be <brief>."}`,
			`{"role":"system","content":"Be <brief>.","name":"","tool_calls":null,"tool_call_id":""}`},
		{"empty", llm.User(""), `{"role":"user","content":""}`, `{"role":"user","content":null}`},
		{"no content", llm.User(""), `{"role":"user","content":""}`, `{"role":"user","content":[],"unknown":1}`},
		{"assistant", llm.Assistant("", call), `{"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}`, ""},
		{"no calls", llm.Assistant("Hi."), `{"role":"assistant","content":"Hi.","tool_calls":[]}`, `{"role":"assistant","content":"Hi.","tool_calls":null,"opaque_body":null}`},
		{"result", llm.ToolResult(call, "42"), `{"role":"tool","content":"42","name":"f","tool_call_id":"c1"}`, ""},
		{
			"opaque", llm.Message{Role: llm.RoleAssistant, OpaqueBody: json.RawMessage(`{"signature":"s"}`)},
			`{"role":"assistant","content":"","tool_calls":[],"opaque_body":{"signature":"s"}}`, "",
		},
		{
			"texts", llm.User("a", &llm.Text{Text: "b"}),
			`{"role":"user","content":[{"type":"text","data":"a"},{"type":"text","data":"b"}]}`,
			`{"role":"user","content":[{"type":"text","data":"a","base64_data":"","url":"","format":"","mime_type":"","filename":"","detail":"",` + everyField + `},{"type":"text","data":"b"}]}`,
		},
		{
			"opaque text", llm.User("", &llm.Text{Text: "a", OpaqueBody: json.RawMessage(`7`)}),
			`{"role":"user","content":[{"type":"text","data":"a","opaque_body":7}]}`, "",
		},
		{
			"image", llm.User("Look:", &llm.Image{Data: png, Format: "png", MIMEType: "image/png", Filename: "a.png", Detail: llm.DetailHigh}),
			`{"role":"user","content":[{"type":"text","data":"Look:"},{"type":"image","base64_data":"iVBORw==","format":"png","mime_type":"image/png","filename":"a.png","detail":"high"}]}`,
			`{"role":"user","content":[{"type":"text","data":"Look:"},{"type":"image","data":"","base64_data":"iVBORw==","url":"","format":"png","mime_type":"image/png","filename":"a.png","detail":"high",` + everyField + `}]}`,
		},
		{
			"URLs", llm.User("", &llm.Audio{URL: "https://a.example/a", Format: "wav", MIMEType: "audio/wav"},
				&llm.Video{URL: "https://a.example/v", Format: "mp4", MIMEType: "video/mp4"},
				&llm.Document{URL: "https://a.example/d", Format: "pdf", MIMEType: "application/pdf", OpaqueBody: json.RawMessage(`"o"`)}),
			`{"role":"user","content":[{"type":"audio","url":"https://a.example/a","format":"wav","mime_type":"audio/wav"},` +
				`{"type":"video","url":"https://a.example/v","format":"mp4","mime_type":"video/mp4"},` +
				`{"type":"document","url":"https://a.example/d","format":"pdf","mime_type":"application/pdf","opaque_body":"o"}]}`,
			`{"role":"user","content":[` +
				`{"type":"audio","data":"","base64_data":"","url":"https://a.example/a","format":"wav","mime_type":"audio/wav","filename":"","detail":"",` + everyField + `},` +
				`{"type":"video","data":"","base64_data":"","url":"https://a.example/v","format":"mp4","mime_type":"video/mp4","filename":"","detail":"",` + everyField + `},` +
				`{"type":"document","data":"","base64_data":"","url":"https://a.example/d","format":"pdf","mime_type":"application/pdf","filename":"","detail":"","encode_format":"","opaque_body":"o"}]}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var buffer strings.Builder
			e := json.NewEncoder(&buffer)
			e.SetEscapeHTML(false)
			if err := e.Encode(test.message); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, strings.TrimSpace(buffer.String())); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if test.arrives == "" {
				test.arrives = test.want
			}
			var got llm.Message
			if err := json.Unmarshal([]byte(test.arrives), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.message, got); diff != "" {
				t.Errorf("received (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPartDefaults shows what is sent of a part that leaves out what can be known.
func TestPartDefaults(t *testing.T) {
	t.Parallel()
	data := []byte("x")
	for _, test := range []struct {
		part llm.Part
		want string
	}{
		{&llm.Image{Data: data, MIMEType: "image/jpeg"}, `{"type":"image","base64_data":"eA==","format":"jpg","mime_type":"image/jpeg","detail":"low"}`},
		{&llm.Image{URL: "u", MIMEType: "image/webp", Format: ".webp"}, `{"type":"image","url":"u","format":"webp","mime_type":"image/webp","detail":"low"}`},
		{&llm.Audio{Data: data, MIMEType: "Audio/MPEG; rate=8000"}, `{"type":"audio","base64_data":"eA==","format":"mp3","mime_type":"Audio/MPEG; rate=8000"}`},
		{&llm.Video{Data: data, MIMEType: "video/mp4", Filename: "v.MOV"}, `{"type":"video","base64_data":"eA==","format":"mov","mime_type":"video/mp4","filename":"v.MOV"}`},
		{&llm.Document{Data: data, MIMEType: "application/pdf", Filename: "noextension"}, `{"type":"document","base64_data":"eA==","format":"pdf","mime_type":"application/pdf","filename":"noextension"}`},
	} {
		data, err := json.Marshal(test.part)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(data)); diff != "" {
			t.Errorf("part (-want +got):\n%s", diff)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	part := func(p llm.Part) llm.Message { return llm.User("a", p) }
	data := []byte("x")
	for _, test := range []struct {
		message llm.Message
		want    string
	}{
		{llm.Message{}, "a message has no role"},
		{llm.Message{Role: "developer"}, "a message has the role developer, which Dify takes from no plugin: use system"},
		{llm.Message{Role: "robot"}, "a message has a role other than system, user, assistant and tool"},
		{llm.Message{Role: "tool"}, "a message of role tool has no ToolCallID: make it with llm.ToolResult"},
		{llm.Message{Role: "user", ToolCalls: []llm.ToolCall{{}}}, "a message of role user has tool calls: only those of the assistant have"},
		{llm.Message{Role: "user", OpaqueBody: json.RawMessage("{")}, "OpaqueBody of a message of role user is not JSON"},
		{part(nil), "part 2 of a message of role user: the part is nil"},
		{part((*llm.Text)(nil)), "part 2 of a message of role user: the part is nil"},
		{part((*llm.Image)(nil)), "part 2 of a message of role user: the part is nil"},
		{part((*llm.Audio)(nil)), "part 2 of a message of role user: the part is nil"},
		{part((*llm.Video)(nil)), "part 2 of a message of role user: the part is nil"},
		{part((*llm.Document)(nil)), "part 2 of a message of role user: the part is nil"},
		{part(&llm.Text{OpaqueBody: json.RawMessage("{")}), "part 2 of a message of role user: OpaqueBody is not JSON"},
		{part(&llm.Image{}), "part 2 of a message of role user: the image has neither Data nor a URL"},
		{part(&llm.Image{Data: data, URL: "u"}), "part 2 of a message of role user: the image has both Data and a URL: give one"},
		{part(&llm.Audio{URL: "u"}), "part 2 of a message of role user: the audio has no MIMEType"},
		{part(&llm.Video{URL: "u", MIMEType: "video"}), "part 2 of a message of role user: the video has no Format, and neither Filename nor MIMEType says which"},
		{part(&llm.Document{URL: "u", MIMEType: "a/b", OpaqueBody: json.RawMessage("{")}), "part 2 of a message of role user: OpaqueBody is not JSON"},
		{part(&llm.Image{URL: "u", MIMEType: "a/b", Detail: "auto"}), "part 2 of a message of role user: the image has a Detail other than low and high"},
	} {
		err := test.message.Validate()
		if err == nil || err.Error() != test.want {
			t.Errorf("Validate: %v, want %s", err, test.want)
		}
		if _, err := json.Marshal(test.message); err == nil {
			t.Errorf("%s, and yet it is sent", test.want)
		}
	}
}

func TestMessageDecodeErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ input, want string }{
		{`{"role":"user","content":5}`, "content must be a text or a list of parts"},
		{`{"role":"user","content":[{"type":"text","data":"a"},{"type":"hologram"}]}`,
			"part 2 of the content: its type is none of text, image, audio, video and document: a newer difygen may know it"},
		{`{"role":"user","content":[null]}`, "part 1 of the content: its type is none of text, image, audio, video and document: a newer difygen may know it"},
		{`{"role":"user","content":[{"type":"image","base64_data":"?"}]}`, "a part of the content: illegal base64 data at input byte 0"},
	} {
		err := json.Unmarshal([]byte(test.input), new(llm.Message))
		if err == nil || err.Error() != test.want {
			t.Errorf("decoding %s: %v, want %s", test.input, err, test.want)
		}
	}
}

func TestDataURL(t *testing.T) {
	t.Parallel()
	type part interface {
		llm.Part
		DataURL() string
	}
	for _, p := range []part{
		&llm.Image{Data: []byte("x"), MIMEType: "m/t"}, &llm.Audio{Data: []byte("x"), MIMEType: "m/t"},
		&llm.Video{Data: []byte("x"), MIMEType: "m/t"}, &llm.Document{Data: []byte("x"), MIMEType: "m/t"},
	} {
		if got, want := p.DataURL(), "data:m/t;base64,eA=="; got != want {
			t.Errorf("%T: %s, want %s", p, got, want)
		}
	}
	if got := (&llm.Image{URL: "https://a.example"}).DataURL(); got != "https://a.example" {
		t.Errorf("DataURL = %s", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	m := llm.User("a", &llm.Image{}, (*llm.Text)(nil), &llm.Text{Text: "b"})
	if got := m.Text(); got != "ab" {
		t.Errorf("Text = %q", got)
	}
}

func TestToolJSON(t *testing.T) {
	t.Parallel()
	tools := []llm.Tool{{Name: "now", Description: "Tells the time."}, {Name: "add", Parameters: map[string]any{"type": "object"}}}
	data, err := json.Marshal(tools)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"now","description":"Tells the time.","parameters":{"properties":{},"type":"object"}},{"name":"add","description":"","parameters":{"type":"object"}}]`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	var got []llm.Tool
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	tools[0].Parameters = map[string]any{"type": "object", "properties": map[string]any{}}
	if diff := cmp.Diff(tools, got); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	if _, err := json.Marshal(llm.Tool{}); err == nil || !strings.HasSuffix(err.Error(), "a tool has no Name") {
		t.Error(err)
	}
}

func TestToolCallJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data string
		want llm.ToolCall
		err  string
	}{
		{`{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}`, llm.ToolCall{"1", "function", "f", "{}"}, ""},
		{`{"index":0,"function":{"arguments":"{"}}`, llm.ToolCall{Arguments: "{"}, ""}, // a piece
		{`{"id":"1","name":"f","arguments":"{}"}`, llm.ToolCall{}, "a tool call has no function: want "},
		{`{"id":"1","function":null}`, llm.ToolCall{}, "a tool call has no function: want "},
		{`{"id":"1","function":{"name":"f","arguments":{}}}`, llm.ToolCall{}, "cannot unmarshal object"},
		{`{"id":1,"function":{}}`, llm.ToolCall{}, "cannot unmarshal number"},
	} {
		var got llm.ToolCall
		err := json.Unmarshal([]byte(test.data), &got)
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) || got != test.want {
			t.Errorf("%s: %+v, %v, want %+v, %q", test.data, got, err, test.want, test.err)
		}
	}
}

func TestToolCallDecode(t *testing.T) {
	t.Parallel()
	type arguments struct {
		City string `json:"city"`
	}
	for _, test := range []struct {
		arguments string
		want      string
		err       string
	}{
		{`{"city":"Bonn","unknown":1}`, "Bonn", ""},
		{``, "", ""},
		{`{"city":5}`, "", `the argument "city" of a call of "weather" has the wrong type: want string`},
		{`{"city":`, "", `the arguments of a call of "weather" are not JSON`},
		{`[]`, "", `the arguments of a call of "weather" do not fit`},
	} {
		var got arguments
		err := llm.ToolCall{Name: "weather", Arguments: test.arguments}.Decode(&got)
		switch {
		case err == nil && test.err != "", err != nil && err.Error() != test.err:
			t.Errorf("decoding %s: %v, want %q", test.arguments, err, test.err)
		case got.City != test.want:
			t.Errorf("decoding %s: %q, want %q", test.arguments, got.City, test.want)
		}
	}
	if err := (llm.ToolCall{}).Decode(nil); err == nil || err.Error() != "json: Unmarshal(nil)" {
		t.Errorf("decoding into nil: %v", err)
	}
	// The model writes the name.
	err := llm.ToolCall{Name: "a\nb", Arguments: "{"}.Decode(new(arguments))
	if want := `the arguments of a call of "a\nb" are not JSON`; err == nil || err.Error() != want {
		t.Errorf("decoding a call of another line: %v, want %s", err, want)
	}
}
