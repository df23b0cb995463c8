package llm

import "strings"

const (
	backticks = "```" // that a fence has at least
	blank     = " \t\r\n"
	// maxProse is how much text before a code block is held back; maxBlank is how much space within
	// one.
	maxProse = 1 << 20
	maxBlank = 4 << 10
)

// fence strips a code block of its fence, and of what is around it, as it comes. Thoughts at the start
// go through. What has no code block goes through without the space before it: at once if it starts as
// the format does, and else at the end.
type fence struct {
	format  CodeFormat
	phase   phase
	thought bool            // has come
	prose   strings.Builder // before the block
	ticks   string          // of the fence
	held    string          // of thoughts, the start of what ends them; of the block, space and backticks at its end
	fresh   bool            // nothing of the block has come
}

// phase says where the next character of a text belongs.
type phase uint8

const (
	beforeBlock phase = iota
	inThought
	inTicks
	inLanguage
	inIndent
	inBlock
	afterBlock
	unfenced
)

// write takes the next text, and returns what of it can be sent.
func (f *fence) write(text string) string {
	if f.phase == beforeBlock {
		text = f.before(text)
	}
	if f.phase == inThought {
		thought, rest, over := f.think(text)
		if !over {
			return thought
		}
		f.phase = beforeBlock
		return thought + f.write(rest)
	}
	if f.phase == inTicks {
		rest := strings.TrimLeft(text, "`")
		f.ticks += text[:len(text)-len(rest)]
		text = f.next(rest, inLanguage)
	}
	if f.phase == inLanguage {
		text = f.next(strings.TrimLeftFunc(text, isWord), inIndent)
	}
	if f.phase == inIndent {
		text = f.next(strings.TrimLeft(text, blank), inBlock)
		f.fresh = true
	}
	switch f.phase {
	case inBlock:
		return f.block(text)
	case unfenced:
		return text
	}
	return ""
}

// next goes on with the next phase if there is text for it.
func (f *fence) next(rest string, next phase) string {
	if rest != "" {
		f.phase = next
	}
	return rest
}

func isWord(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("+-_.#", c)
}

// think returns what of the next text is a thought, and what follows if that ends it.
func (f *fence) think(text string) (thought, rest string, over bool) {
	text, f.held = f.held+text, ""
	if i := strings.Index(text, closeThought); i >= 0 {
		i += len(closeThought)
		return text[:i], text[i:], true
	}
	held := len(text) - startOf(closeThought, text)
	f.held = text[held:]
	return text[:held], "", false
}

// before holds text back until it is clear whether it has a code block. Then it returns what follows.
func (f *fence) before(text string) string {
	if f.prose.Len() == 0 {
		text = strings.TrimLeft(text, blank)
	}
	from := max(0, f.prose.Len()-len(backticks)+1)
	f.prose.WriteString(text)
	all := f.prose.String()
	i := strings.Index(all[from:min(len(all), maxProse)], backticks)
	switch {
	case f.format.starts(all):
		f.phase = unfenced
		text = all
	case !f.thought && strings.HasPrefix(all, openThought):
		f.phase, f.thought = inThought, true
		text = all
	case i >= 0:
		f.phase = inTicks
		text = all[from+i:]
	case len(all) > maxProse:
		f.phase = unfenced
		text = all
	default:
		return ""
	}
	f.prose = strings.Builder{}
	return text
}

// block returns what of a block can be sent. It ends with a line that starts with as many backticks
// as the fence has, or with a line that ends so.
func (f *fence) block(text string) string {
	text, f.held = f.held+text, ""
	for from := 0; ; {
		i := strings.Index(text[from:], f.ticks)
		if i < 0 {
			return f.hold(text, len(strings.TrimRight(text, "`")))
		}
		i += from
		after := strings.TrimLeft(text[i:], "`")
		rest := strings.TrimLeft(after, " \t\r")
		switch {
		case f.atLineStart(text[:i]), strings.HasPrefix(rest, "\n"):
			f.phase = afterBlock
			return strings.TrimRight(text[:i], blank)
		case rest == "":
			return f.hold(text, i)
		}
		from = len(text) - len(after)
	}
}

func (f *fence) atLineStart(text string) bool {
	text = strings.TrimRight(text, " \t")
	return text == "" && f.fresh || strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\r")
}

// hold holds back the end of a text, which may belong to the fence, with the space before it.
func (f *fence) hold(text string, end int) string {
	if end = len(strings.TrimRight(text[:end], blank)); len(text)-end > maxBlank {
		end = len(text)
	}
	f.held = text[end:]
	f.fresh = f.fresh && end == 0
	return text[:end]
}

// end returns the text so far if it is held back and has no code block; what follows it goes through.
// What is held back of a block stays so: it is its fence, or space.
func (f *fence) end() (text string) {
	switch {
	case f.phase == inThought:
		text, f.held = f.held, ""
	case f.prose.Len() > 0:
		text = f.prose.String()
		f.phase, f.prose = unfenced, strings.Builder{}
	}
	return text
}
