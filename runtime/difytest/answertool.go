package difytest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

// ErrNoTool is what an answer of Tools returns for a tool that the workspace does not have.
var ErrNoTool = errors.New("the workspace does not have this tool")

// noTool is how Dify's API refuses a call of a tool that it does not find, in its own words: before
// the first message, with status 400.
func noTool(tool string) error {
	body, err := json.Marshal(map[string]any{"code": "invalid_param", "message": fmt.Sprintf("Tool with name %s not found", tool), "status": 400})
	if err != nil {
		return err
	}
	return host.Refused(fmt.Sprintf("invoke tool failed: request failed with status code: 400 and respond with: %s", body))
}

// ToolAnswer is what a tool of the workspace sends to the plugin that has called it.
type ToolAnswer struct {
	*runtime.ToolOutput

	reply func(any)
}

// StoredFile sends a file as Dify does that has stored it: without its bytes. The plugin gets an
// [invoke.ToolFile] with this ID, with the name and type of meta, and with the URL /files/tools/
// and the ID, which only Dify's own pages can open. It is a link to an image if meta says that it
// is one.
func (a *ToolAnswer) StoredFile(id string, meta runtime.FileMeta) {
	typ, ext := "binary_link", ".bin"
	if strings.HasPrefix(meta.MIMEType, "image/") {
		typ, ext = "image_link", ".png"
	}
	about := map[string]any{"tool_file_id": id}
	if meta.Name != "" {
		about["filename"] = meta.Name
	}
	if meta.MIMEType != "" {
		about["mime_type"] = meta.MIMEType
	}
	a.reply(map[string]any{
		"type": typ, "message": map[string]any{"text": "/files/tools/" + id + cmp.Or(path.Ext(meta.Name), ext)}, "meta": about,
	})
}

// Tools sets what tools answer: everything that answer sends. Dify stores most files that tools
// send, and the plugin does not get their bytes: that is StoredFile. Of those that answer sends with
// File, the plugin gets the bytes. With [ErrNoTool], the call fails as that of a tool that is not
// there.
func (d *Dify) Tools(answer func(ctx context.Context, r *invoke.ToolRequest, out *ToolAnswer) error) {
	d.Answer("tool", func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := decodeCall[struct {
			Type           invoke.ToolType `json:"tool_type"`
			Provider, Tool string
			Parameters     map[string]any         `json:"tool_parameters"`
			CredentialID   string                 `json:"credential_id"`
			CredentialType runtime.CredentialType `json:"credential_type"`
		}](request)
		if err != nil {
			return err
		}
		r := &invoke.ToolRequest{
			Type: w.Type, Provider: w.Provider, Tool: w.Tool, Parameters: w.Parameters,
			CredentialID: w.CredentialID, CredentialType: w.CredentialType,
		}
		out := runtime.NewToolOutput(func(m runtime.ToolMessage) error {
			reply(m)
			return nil
		})
		err = answer(ctx, r, &ToolAnswer{out, reply})
		if errors.Is(err, ErrNoTool) {
			return noTool(w.Tool)
		}
		return err
	})
}
