package documents

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
)

// ListFiles lists what a folder holds.
func (p *Provider) ListFiles(ctx context.Context, call *ListFilesCall, out *ListFilesOutput) error {
	folder := path.Clean("/" + call.Parameters.Folder)
	resources, err := p.list(ctx, call.Credentials, folder, "1")
	if err != nil {
		return err
	}
	items := []ListFilesItemsItem{}
	var lines strings.Builder
	for _, r := range resources {
		where := r.path(call.Credentials)
		if where == folder || r.Folder != nil && !call.Parameters.IncludeFolders {
			continue
		}
		fmt.Fprintln(&lines, where)
		items = append(items, ListFilesItemsItem{
			Name: path.Base(where), Path: where, Folder: r.Folder != nil, Size: r.Size, Modified: r.Modified,
		})
	}
	return errors.Join(out.Text(lines.String()), out.JSON(items), out.SetItems(items))
}
