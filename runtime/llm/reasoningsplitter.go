package llm

import "strings"

// ReasoningSplitter splits what a model writes into its thoughts and its answer while it writes: what
// SplitReasoning does of the whole. It holds back what may be the start of a tag. The zero value is ready
// to use.
type ReasoningSplitter struct {
	held     string
	breaks   string // before the answer; a thought removes them
	thinks   bool
	fresh    bool // whether nothing of the thought has been returned
	thoughts int  // that have begun
	answers  bool // whether some of the answer has been returned
}

// Write returns what a piece of the text adds to the thoughts and to the answer.
func (s *ReasoningSplitter) Write(piece string) (reasoning, answer string) {
	var thought, rest strings.Builder
	for text := s.held + piece; ; {
		before, after, ok := strings.Cut(text, s.tag())
		if !ok {
			end := len(text) - s.unclear(text)
			s.held = text[end:]
			s.add(text[:end], false, &thought, &rest)
			return thought.String(), rest.String()
		}
		s.add(before, true, &thought, &rest)
		s.toggle(&thought)
		text = after
	}
}

// End returns what has been held back, after the last piece.
func (s *ReasoningSplitter) End() (reasoning, answer string) {
	var thought, rest strings.Builder
	s.add(s.held, true, &thought, &rest)
	if s.thoughts == 0 && !s.answers {
		rest.WriteString(s.breaks)
	}
	*s = ReasoningSplitter{}
	return thought.String(), rest.String()
}

// tag returns the tag that comes next.
func (s *ReasoningSplitter) tag() string {
	if s.thinks {
		return closeThought
	}
	return openThought
}

// toggle passes a tag. Thoughts are joined with a line break.
func (s *ReasoningSplitter) toggle(thought *strings.Builder) {
	s.thinks = !s.thinks
	if !s.thinks {
		return
	}
	s.fresh, s.breaks = true, ""
	if s.thoughts++; s.thoughts > 1 {
		thought.WriteByte('\n')
	}
}

// add adds a text before the next tag, which last says that it ends.
func (s *ReasoningSplitter) add(text string, last bool, thought, rest *strings.Builder) {
	if !s.thinks {
		rest.WriteString(s.answer(text))
		return
	}
	if s.fresh && text != "" {
		text, s.fresh = strings.TrimPrefix(text, "\n"), false
	}
	if last {
		text = strings.TrimSuffix(text, "\n")
	}
	thought.WriteString(text)
}

// answer returns what a text adds to the answer.
func (s *ReasoningSplitter) answer(text string) string {
	if s.answers {
		return text
	}
	trimmed := strings.TrimLeft(text, "\r\n")
	s.answers = trimmed != ""
	switch {
	case s.thoughts > 0:
		return trimmed
	case s.answers:
		return s.breaks + text
	}
	s.breaks += text
	return ""
}

// unclear returns how long the end of a text is that may be the start of a tag or, of a thought, its last
// line break.
func (s *ReasoningSplitter) unclear(text string) int {
	if s.thinks {
		return max(overlap(text, endThinking), overlap(text, closeThought))
	}
	return overlap(text, openThought)
}

// overlap returns the length of the longest end of a text with which the tag begins.
func overlap(text, tag string) int {
	for n := min(len(text), len(tag)-1); n > 0; n-- {
		if strings.HasSuffix(text, tag[:n]) {
			return n
		}
	}
	return 0
}
