package cot

import "strings"

// section is what a model writes at some place of its reply.
type section uint8

const (
	thinking  section = iota
	hidden            // thoughts of the model's own, which are neither shown nor kept
	acting            // before the JSON of an action
	calling           // the JSON, to the end of the reply: what follows it does not count
	answering         // to the end, too
	inventing         // what a tool would say
	sections
)

// observed is what comes before the words of a tool. Models stop there, if their service takes stop words.
const observed = "Observation:"

// mark is a text that begins a section.
type mark struct {
	text string
	to   section
}

var labels = []mark{
	{"Thought:", thinking},
	{"Action:", acting},
	{"FinalAnswer:", answering},
	{"Final Answer:", answering},
	{observed, inventing},
	{"<think>", hidden},
}

// marks are those that count in a section.
var marks = [sections][]mark{
	thinking: labels,
	hidden:   {{"</think>", thinking}},
	acting:   append([]mark{{"{", calling}, {"[", calling}}, labels...),
}

// place is where a character stands.
type place uint8

const (
	lineStart place = iota
	wordStart
	inWord
)

// behind returns the place behind a character at p.
func (p place) behind(c byte) place {
	switch c {
	case '\n':
		return lineStart
	case ' ', '\t', '\r', '*': // models write **Action:**
		return min(p, wordStart)
	}
	return inWord
}

// begins reports whether a text at that place begins with the mark, as far as it goes. Words within a line
// must be spelled as the mark is: there, "action:" is one of the language.
func (m *mark) begins(text string, at place) bool {
	n := min(len(m.text), len(text))
	word := m.text[0] >= 'A' && m.text[0] <= 'Z'
	switch {
	case word && at == lineStart:
		return strings.EqualFold(text[:n], m.text[:n])
	case word && at == inWord:
		return false
	}
	return text[:n] == m.text[:n]
}
