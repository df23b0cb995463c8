package box

import (
	"cmp"
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

const (
	root    = "0"  // the ID of the folder that has all others
	maxKeys = 1000 // that Box lists at most
)

// nextPage is where the next page of a folder starts.
type nextPage struct {
	Marker string `json:"marker"`
}

// FilesBrowse lists a folder.
func (p *Provider) FilesBrowse(ctx context.Context, call *FilesBrowseCall, out *datasource.BrowseOutput) error {
	var next nextPage
	if err := call.NextPage(&next); err != nil {
		return err
	}
	query := url.Values{"fields": {"name,size"}, "usemarker": {"true"}, "limit": {strconv.Itoa(min(call.MaxKeys, maxKeys))}}
	if next.Marker != "" {
		query.Set("marker", next.Marker)
	}
	var page struct {
		Entries []struct {
			Type, ID, Name string
			Size           int64
		}
		NextMarker string `json:"next_marker"`
	}
	folder := "/folders/" + url.PathEscape(cmp.Or(call.Prefix, root))
	if err := p.get(ctx, call.Credentials, folder+"/items?"+query.Encode(), &page); err != nil {
		return err
	}
	for _, e := range page.Entries {
		switch e.Type { // or web_link
		case "folder":
			out.AddFolder(datasource.Folder{ID: e.ID, Name: e.Name})
		case "file":
			out.AddFile(datasource.File{ID: e.ID, Name: e.Name, Size: e.Size})
		}
	}
	if page.NextMarker != "" {
		return out.SetNextPage(nextPage{page.NextMarker})
	}
	return nil
}

// FilesDownload reads a file.
func (p *Provider) FilesDownload(ctx context.Context, call *FilesDownloadCall, out *datasource.DownloadOutput) error {
	file := "/files/" + url.PathEscape(call.ID)
	var meta struct{ Name string }
	if err := p.get(ctx, call.Credentials, file+"?fields=name", &meta); err != nil {
		return err
	}
	req, err := p.request(ctx, call.Credentials, file+"/content")
	if err != nil {
		return err
	}
	// Box redirects to another host, to which the token is not sent.
	resp, err := runtime.Do(p.service.HTTPClient, req)
	if err != nil {
		return explain(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusAccepted {
		return errors.New("Box is still preparing the file: try again later") //nolint:staticcheck // a name
	}
	return out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: meta.Name, MIMEType: mime.TypeByExtension(path.Ext(meta.Name))})
}
