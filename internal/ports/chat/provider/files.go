package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/difygen/difygen/runtime"
)

// UploadFile uploads a file, and shares it in a channel.
func (p *Provider) UploadFile(ctx context.Context, call *UploadFileCall, out *UploadFileOutput) error {
	a := call.Parameters
	data, err := a.File.ReadAll(ctx)
	if err != nil {
		return err
	}
	name := cmp.Or(a.File.Filename, "upload")
	var target struct {
		URL string `json:"upload_url"`
		ID  string `json:"file_id"`
	}
	args := []string{"filename", name, "length", strconv.Itoa(len(data))}
	if err := p.call(ctx, call.Credentials, "files.getUploadURLExternal", args, &target); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, bytes.NewReader(data))
	if err != nil {
		return err
	}
	if err := runtime.DoJSON(nil, req, nil); err != nil {
		return fmt.Errorf("uploading %s: %w", name, err)
	}
	files, _ := json.Marshal([]map[string]string{{"id": target.ID, "title": a.Title}}) // always encodes
	args = []string{"files", string(files), "channel_id", a.Channel, "initial_comment", a.InitialComment}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "files.completeUploadExternal", args, said("uploaded "+name+" as "+target.ID))
}
