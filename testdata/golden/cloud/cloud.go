package cloud

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// CloudBrowse lists the files in a folder of the data source Cloud.
//
// Files.
//
// It lists, for example:
//
//	out.AddFolder(datasource.Folder{ID: "reports/", Name: "reports"})
//	out.AddFile(datasource.File{ID: "a.pdf", Name: "a.pdf", Size: 1024})
//	return nil
func (p *Provider) CloudBrowse(ctx context.Context, call *CloudBrowseCall, out *datasource.BrowseOutput) error {
	return runtime.ErrNotImplemented
}

// CloudDownload reads a file of the data source Cloud.
//
// It sends the file, such as the body of a response:
//
//	return out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: "a.pdf", MIMEType: "application/pdf"})
func (p *Provider) CloudDownload(ctx context.Context, call *CloudDownloadCall, out *datasource.DownloadOutput) error {
	return runtime.ErrNotImplemented
}
