package llm

import "strings"

// StopAt ends the answer before the first of the words that the model writes, for services that do
// not know call.Stop. What Text gets from then on is dropped; Stopped tells when. An empty word is
// none, and neither is one with something else within, such as a thought or a tool call. A later call
// replaces the words.
func (o *Output) StopAt(words ...string) {
	_ = o.do(func() error {
		if o.stops == nil {
			o.stops = new(stops)
		}
		o.stops.words = words // and not what it holds back
		return nil
	})
}

// Stopped reports whether the model has written a word of StopAt, so that a method may return.
func (o *Output) Stopped() (stopped bool) {
	_ = o.do(func() error {
		stopped = o.stops != nil && o.stops.met
		return nil
	})
	return stopped
}

// stops look for words in a text that comes in pieces.
type stops struct {
	words []string
	held  string // what may be the start of a word
	met   bool
}

// write takes the next text, and returns what of it can be sent.
func (s *stops) write(text string) string {
	if s.met {
		return ""
	}
	text, s.held = s.held+text, ""
	start, end, held := 0, len(text)+1, 0
	for _, word := range s.words {
		if word == "" {
			continue
		}
		// The word that is whole first counts, and of several the longest.
		if i := strings.Index(text, word); i >= 0 && (i+len(word) < end || i+len(word) == end && i < start) {
			start, end, s.met = i, i+len(word), true
		}
		held = max(held, startOf(word, text))
	}
	if !s.met {
		start = len(text) - held
		s.held = text[start:]
	}
	return text[:start]
}

// end returns what is held back of a text that has ended.
func (s *stops) end() string {
	held := s.held
	s.held = ""
	return held
}

// startOf returns how many bytes at the end of a text are the start of a word, but not all of it.
func startOf(word, text string) int {
	for n := min(len(word)-1, len(text)); n > 0; n-- {
		if strings.HasSuffix(text, word[:n]) {
			return n
		}
	}
	return 0
}
