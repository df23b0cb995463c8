package difytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// maxShown is how many characters of a text the results show.
const maxShown = 400

// summary is a result as one line, for the messages of tests.
type summary struct{ items []string }

func (s *summary) addf(format string, args ...any) {
	s.items = append(s.items, text.Cut(text.Line(fmt.Sprintf(format, args...)), maxShown))
}

// addJSON adds a value of more than no elements as JSON.
func (s *summary) addJSON(name string, v any, n int) {
	if n == 0 {
		return
	}
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte(err.Error())
	}
	s.addf("%s %s", name, data)
}

func (s *summary) addError(err error) {
	if err != nil {
		s.addf("error: %v", err)
	}
}

func (s *summary) String() string {
	if len(s.items) == 0 {
		return "nothing"
	}
	return strings.Join(s.items, ", ")
}

// String returns what the sender gets, the events and the payload as one line, in which long texts are cut.
func (d *DispatchResult) String() string {
	var s summary
	if d.Response != nil {
		s.addf("%s", d.Response.Status)
		if body := d.body(); len(body) > 0 {
			s.addf("body %q", body)
		}
	}
	if len(d.Events) > 0 {
		s.addf("events %s", list(d.Events))
	}
	if len(d.Payload) > 0 {
		s.addf("payload %s", d.Payload)
	}
	if d.UserID != "" {
		s.addf("user %s", d.UserID)
	}
	s.addError(d.Err)
	return s.String()
}

// body returns the rest of the body of the response, which can be read again.
func (d *DispatchResult) body() []byte {
	if d.Response.Body == nil {
		return nil
	}
	body, _ := io.ReadAll(d.Response.Body) // it is in memory
	d.Response.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// String returns the variables as one line, in which long texts are cut.
func (r *EventResult) String() string {
	var s summary
	if r.Cancelled {
		s.addf("cancelled")
	}
	s.addJSON("variables", r.Variables, len(r.Variables))
	s.addError(r.Err)
	return s.String()
}

// String returns what the strategy has sent as one line, in which long texts are cut.
func (r *AgentResult) String() string {
	var s summary
	if r.Text != "" {
		s.addf("text %q", r.Text)
	}
	s.addJSON("links", r.Links, len(r.Links))
	s.addJSON("images", r.Images, len(r.Images))
	s.addJSON("JSON", r.JSON, len(r.JSON))
	for _, f := range r.Files {
		s.addf("file %s of %d bytes", text.Name(f.Name), len(f.Data))
	}
	s.addJSON("variables", r.Variables, len(r.Variables))
	if len(r.Steps) > 0 {
		s.addf("steps %s", outline(r.Steps))
	}
	if r.Usage.TotalTokens > 0 {
		s.addf("%d tokens", r.Usage.TotalTokens)
	}
	s.addError(r.Err)
	return s.String()
}

// outline returns the labels of steps, with those within them in parentheses.
func outline(steps []Step) string {
	var texts []string
	for _, step := range steps {
		label := fmt.Sprintf("%q %s", step.Label, step.Status)
		if step.Error != "" {
			label += ": " + step.Error
		}
		if len(step.Steps) > 0 {
			label += " (" + outline(step.Steps) + ")"
		}
		texts = append(texts, label)
	}
	return strings.Join(texts, ", ")
}
