package shares

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// DocsInSiteBrowse lists the files in a folder of the data source Documents in Site.
//
// Files, by site.
//
// It lists, for example:
//
//	out.AddFolder(datasource.Folder{ID: "reports/", Name: "reports"})
//	out.AddFile(datasource.File{ID: "a.pdf", Name: "a.pdf", Size: 1024})
//	return nil
func (p *Provider) DocsInSiteBrowse(ctx context.Context, call *DocsInSiteBrowseCall, out *datasource.BrowseOutput) error {
	return runtime.ErrNotImplemented
}

// DocsInSiteDownload reads a file of the data source Documents in Site.
//
// It sends the file, such as the body of a response:
//
//	return out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: "a.pdf", MIMEType: "application/pdf"})
func (p *Provider) DocsInSiteDownload(ctx context.Context, call *DocsInSiteDownloadCall, out *datasource.DownloadOutput) error {
	return runtime.ErrNotImplemented
}
