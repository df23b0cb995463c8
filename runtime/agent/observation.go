package agent

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"strings"

	"github.com/difygen/difygen/runtime/invoke"
)

// MaxObservation is how many bytes a model reads of what a tool says: 256 KiB. It is told that there was
// more.
const MaxObservation = 256 << 10

// observation makes a text for a model of what a tool says, and passes on what users see.
type observation struct {
	out   *Output
	steps *toolSteps

	text      strings.Builder
	json      []json.RawMessage
	variables map[string]any
	size      int // of all of them
	cut       bool
	notes     []string // for the model, after what the tool has said
}

// add adds a message of the tool.
func (o *observation) add(message invoke.ToolMessage) error {
	switch m := message.(type) {
	case *invoke.ToolText:
		o.write(m.Text)
	case *invoke.ToolLink:
		return o.passed("a link", checkAddress(m.URL), "Link: "+m.URL)
	case *invoke.ToolImage:
		return o.passed("an image", o.image(m.URL), "The tool has made an image, which the user sees.")
	case *invoke.ToolFile:
		return o.passed("a file", o.out.ToolFile(m), "The tool has made a file, which the user sees: "+cmp.Or(m.Name, m.MIMEType, m.URL))
	case *invoke.ToolJSON:
		if !m.Suppressed && o.fits(len(m.Value)) {
			o.json = append(o.json, m.Value)
		}
	case *invoke.ToolVariable:
		o.variable(m)
	case *invoke.ToolLog:
		return o.steps.show(m.LogMessage)
	case *invoke.ToolResources:
		o.line(m.Context)
		return o.out.RetrieverResources(m.Resources, m.Context)
	}
	return nil
}

func (o *observation) image(address string) error {
	if err := checkAddress(address); err != nil {
		return err
	}
	return o.out.Image(address)
}

// passed writes a line about what has been passed on to the user, unless that has failed. What has not, for
// its address, does not fail.
func (o *observation) passed(what string, err error, line string) error {
	if errors.Is(err, errAddress) {
		o.line("The tool has made " + what + ", which is left out: " + err.Error() + ".")
		return nil
	}
	if err == nil {
		o.line(line)
	}
	return err
}

// fits makes room for that many bytes.
func (o *observation) fits(n int) bool {
	if n > MaxObservation-o.size {
		o.cut = true
		return false
	}
	o.size += n
	return true
}

// write writes a piece of a text, or as much of it as there is room for.
func (o *observation) write(text string) {
	if room := MaxObservation - o.size; len(text) > room {
		o.cut, o.size = true, MaxObservation
		o.text.WriteString(strings.ToValidUTF8(text[:room], ""))
		return
	}
	o.size += len(text)
	o.text.WriteString(text)
}

// line writes a text that does not continue the one before.
func (o *observation) line(text string) {
	if text == "" {
		return
	}
	o.endLine()
	o.write(text + "\n")
}

func (o *observation) endLine() {
	if text := o.text.String(); text != "" && !strings.HasSuffix(text, "\n") {
		o.write("\n")
	}
}

// variable keeps a variable. Models read them of tools that say nothing else: most say it in another way,
// too.
func (o *observation) variable(m *invoke.ToolVariable) {
	if !o.fits(len(m.Name) + len(m.Value)) {
		return
	}
	if o.variables == nil {
		o.variables = make(map[string]any)
	}
	before, _ := o.variables[m.Name].(string)
	o.variables[m.Name] = m.Value
	var text *string // nil for null
	if json.Unmarshal(m.Value, &text) != nil || text == nil {
		return
	}
	if !m.Stream {
		before = ""
	}
	o.variables[m.Name] = before + *text
}

// end returns what the model reads, with why the call has failed, if it has.
func (o *observation) end(failure string) string {
	for _, value := range o.json {
		if text := readable(value); !strings.Contains(o.text.String(), text) {
			o.endLine()
			o.text.WriteString(text) // its size has been counted
		}
	}
	if o.text.Len() == 0 && len(o.variables) > 0 {
		o.text.WriteString(readable(o.variables))
	}
	if o.cut {
		o.addNote("The tool has said more, which is left out.")
	}
	switch {
	case failure != "":
		o.addNote("The call has failed: " + failure)
	case o.text.Len() == 0:
		o.addNote("The tool has said nothing.")
	}
	for _, note := range o.notes {
		o.addNote(note)
	}
	return strings.TrimSuffix(o.text.String(), "\n")
}

// addNote adds what there always is room for.
func (o *observation) addNote(text string) {
	if o.text.Len() > 0 {
		o.text.WriteString("\n")
	}
	o.text.WriteString(shorten(text))
}

// readable returns a value in JSON without escapes but those that JSON demands.
func readable(value any) string {
	if raw, ok := value.(json.RawMessage); ok {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if decoder.Decode(&value) != nil {
			return string(raw)
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}
