package session

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzParseReply compares what is read from a line with what encoding/json makes of it.
func FuzzParseReply(f *testing.F) {
	m := &invocation{Session: "s"}
	m.Data.Data.ID = "id"
	for _, l := range []string{
		m.end(), m.reply("response", "struct", `{"a":[1,{"b":"]}\\\""}],"c":-1.5e3}`), m.reply("error", "\u00e9\\n", "null"),
		` { "data" : { "data" : {} , "event" : "end" } , "event" : "backwards_response", "session_id" : "\ud83d\ude00" } `,
		`{"event":"request","data":{}}`, `{"event":"backwards_response","data":5}`, `{"data":{"event":"x"`, "[]", "", "{", `{"event":"backwards_response"}`,
	} {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r, ok := parseReply([]byte(line))
		var want struct {
			Session *string `json:"session_id"`
			Event   string  `json:"event"`
			Data    *struct {
				ID    *string         `json:"backwards_request_id"`
				Event json.RawMessage `json:"event"`
				Data  json.RawMessage `json:"data"`
			} `json:"data"`
		}
		// Other spellings of names, and names that are there twice, are not the host's.
		if json.Unmarshal([]byte(line), &want) != nil || strings.Contains(line, `\u`) || line != strings.ToLower(line) || strings.Count(line, `"event"`) > 2 ||
			strings.Count(line, `data"`) > 2 || strings.Count(line, `_id"`) > 2 || strings.Contains(line, "ſ") || strings.Contains(line, "\u212a") {
			return
		}
		if ok != (want.Event == "backwards_response") {
			t.Fatalf("it is a reply: %v, want %v", ok, !ok)
		}
		if !ok || want.Session == nil || want.Data == nil || want.Data.ID == nil {
			return
		}
		if got := string(unquote(r.session)); got != *want.Session {
			t.Errorf("the session is %q, want %q", got, *want.Session)
		}
		if got := string(unquote(r.id)); got != *want.Data.ID {
			t.Errorf("the ID is %q, want %q", got, *want.Data.ID)
		}
		if want.Data.Event != nil && string(r.event) != string(want.Data.Event) {
			t.Errorf("the event is %s, want %s", r.event, want.Data.Event)
		}
		if want.Data.Data != nil && string(r.data) != string(want.Data.Data) {
			t.Errorf("the data is %s, want %s", r.data, want.Data.Data)
		}
	})
}

// BenchmarkParseReply measures what each line from the host costs besides: whether it is a reply.
func BenchmarkParseReply(b *testing.B) {
	m := &invocation{Session: "4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e"}
	m.Data.Data.ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-1"
	for name, text := range map[string]string{"request": string(line(m.Session, nil)), "reply": m.reply("response", "struct", `{"data":"68656c6c6f"}`)} {
		b.Run(name, func(b *testing.B) {
			in := []byte(text)
			for b.Loop() {
				if _, ok := parseReply(in); ok != (name == "reply") {
					b.Error("it is not what it is")
				}
			}
		})
	}
}
