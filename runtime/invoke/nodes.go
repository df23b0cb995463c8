package invoke

import (
	"context"
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime"
)

// Nodes calls nodes of workflows, without a workflow.
type Nodes struct{ service service }

// Nodes returns the service.
func (s Session) Nodes() Nodes { return Nodes{s.service()} }

const (
	typeExtract  = "node_parameter_extractor"
	typeClassify = "node_question_classifier"
)

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

type nodeModel struct {
	Provider         string         `json:"provider"`
	Name             string         `json:"name"`
	Mode             string         `json:"mode"`
	CompletionParams map[string]any `json:"completion_params"`
}

// newNodeModel returns a model as nodes name it.
func newNodeModel(m runtime.ModelSelector) (nodeModel, error) {
	if _, err := modelOf(m); err != nil {
		return nodeModel{}, err
	}
	mode, err := modeOf(m)
	return nodeModel{m.Provider, m.Model, mode, orEmpty(m.CompletionParams)}, err
}

// ExtractParameters has a model extract parameters from a text.
func (n Nodes) ExtractParameters(ctx context.Context, request *ExtractRequest) (*ExtractResult, error) {
	if n.service.Caller == nil {
		return nil, ErrOutside
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	model, err := newNodeModel(request.Model)
	if err != nil {
		return nil, err
	}
	wire := struct {
		Parameters  []ExtractedParameter `json:"parameters"`
		Model       nodeModel            `json:"model"`
		Instruction string               `json:"instruction"`
		Query       string               `json:"query"`
	}{request.Parameters, model, request.Instruction, request.Query}
	result := new(ExtractResult)
	if err := n.service.one(ctx, typeExtract, wire, &result.Node); err != nil {
		return nil, err
	}
	outputs := result.Node.Outputs
	result.Parameters = make(map[string]any, len(request.Parameters))
	for _, p := range request.Parameters {
		if value, ok := outputs[p.Name]; ok {
			result.Parameters[p.Name] = value
		}
	}
	success, isBool := outputs["__is_success"].(bool)
	result.Success = success || !isBool && numberOf(outputs, "__is_success", 1) == 1
	result.Reason = textOf(outputs, "__reason")
	return result, nil
}

// check checks what the host does.
func (r *ExtractRequest) check() error {
	switch {
	case r == nil || len(r.Parameters) == 0:
		return errors.New("extracting parameters takes Parameters")
	case r.Query == "":
		return errors.New("extracting parameters takes a Query")
	}
	for i, p := range r.Parameters {
		switch p.Type {
		case ExtractString, ExtractNumber, ExtractBool, ExtractSelect, ExtractStrings, ExtractNumbers, ExtractObjects:
		default:
			return fmt.Errorf("parameter %d to extract must have a Type such as ExtractString", i+1)
		}
		if p.Name == "" {
			return fmt.Errorf("parameter %d to extract must have a Name", i+1)
		}
	}
	return nil
}

// ClassifyQuestion has a model choose the class of a question.
func (n Nodes) ClassifyQuestion(ctx context.Context, request *ClassifyRequest) (*ClassifyResult, error) {
	if n.service.Caller == nil {
		return nil, ErrOutside
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	model, err := newNodeModel(request.Model)
	if err != nil {
		return nil, err
	}
	wire := struct {
		Classes     []Class   `json:"classes"`
		Model       nodeModel `json:"model"`
		Instruction string    `json:"instruction"`
		Query       string    `json:"query"`
	}{request.Classes, model, request.Instruction, request.Query}
	result := new(ClassifyResult)
	if err := n.service.one(ctx, typeClassify, wire, &result.Node); err != nil {
		return nil, err
	}
	result.Class = Class{textOf(result.Node.Outputs, "class_id"), textOf(result.Node.Outputs, "class_name")}
	if result.Class == (Class{}) {
		return nil, errors.New("the question classifier of Dify has chosen no class")
	}
	return result, nil
}

// check checks what the host does.
func (r *ClassifyRequest) check() error {
	switch {
	case r == nil || len(r.Classes) == 0:
		return errors.New("classifying a question takes Classes")
	case r.Query == "":
		return errors.New("classifying a question takes a Query")
	}
	for i, c := range r.Classes {
		if c.ID == "" || c.Name == "" {
			return fmt.Errorf("class %d of questions must have an ID and a Name", i+1)
		}
	}
	return nil
}
