package cot

import (
	"errors"
	"strings"
)

// reply is what a model writes, read as it comes. The zero value has nothing yet; show gets the answer.
type reply struct {
	show func(text string) error

	texts [sections]strings.Builder
	now   section
	place place  // behind the last character
	held  string // what may become a mark
	shown bool   // whether the answer has begun

	thought string  // after end, as are these
	call    string  // what the model has written of an action
	action  *action // that action, or nil if it cannot be read
}

// write reads on.
func (r *reply) write(text string) error {
	text = r.held + text
	for {
		n, m := r.next(text)
		if err := r.take(text[:n]); err != nil {
			return err
		}
		text = text[n:]
		if m == nil {
			r.held = text
			return nil
		}
		r.now, r.place = m.to, lineStart
		if m.to != calling {
			text = text[len(m.text):]
		}
	}
}

// next returns the place of the next mark. If there is none, it returns nil and the place of what may become
// one, or the end.
func (r *reply) next(text string) (int, *mark) {
	at := r.place
	for i := range len(text) {
		for j := range marks[r.now] {
			switch m := &marks[r.now][j]; {
			case !m.begins(text[i:], at):
			case len(text)-i < len(m.text):
				return i, nil
			default:
				return i, m
			}
		}
		at = at.behind(text[i])
	}
	return len(text), nil
}

// take adds a text to the section, and shows what is of the answer.
func (r *reply) take(text string) error {
	for i := range len(text) {
		r.place = r.place.behind(text[i])
	}
	r.texts[r.now].WriteString(text)
	if r.now != answering {
		return nil
	}
	if !r.shown {
		text = strings.TrimLeft(text, " \t\r\n*")
	}
	if text == "" {
		return nil
	}
	r.shown = true
	return r.show(text)
}

// end reads what has been held, and finds out what the model wants.
func (r *reply) end() error {
	err := r.take(r.held)
	r.held, r.thought = "", r.text(thinking)
	switch r.now {
	case acting, calling:
		call, _, _ := strings.Cut(r.text(r.now), "\n"+observed)
		r.call = strings.TrimSpace(call)
		if a, _, ok := parseAction(r.call); ok {
			r.call, r.action = a.String(), &a
		}
	case thinking: // some models forget "Action:"
		if a, before, ok := parseAction(r.thought); ok {
			r.call, r.action, r.thought = a.String(), &a, strings.TrimSpace(before)
		}
	}
	return err
}

// acts reports whether the model wants a tool.
func (r *reply) acts() bool { return r.call != "" && (r.action == nil || !r.action.isFinal()) }

// text returns what the model has written in a section.
func (r *reply) text(s section) string { return strings.TrimSpace(r.texts[s].String()) }

// answer shows the answer, unless it has been shown. That is what the model thinks if it writes nothing else.
func (r *reply) answer() error {
	text := r.thought
	if r.action != nil && r.action.isFinal() {
		text = r.action.words()
	}
	switch {
	case r.shown:
		return nil
	case text == "":
		return errors.New("the model has not answered")
	}
	return r.show(text)
}

// kept returns what the model reads again of the reply.
func (r *reply) kept() string {
	if r.call == "" {
		return "Thought: " + r.thought
	}
	return "Thought: " + r.thought + "\n\nAction: " + r.call
}
