package invoke

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// Tools calls tools of the workspace. It needs the permission tool.enabled.
type Tools struct{ service service }

// Tools returns the service.
func (s Session) Tools() Tools { return Tools{s.service()} }

// ToolType says where a tool comes from.
type ToolType string

// The types of tools that Dify has.
const (
	ToolBuiltin  ToolType = "builtin" // of Dify or a plugin
	ToolWorkflow ToolType = "workflow"
	ToolAPI      ToolType = "api" // from an OpenAPI document
	ToolMCP      ToolType = "mcp"
)

// ToolRequest is a call of a tool. Type, Provider and Tool are required.
type ToolRequest struct {
	Type     ToolType
	Provider string // such as langgenius/github/github for a plugin, otherwise an ID
	Tool     string
	// Parameters are those that a person sets and those that a model sets, by name.
	Parameters map[string]any
	// CredentialID are the credentials that Dify takes. If it is empty, they are those that the
	// user has chosen for the provider, if any, and otherwise the default ones.
	CredentialID   string
	CredentialType runtime.CredentialType
}

// NewToolRequest returns a call of a tool that a user has chosen, in a field of type array[tools],
// with the credentials and the settings that the user has chosen for it and, over the settings,
// those parameters, such as a model's.
func NewToolRequest(tool runtime.ToolSelector, parameters map[string]any) *ToolRequest {
	all := make(map[string]any, len(tool.ToolConfiguration)+len(parameters))
	maps.Copy(all, tool.ToolConfiguration)
	maps.Copy(all, parameters)
	return &ToolRequest{
		Type: cmp.Or(ToolType(tool.ToolType), ToolBuiltin), Provider: tool.ProviderID, Tool: tool.ToolName,
		Parameters: all, CredentialID: tool.CredentialID,
	}
}

type wireTool struct {
	Type           ToolType               `json:"tool_type"`
	Provider       string                 `json:"provider"`
	Tool           string                 `json:"tool"`
	Parameters     map[string]any         `json:"tool_parameters"`
	CredentialID   string                 `json:"credential_id,omitempty"`
	CredentialType runtime.CredentialType `json:"credential_type,omitempty"`
	AppID          string                 `json:"app_id,omitempty"`
}

// wire returns the call that c makes. The host requires a type, a provider and a tool, and Dify a map
// of parameters.
func (r *ToolRequest) wire(c callback.Caller) (wireTool, error) {
	switch {
	case r.Provider == "" || r.Tool == "":
		return wireTool{}, errors.New("a call of a tool has no Provider or no Tool")
	case r.Type == "":
		return wireTool{}, errors.New("a call of a tool has no Type")
	case r.Type != ToolBuiltin && r.Type != ToolWorkflow && r.Type != ToolAPI && r.Type != ToolMCP:
		return wireTool{}, errors.New("the Type of a call of a tool is none of builtin, workflow, api and mcp")
	}
	return wireTool{
		r.Type, r.Provider, r.Tool, orEmpty(r.Parameters), cmp.Or(r.CredentialID, c.ToolCredential(r.Provider)), r.CredentialType, c.AppID(),
	}, nil
}

// Stream calls a tool, and returns its messages as they come. The chunks of a file are one message: a
// file has at most 50 MiB. When the loop is left, the tool may run on.
func (t Tools) Stream(ctx context.Context, req *ToolRequest) iter.Seq2[ToolMessage, error] {
	wire := func() (wireTool, error) { return given(req).wire(t.service.caller()) }
	return func(yield func(ToolMessage, error) bool) {
		var files toolFiles
		for message, err := range stream(ctx, t.service, typeTool, wire, files.decode) {
			if err != nil {
				yield(nil, err)
				return
			}
			if message != nil && !yield(message, nil) { // nil is a chunk of a file
				return
			}
		}
		if err := files.end(); err != nil {
			yield(nil, err)
		}
	}
}

// ToolResult is all that a tool has said.
type ToolResult struct {
	Text      string   // joined, as Dify joins it
	Links     []string // URLs
	Images    []string // URLs of images that Dify has not stored
	Files     []*ToolFile
	JSON      []json.RawMessage // objects and lists
	Variables map[string]json.RawMessage
	Logs      []*ToolLog // one for each ID, the last one
	Resources []runtime.RetrieverResource
	Context   string // what a model reads of Resources
	Unknown   []*UnknownToolMessage
}

// Variable decodes a variable into the value that v points to, as json.Unmarshal does. It reports
// whether the tool has set it.
func (r *ToolResult) Variable(name string, v any) (ok bool, err error) {
	data, ok := r.Variables[name]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(data, v); err != nil {
		return true, fmt.Errorf("the variable %q of the tool does not fit into %T", name, v)
	}
	return true, nil
}

// maxToolResult is how many bytes Run takes from a tool.
const maxToolResult = 100 << 20

// Run calls a tool and waits for all of its messages, which have at most 100 MiB. With an error, the
// result is what came before it.
func (t Tools) Run(ctx context.Context, req *ToolRequest) (*ToolResult, error) {
	c := newToolCollector()
	for message, err := range t.Stream(ctx, req) {
		if err == nil {
			err = c.add(message)
		}
		if err != nil {
			return c.result(), err
		}
	}
	return c.result(), nil
}
