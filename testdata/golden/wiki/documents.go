package wiki

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// DocumentsPages lists the documents of the data source Documents, for users to choose from.
//
// What people write.
//
// It returns, for example:
//
//	pages := []datasource.Page{{ID: "p1", Name: "Welcome", Type: "page"}}
//	return []datasource.Workspace{{ID: "w1", Name: "Team", Pages: pages}}, nil
func (p *Provider) DocumentsPages(ctx context.Context, call *DocumentsPagesCall) ([]datasource.Workspace, error) {
	return nil, runtime.ErrNotImplemented
}

// DocumentsPageContent reads a document of the data source Documents.
//
// It sends, for example:
//
//	if err := out.SetTitle("Welcome"); err != nil {
//		return err
//	}
//	return out.SetContent("# Welcome")
func (p *Provider) DocumentsPageContent(ctx context.Context, call *DocumentsPageContentCall, out *DocumentsPageContentOutput) error {
	return runtime.ErrNotImplemented
}
