package documents

import (
	"context"
	"errors"
	"net/http"
	"path"

	"github.com/difygen/difygen/runtime"
)

// DownloadFile gets a file from the store.
func (p *Provider) DownloadFile(ctx context.Context, call *DownloadFileCall, out *DownloadFileOutput) error {
	where := path.Clean("/" + call.Parameters.Path)
	resp, err := p.do(ctx, call.Credentials, http.MethodGet, where, nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	link, err := address(call.Credentials, where)
	if err != nil {
		return err
	}
	meta := runtime.FileMeta{Name: path.Base(where), MIMEType: resp.Header.Get("Content-Type")}
	if err := errors.Join(out.FileFrom(resp.Body, resp.ContentLength, meta), out.SetMIMEType(meta.MIMEType), out.Link(link)); err != nil {
		return err
	}
	if call.Parameters.Preview {
		return out.Image(link + "?preview=1")
	}
	return nil
}
