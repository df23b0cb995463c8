package session

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/weigh"
)

// The events of replies to calls back into Dify.
const (
	eventReply    = `"backwards_response"` // of the line; the others are those of its data
	replyResponse = `"response"`
	replyError    = `"error"`
	replyEnd      = `"end"`
	messageStruct = `"struct"` // of a response that is the only one
)

// reply is a line of the host that belongs to a call back into Dify (PROTOCOL 1.4). Its fields are
// parts of the line, in JSON that has not been checked, and nil if they are missing.
type reply struct {
	session, id, event, message, data []byte
}

// parseReply returns the reply that a line holds, and whether it is one. It takes a fraction of the
// time of encoding/json, since every line passes through it, and leaves what Dify has sent to whoever
// made the call. It knows the names of fields as the host writes them. The line may be cut off.
func parseReply(line []byte) (r reply, ok bool) {
	var data []byte
	for m := objectIn(line); m.next(); {
		if string(m.key) == "data" && ok && r.session != nil { // the usual order
			r.parseData(m.rest())
			return r, true
		}
		switch v := m.value(); string(m.key) {
		case "event":
			if string(v) != eventReply {
				return reply{}, false
			}
			ok = true
		case "session_id":
			r.session = v
		case "data":
			data = v
		}
	}
	r.parseData(data)
	return r, ok
}

func (r *reply) parseData(data []byte) {
	for m := objectIn(data); m.next(); {
		switch v := m.value(); string(m.key) {
		case "backwards_request_id":
			r.id = v
		case "event":
			r.event = v
		case "message":
			r.message = v
		case "data":
			r.data = v
		}
	}
}

// members steps through the members of a JSON object.
type members struct {
	data []byte
	i    int // after the brace, or the last key or value
	key  []byte
}

func objectIn(data []byte) members {
	m := members{data: data}
	if m.at() == '{' {
		m.i++
	} else {
		m.i = len(data)
	}
	return m
}

// next goes to the next member, and sets its key. It returns false after the last one, and at what
// is not JSON.
func (m *members) next() bool {
	if m.at() == ',' {
		m.i++
	}
	if m.at() != '"' {
		return false
	}
	end := weigh.EndOfString(m.data, m.i+1)
	if end == len(m.data) {
		return false
	}
	m.key = m.data[m.i+1 : end]
	m.i = end + 1
	if m.at() != ':' {
		return false
	}
	m.i++
	return true
}

// at skips space, and returns what follows, or 0 at the end.
func (m *members) at() byte {
	for ; m.i < len(m.data); m.i++ {
		if c := m.data[m.i]; c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// value returns the value of a member, or nil if the data ends before.
func (m *members) value() []byte {
	m.at()
	start := m.i
	if m.i = endOfValue(m.data, start); m.i < 0 {
		m.i = len(m.data)
		return nil
	}
	return m.data[start:m.i]
}

// rest returns what follows the key.
func (m *members) rest() []byte { return m.data[m.i:] }

// endOfValue returns where the value in JSON ends that begins there, or -1 if the data ends before.
func endOfValue(data []byte, start int) int {
	depth := 0
	for i := start; i < len(data); i++ {
		switch data[i] {
		case '"':
			if i = weigh.EndOfString(data, i+1); i == len(data) {
				return -1
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i // of a number, or a word
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// unquote returns the text that a JSON string stands for, or nil for anything else.
func unquote(quoted []byte) []byte {
	if len(quoted) < 2 || quoted[0] != '"' {
		return nil
	}
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return nil
	}
	return []byte(s)
}
