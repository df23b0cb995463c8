package llm

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/difygen/difygen/runtime"
)

// The functions of this file append JSON to b, of values that were checked. A chunk is encoded for
// every few letters that a model writes: encoding/json would take several times as long for types
// that encode themselves, since it checks and copies what each of them returns.

// appendMember appends what comes before a text, such as the name of the member that it is, and the
// text.
func appendMember(b []byte, before, text string) []byte {
	return appendText(append(b, before...), text)
}

// appendPresent appends a member that is left out if it is empty.
func appendPresent(b []byte, before, text string) []byte {
	if text == "" {
		return b
	}
	return appendMember(b, before, text)
}

func appendInt(b []byte, before string, n int) []byte {
	return strconv.AppendInt(append(b, before...), int64(n), 10)
}

// appendRaw appends JSON on one line, or nothing if there is none.
func appendRaw(b []byte, before string, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return b
	}
	buffer := bytes.NewBuffer(append(b, before...))
	_ = json.Compact(buffer, raw) // it was checked
	return buffer.Bytes()
}

// appendText appends a string (RFC 8259, section 7). Bytes that are not UTF-8 are replaced, as
// encoding/json does.
func appendText(b []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	b = append(b, '"')
	start := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			const digits = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	b = append(b, text[start:]...)
	return append(b, '"')
}

// appendMessage appends a message, with its role or another one.
func appendMessage(b []byte, m *Message, role Role) []byte {
	b = appendMember(b, `{"role":`, string(role))
	b = appendContent(append(b, `,"content":`...), m.Parts)
	b = appendPresent(b, `,"name":`, m.Name)
	if role == RoleAssistant { // the daemon writes an absent list as null, which Dify refuses
		b = append(b, `,"tool_calls":[`...)
		for i, call := range m.ToolCalls {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendCall(b, call)
		}
		b = append(b, ']')
	}
	b = appendPresent(b, `,"tool_call_id":`, m.ToolCallID)
	return append(appendRaw(b, `,"opaque_body":`, m.OpaqueBody), '}')
}

func appendContent(b []byte, parts []Part) []byte {
	if len(parts) == 0 {
		return append(b, `""`...)
	}
	if t, ok := parts[0].(*Text); ok && len(parts) == 1 && len(t.OpaqueBody) == 0 {
		return appendText(b, t.Text)
	}
	b = append(b, '[')
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPart(b, p)
	}
	return append(b, ']')
}

func appendPart(b []byte, p Part) []byte {
	switch p := p.(type) {
	case *Text:
		b = appendMember(b, `{"type":"text","data":`, p.Text)
		return append(appendRaw(b, `,"opaque_body":`, p.OpaqueBody), '}')
	case *Image:
		detail := p.Detail
		if detail == "" { // Dify refuses the empty detail that the daemon would write
			detail = DetailLow
		}
		return appendMedia(b, "image", p.media(), detail)
	case *Audio:
		return appendMedia(b, "audio", media(*p), "")
	case *Video:
		return appendMedia(b, "video", media(*p), "")
	case *Document:
		return appendMedia(b, "document", media(*p), "")
	}
	return append(b, "null"...) // there are no others
}

func appendMedia(b []byte, typ string, m media, detail Detail) []byte {
	b = appendMember(b, `{"type":`, typ)
	if len(m.Data) > 0 {
		b = append(b, `,"base64_data":"`...)
		b = append(base64.StdEncoding.AppendEncode(b, m.Data), '"')
	}
	b = appendPresent(b, `,"url":`, m.URL)
	b = appendMember(b, `,"format":`, m.format())
	b = appendMember(b, `,"mime_type":`, m.MIMEType)
	b = appendPresent(b, `,"filename":`, m.Filename)
	b = appendPresent(b, `,"detail":`, string(detail))
	return append(appendRaw(b, `,"opaque_body":`, m.OpaqueBody), '}')
}

func appendCall(b []byte, c ToolCall) []byte {
	if c.Type == "" {
		c.Type = "function"
	}
	b = appendMember(b, `{"id":`, c.ID)
	b = appendMember(b, `,"type":`, c.Type)
	b = appendMember(b, `,"function":{"name":`, c.Name)
	return append(appendMember(b, `,"arguments":`, c.Arguments), `}}`...)
}

func appendUsage(b []byte, u *Usage) []byte {
	b = appendInt(b, `{"prompt_tokens":`, u.PromptTokens)
	b = appendPrice(b, `,"prompt_unit_price":`, u.PromptUnitPrice)
	b = appendPrice(b, `,"prompt_price_unit":`, u.PromptPriceUnit)
	b = appendPrice(b, `,"prompt_price":`, u.PromptPrice)
	b = appendInt(b, `,"completion_tokens":`, u.CompletionTokens)
	b = appendPrice(b, `,"completion_unit_price":`, u.CompletionUnitPrice)
	b = appendPrice(b, `,"completion_price_unit":`, u.CompletionPriceUnit)
	b = appendPrice(b, `,"completion_price":`, u.CompletionPrice)
	b = appendInt(b, `,"total_tokens":`, u.TotalTokens)
	b = appendPrice(b, `,"total_price":`, u.TotalPrice)
	b = appendMember(b, `,"currency":`, u.Currency)
	return append(strconv.AppendFloat(append(b, `,"latency":`...), u.Latency.Seconds(), 'f', -1, 64), '}')
}

func appendPrice(b []byte, before string, price runtime.Decimal) []byte {
	return appendMember(b, before, price.String())
}

func appendChunk(b []byte, c *Chunk) []byte {
	b = appendMember(b, `{"model":`, c.Model)
	b = appendPresent(b, `,"system_fingerprint":`, c.SystemFingerprint)
	b = appendInt(b, `,"delta":{"index":`, c.Index)
	b = appendMessage(append(b, `,"message":`...), &c.Message, RoleAssistant)
	b = append(b, `,"usage":`...)
	if c.Usage == nil {
		b = append(b, "null"...)
	} else {
		b = appendUsage(b, c.Usage)
	}
	if c.FinishReason == "" {
		b = append(b, `,"finish_reason":null`...)
	} else {
		b = appendMember(b, `,"finish_reason":`, string(c.FinishReason))
	}
	b = append(b, '}')
	return append(appendRaw(b, `,"structured_output":`, c.StructuredOutput), '}')
}

// sizeOf returns how large a message is in JSON, and a chunk of it, if its texts have few escapes:
// growing would copy large images.
func sizeOf(m *Message) int {
	size := 256 + len(m.Name) + len(m.ToolCallID) + len(m.OpaqueBody)
	for _, p := range m.Parts {
		size += weight(p) * 9 / 8
		if _, ok := p.(*Text); !ok {
			size += 192 + weight(p)/4 // Data is in base64
		}
	}
	for _, c := range m.ToolCalls {
		size += 96 + len(c.ID) + len(c.Name) + len(c.Arguments)*9/8
	}
	return size
}
