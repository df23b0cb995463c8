package host

import (
	"encoding/json"
	"slices"
	"strings"
)

// The limits of the files of tools and of agent strategies, in bytes.
const (
	MaxBlobChunk = 8 << 10
	MaxFile      = 50 << 20
	MaxAgentFile = 15 << 20
)

// ToolMessage is a message of a tool on the wire.
type ToolMessage struct {
	Type    string          `json:"type"`
	Message json.RawMessage `json:"message"`
	Meta    json.RawMessage `json:"meta"`
}

// ToolResult is what Dify makes of a tool's messages.
type ToolResult struct {
	Messages  []ToolMessage
	Text      string // all texts, joined
	Links     []string
	Images    []string // URLs
	JSON      []json.RawMessage
	Files     []File
	Variables map[string]any
	Logs      []Log // in the order in which they started
	Resources []json.RawMessage
}

// File is a file that a tool has sent, in one message or in chunks.
type File struct {
	Name     string
	MIMEType string // application/octet-stream if the plugin gives none
	Data     []byte
}

// Log is a step of a tool. A later message with the same ID replaces an earlier one.
type Log struct {
	ID       string         `json:"id"`
	ParentID string         `json:"parent_id"`
	Label    string         `json:"label"`
	Status   string         `json:"status"` // start, success or error
	Error    string         `json:"error"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// NewToolResult puts together the results of invoke_tool. It returns as faults what Dify
// would reject. The calls of a Host record these too.
func NewToolResult(results []json.RawMessage) (result *ToolResult, faults []string) {
	return newResult(newToolCheck(), results)
}

// ActionAgent is the action of agent strategies.
const ActionAgent = "invoke_agent_strategy"

// NewAgentResult is NewToolResult for the results of invoke_agent_strategy. The daemon puts its files
// together (PROTOCOL-CALLS, section 5).
func NewAgentResult(results []json.RawMessage) (result *ToolResult, faults []string) {
	return newResult(newAgentCheck(), results)
}

func newResult(c *messageCheck, results []json.RawMessage) (result *ToolResult, faults []string) {
	r := &toolResult{variables: make(variables), chunks: make(map[string]*File)}
	for _, data := range results {
		m, err := c.decode(data)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		r.add(m)
	}
	if err := c.end(); err != nil {
		faults = append(faults, err.Error())
	}
	r.Text, r.Variables = r.text.String(), r.variables.values()
	return &r.ToolResult, faults
}

// toolResult is a result that is not complete.
type toolResult struct {
	ToolResult

	text      strings.Builder
	variables variables
	chunks    map[string]*File // those that are not complete, by ID
}

// add adds a message without faults.
func (r *toolResult) add(m *decodedMessage) {
	r.Messages = append(r.Messages, m.ToolMessage)
	switch m.Type {
	case "text":
		r.text.WriteString(m.text)
	case "link":
		r.Links = append(r.Links, m.text)
	case "image":
		r.Images = append(r.Images, m.text)
	case "json":
		r.JSON = append(r.JSON, m.json)
	case "blob":
		r.Files = append(r.Files, m.file())
	case "blob_chunk":
		f := r.chunks[m.chunk.ID]
		if f == nil {
			first := m.file()
			first.Data = nil
			f = &first
			r.chunks[m.chunk.ID] = f
		}
		if f.Data = append(f.Data, m.data...); m.chunk.End {
			r.Files = append(r.Files, *f)
			delete(r.chunks, m.chunk.ID)
		}
	case "variable":
		r.variables.add(m.variable)
	case "log":
		if i := slices.IndexFunc(r.Logs, func(l Log) bool { return l.ID == m.log.ID }); i >= 0 {
			r.Logs[i] = m.log
		} else {
			r.Logs = append(r.Logs, m.log)
		}
	case "retriever_resources":
		r.Resources = append(r.Resources, m.Message)
	}
}
