package invoke

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// toolCollector makes a result of messages.
type toolCollector struct {
	ToolResult
	text    strings.Builder
	streams map[string]*strings.Builder // variables that come in pieces
	logs    map[string]int              // places in Logs, by ID
	size    int
}

func newToolCollector() *toolCollector {
	return &toolCollector{
		ToolResult: ToolResult{Variables: map[string]json.RawMessage{}},
		streams:    map[string]*strings.Builder{},
		logs:       map[string]int{},
	}
}

func (c *toolCollector) add(message ToolMessage) error {
	c.size += message.size()
	if c.size > maxToolResult {
		return fmt.Errorf("the tool has sent more than %d bytes: read its messages with Stream", maxToolResult)
	}
	switch m := message.(type) {
	case *ToolText:
		c.text.WriteString(m.Text)
	case *ToolLink:
		c.Links = append(c.Links, m.URL)
	case *ToolImage:
		c.Images = append(c.Images, m.URL)
	case *ToolFile:
		c.Files = append(c.Files, m)
	case *ToolJSON:
		c.JSON = append(c.JSON, m.Value)
	case *ToolVariable:
		return c.variable(m)
	case *ToolLog:
		c.log(m)
	case *ToolResources:
		c.Resources = append(c.Resources, m.Resources...)
		c.Context += m.Context
	case *UnknownToolMessage:
		c.Unknown = append(c.Unknown, m)
	}
	return nil
}

// variable sets a variable, or appends a piece to one: Dify joins the pieces.
func (c *toolCollector) variable(m *ToolVariable) error {
	if !m.Stream {
		delete(c.streams, m.Name)
		c.Variables[m.Name] = m.Value
		return nil
	}
	var piece string
	if json.Unmarshal(m.Value, &piece) != nil {
		return errors.New("a piece of a variable of the tool is not a text")
	}
	text := c.streams[m.Name]
	if text == nil {
		text = new(strings.Builder)
		c.streams[m.Name] = text
		var before string
		if json.Unmarshal(c.Variables[m.Name], &before) == nil {
			text.WriteString(before)
		}
	}
	text.WriteString(piece)
	return nil
}

// log keeps a step, in place of the one with its ID.
func (c *toolCollector) log(m *ToolLog) {
	if place, ok := c.logs[m.ID]; ok && m.ID != "" {
		c.Logs[place] = m
		return
	}
	c.logs[m.ID] = len(c.Logs)
	c.Logs = append(c.Logs, m)
}

func (c *toolCollector) result() *ToolResult {
	result := c.ToolResult
	result.Text = c.text.String()
	for name, text := range c.streams {
		data, _ := json.Marshal(text.String()) // a string can always be encoded
		result.Variables[name] = data
	}
	return &result
}
