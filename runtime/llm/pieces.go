package llm

import "unicode/utf8"

// maxText is the size up to which a text is sent in one chunk, in bytes. In JSON, a byte may take
// six, and a line has at most 5 MiB.
const maxText = 512 << 10

// release sends what has been held back, in as few chunks as lines can hold.
func (o *Output) release(reason FinishReason, usage *Usage) error {
	m := o.held.Result().Message
	o.held = Collector{}
	next, size := &Chunk{}, 0
	room := func(n int) error {
		size += n
		if size == n || size <= maxText {
			return nil
		}
		full := next
		next, size = &Chunk{}, n
		return o.chunk(full)
	}
	for _, p := range split(m.Parts) {
		if err := room(overhead + weight(p)); err != nil {
			return err
		}
		next.Message.Parts = append(next.Message.Parts, p)
	}
	for _, call := range m.ToolCalls {
		rest := call.Arguments
		for first := true; first || rest != ""; first = false {
			call.Arguments, rest = cut(rest)
			if err := room(overhead + len(call.ID) + len(call.Type) + len(call.Name) + len(call.Arguments)); err != nil {
				return err
			}
			next.Message.ToolCalls = append(next.Message.ToolCalls, call)
		}
	}
	if len(m.OpaqueBody) > 0 {
		if err := room(len(m.OpaqueBody)); err != nil {
			return err
		}
	}
	next.Message.OpaqueBody, next.Usage, next.FinishReason = m.OpaqueBody, usage, reason
	return o.chunk(next)
}

// split returns parts whose texts a line can hold.
func split(parts []Part) []Part {
	var pieces []Part
	for _, p := range parts {
		t, ok := p.(*Text)
		for ok && len(t.OpaqueBody) == 0 && len(t.Text) > maxText {
			piece, rest := cut(t.Text)
			pieces = append(pieces, &Text{Text: piece})
			t = &Text{Text: rest}
			p = t
		}
		pieces = append(pieces, p)
	}
	return pieces
}

// cut returns as much of a text as a line can hold, and the rest.
func cut(text string) (piece, rest string) {
	if len(text) <= maxText {
		return text, ""
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end], text[end:]
}

// wholeRunes returns the length of a text without the start of a character at its end.
func wholeRunes(text string) int {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if utf8.FullRuneInString(text[i:]) {
				break
			}
			return i
		}
	}
	return len(text)
}
