package documents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"

	"github.com/difygen/difygen/runtime"
)

// UploadFiles stores files in a folder.
func (p *Provider) UploadFiles(ctx context.Context, call *UploadFilesCall, out *UploadFilesOutput) error {
	folder := path.Clean("/" + call.Parameters.Folder)
	if call.Parameters.CreateFolder && folder != "/" {
		resp, err := p.do(ctx, call.Credentials, "MKCOL", folder, nil, nil)
		if err == nil {
			err = resp.Body.Close()
		}
		if err != nil && !errors.Is(err, errExists) {
			return err
		}
	}
	var paths []string
	for i, f := range call.Parameters.Files {
		where := path.Join(folder, path.Base(cmp.Or(f.Filename, fmt.Sprintf("file-%d%s", i+1, f.Extension))))
		if err := p.store(ctx, call.Credentials, f, where); err != nil {
			return fmt.Errorf("storing %s: %w", where, err)
		}
		paths = append(paths, where)
		if err := out.Text("stored " + where + "\n"); err != nil {
			return err
		}
	}
	return errors.Join(out.SetCount(int64(len(paths))), out.SetPaths(paths))
}

// store copies a file from Dify into the store.
func (p *Provider) store(ctx context.Context, creds Credentials, f runtime.File, where string) error {
	body, err := f.Open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	resp, err := p.do(ctx, creds, http.MethodPut, where, body, http.Header{"Content-Type": {cmp.Or(f.MIMEType, "application/octet-stream")}})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
