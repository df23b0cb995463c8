package wiki

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// ArchivePages lists the documents of the data source Archive, for users to choose from.
//
// What people wrote.
//
// It returns, for example:
//
//	pages := []datasource.Page{{ID: "p1", Name: "Welcome", Type: "page"}}
//	return []datasource.Workspace{{ID: "w1", Name: "Team", Pages: pages}}, nil
func (p *Provider) ArchivePages(ctx context.Context, call *ArchivePagesCall) ([]datasource.Workspace, error) {
	return nil, runtime.ErrNotImplemented
}

// ArchivePageContent reads a document of the data source Archive.
//
// It sends, for example:
//
//	if err := out.SetTitle("Welcome"); err != nil {
//		return err
//	}
//	return out.SetContent("# Welcome")
func (p *Provider) ArchivePageContent(ctx context.Context, call *ArchivePageContentCall, out *ArchivePageContentOutput) error {
	return runtime.ErrNotImplemented
}
