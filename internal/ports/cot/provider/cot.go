// Package cot lets models think and call tools until they can answer.
package cot

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
)

// Provider has the strategies.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var _ Strategies = (*Provider)(nil)

// start begins a run with the tools whose names are allowed, or with all if no name is.
func start(out *agent.Output, dify Dify, model agent.Model, tools []agent.Tool, allowed any) (*agent.Run, error) {
	d := runtime.NewParameterDecoder("Tools", map[string]any{"allowed_tools": allowed})
	names := make(map[string]bool)
	for _, v := range d.Array("allowed_tools", "Allowed tools", runtime.FieldOptional) {
		if name, _ := v.(string); strings.TrimSpace(name) != "" {
			names[strings.TrimSpace(name)] = true
		}
	}
	if len(names) > 0 {
		tools = slices.DeleteFunc(slices.Clone(tools), func(t agent.Tool) bool { return !names[t.Name] })
	}
	return &agent.Run{Out: out, LLM: dify.LLM, Model: model, Tools: agent.NewToolset(dify.Tools, tools)}, d.Err()
}

// sources reads the result of a knowledge node, which the answer cites. Users can choose anything else, too,
// which is not cited.
func sources(context any) ([]runtime.RetrieverResource, error) {
	list, ok := context.([]any)
	if !ok {
		return nil, nil
	}
	data, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	var items []struct {
		Content  string
		Metadata runtime.RetrieverResource
	}
	if json.Unmarshal(data, &items) != nil {
		return nil, errors.New("the context is not the result of a knowledge node: choose its variable result")
	}
	resources := make([]runtime.RetrieverResource, len(items))
	for i, item := range items {
		resources[i], resources[i].Content = item.Metadata, item.Content
	}
	return resources, nil
}

// cite sends what the answer cites, if anything.
func cite(out *agent.Output, resources []runtime.RetrieverResource) error {
	if len(resources) == 0 {
		return nil
	}
	return out.RetrieverResources(resources, "")
}
