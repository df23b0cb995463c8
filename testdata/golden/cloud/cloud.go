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
// It lists a page of the folder call.Prefix, with at most call.MaxKeys files, for example:
//
//	var next struct{ Cursor string } // empty for the first page
//	if err := call.NextPage(&next); err != nil {
//		return err
//	}
//	out.AddFolder(datasource.Folder{ID: call.Prefix + "reports/", Name: "reports"})
//	out.AddFile(datasource.File{ID: call.Prefix + "a.pdf", Name: "a.pdf", Size: 1024})
//	if next.Cursor != "" {
//		return nil // it was the last page
//	}
//	next.Cursor = "2" // as the service says
//	return out.SetNextPage(next)
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
