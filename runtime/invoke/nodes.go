package invoke

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/difygen/difygen/runtime"
)

// Nodes calls nodes of workflows, without a workflow. It needs the permission node.enabled.
type Nodes struct{ service service }

// Nodes returns the service.
func (s Session) Nodes() Nodes { return Nodes{s.service()} }

// ExtractedType is the type of a parameter that is extracted from a text.
type ExtractedType string

// The types that Dify extracts.
const (
	ExtractString  ExtractedType = "string"
	ExtractNumber  ExtractedType = "number"
	ExtractBool    ExtractedType = "bool"
	ExtractSelect  ExtractedType = "select"
	ExtractStrings ExtractedType = "array[string]"
	ExtractNumbers ExtractedType = "array[number]"
	ExtractObjects ExtractedType = "array[object]"
)

// ExtractedParameter is a parameter to extract. Name and Type are required.
type ExtractedParameter struct {
	Name        string        `json:"name"`
	Type        ExtractedType `json:"type"`
	Options     []string      `json:"options,omitempty"` // of ExtractSelect
	Description string        `json:"description"`       // for the model
	Required    bool          `json:"required"`
}

// ExtractRequest asks for parameters in a text. Model, Parameters and Query are required.
type ExtractRequest struct {
	Model       runtime.ModelSelector
	Parameters  []ExtractedParameter
	Instruction string // for the model
	Query       string // the text
}

// ExtractResult is what a text has of the parameters.
type ExtractResult struct {
	// Parameters has a value for each parameter, also if the text has none.
	Parameters map[string]any
	Success    bool
	Reason     string // why it is no success
	Node       NodeResult
}

// Class is a class of questions. Both fields are required.
type Class struct {
	ID   string `json:"id"`
	Name string `json:"name"` // what it is about; the model reads it
}

// ClassifyRequest asks for the class of a question. Model, Classes and Query are required.
type ClassifyRequest struct {
	Model       runtime.ModelSelector
	Classes     []Class
	Instruction string // for the model
	Query       string // the question
}

// ClassifyResult is the class of a question.
type ClassifyResult struct {
	Class Class
	Node  NodeResult
}

// NodeResult is what a node says of its run.
type NodeResult struct {
	Inputs      map[string]any `json:"inputs"`
	ProcessData map[string]any `json:"process_data"`
	Outputs     map[string]any `json:"outputs"`
}

type wireNodeModel struct {
	Provider         string         `json:"provider"`
	Name             string         `json:"name"`
	Mode             string         `json:"mode"`
	CompletionParams map[string]any `json:"completion_params"`
}

// wireNode are the fields of a call of any node.
type wireNode struct {
	Model       wireNodeModel `json:"model"`
	Instruction string        `json:"instruction"`
	Query       string        `json:"query"`
}

type wireExtract struct {
	Parameters []ExtractedParameter `json:"parameters"`
	wireNode
}

type wireClassify struct {
	Classes []Class `json:"classes"`
	wireNode
}

// newWireNode returns a model as nodes name it, and the texts for it.
func newWireNode(m runtime.ModelSelector, instruction, query string) (wireNode, error) {
	if _, err := modelOf(m); err != nil {
		return wireNode{}, err
	}
	mode, err := modeOf(m)
	return wireNode{wireNodeModel{m.Provider, m.Model, mode, orEmpty(m.CompletionParams)}, instruction, query}, err
}

func (r *ExtractRequest) wire() (wireExtract, error) {
	switch {
	case len(r.Parameters) == 0:
		return wireExtract{}, errors.New("a call of the parameter extractor has no Parameters")
	case r.Query == "":
		return wireExtract{}, errors.New("a call of the parameter extractor has no Query")
	}
	for i, p := range r.Parameters {
		switch p.Type {
		case ExtractString, ExtractNumber, ExtractBool, ExtractSelect, ExtractStrings, ExtractNumbers, ExtractObjects:
		default:
			return wireExtract{}, fmt.Errorf("parameter %d to extract has no Type such as ExtractString", i+1)
		}
		if p.Name == "" {
			return wireExtract{}, fmt.Errorf("parameter %d to extract has no Name", i+1)
		}
	}
	node, err := newWireNode(r.Model, r.Instruction, r.Query)
	return wireExtract{r.Parameters, node}, err
}

func (r *ClassifyRequest) wire() (wireClassify, error) {
	switch {
	case len(r.Classes) == 0:
		return wireClassify{}, errors.New("a call of the question classifier has no Classes")
	case r.Query == "":
		return wireClassify{}, errors.New("a call of the question classifier has no Query")
	}
	for i, c := range r.Classes {
		if c.ID == "" || c.Name == "" {
			return wireClassify{}, fmt.Errorf("class %d of questions has no ID or no Name", i+1)
		}
	}
	node, err := newWireNode(r.Model, r.Instruction, r.Query)
	return wireClassify{r.Classes, node}, err
}

// ExtractParameters has a model extract parameters from a text. Their values are as the model gave
// them: check them.
func (n Nodes) ExtractParameters(ctx context.Context, req *ExtractRequest) (*ExtractResult, error) {
	w, err := given(req).wire()
	if err != nil {
		return nil, err
	}
	result := new(ExtractResult)
	if err := n.service.one(ctx, typeExtract, w, &result.Node); err != nil {
		return nil, err
	}
	outputs := result.Node.Outputs
	result.Parameters = make(map[string]any, len(w.Parameters))
	for _, p := range w.Parameters {
		if value, ok := outputs[p.Name]; ok {
			result.Parameters[p.Name] = value
		}
	}
	success, isBool := outputs["__is_success"].(bool)
	result.Success = success || !isBool && numberOf(outputs, "__is_success", 1) == 1
	result.Reason = textOf(outputs, "__reason")
	return result, nil
}

// ClassifyQuestion has a model choose the class of a question. It is an error if none is chosen, or
// another one than those of the request.
func (n Nodes) ClassifyQuestion(ctx context.Context, req *ClassifyRequest) (*ClassifyResult, error) {
	w, err := given(req).wire()
	if err != nil {
		return nil, err
	}
	result := new(ClassifyResult)
	if err := n.service.one(ctx, typeClassify, w, &result.Node); err != nil {
		return nil, err
	}
	result.Class = Class{textOf(result.Node.Outputs, "class_id"), textOf(result.Node.Outputs, "class_name")}
	switch isChosen := func(c Class) bool { return c.ID == result.Class.ID }; {
	case result.Class == (Class{}):
		return nil, errors.New("the question classifier of Dify has chosen no class")
	case !slices.ContainsFunc(w.Classes, isChosen):
		return nil, errors.New("the question classifier of Dify has chosen a class that is none of Classes")
	case result.Class.Name == "":
		return nil, errors.New("the question classifier of Dify has chosen a class without saying its name")
	}
	return result, nil
}
