package shares

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// DocsInGroupBrowse lists the files in a folder of the data source Documents in Group.
//
// Files, by group.
//
// It lists, for example:
//
//	out.AddFolder(datasource.Folder{ID: "reports/", Name: "reports"})
//	out.AddFile(datasource.File{ID: "a.pdf", Name: "a.pdf", Size: 1024})
//	return nil
func (p *Provider) DocsInGroupBrowse(ctx context.Context, call *DocsInGroupBrowseCall, out *datasource.BrowseOutput) error {
	return runtime.ErrNotImplemented
}

// DocsInGroupDownload reads a file of the data source Documents in Group.
//
// It sends the file, such as the body of a response:
//
//	return out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: "a.pdf", MIMEType: "application/pdf"})
func (p *Provider) DocsInGroupDownload(ctx context.Context, call *DocsInGroupDownloadCall, out *datasource.DownloadOutput) error {
	return runtime.ErrNotImplemented
}
