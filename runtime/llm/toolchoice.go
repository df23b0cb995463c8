package llm

import (
	"errors"
	"strings"
)

// ToolChoice says whether a model may, or must, ask for tools. The zero value leaves that to Dify and
// the model.
type ToolChoice struct {
	Mode ToolChoiceMode `json:"mode"`
	Name string         `json:"name,omitempty"` // of the tool, with ChooseTool
}

// ToolChoiceMode is what a model may, or must, do.
type ToolChoiceMode string

// The modes of a ToolChoice.
const (
	ChooseAuto     ToolChoiceMode = "auto"     // what the model wants
	ChooseNone     ToolChoiceMode = "none"     // no tool
	ChooseRequired ToolChoiceMode = "required" // a tool, whichever
	ChooseTool     ToolChoiceMode = "tool"     // the tool of that Name
)

// Validate reports what Dify would not take.
func (c ToolChoice) Validate() error {
	switch c.Mode {
	case ChooseAuto, ChooseNone, ChooseRequired:
		if c.Name != "" {
			return errors.New("a tool choice has a Name, but another mode than ChooseTool")
		}
	case ChooseTool:
		if strings.TrimSpace(c.Name) == "" {
			return errors.New("a tool choice of mode ChooseTool has no Name")
		}
	case "":
		return errors.New("a tool choice has no Mode")
	default:
		return errors.New("a tool choice has a mode other than auto, none, required and tool")
	}
	return nil
}
