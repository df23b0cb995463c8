package sourceclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// TeamDocsPages lists the documents of the data source Docs, for users to choose from.
//
// Documents.
//
// It returns, for example:
//
//	pages := []datasource.Page{{ID: "p1", Name: "Welcome", Type: "page"}}
//	return []datasource.Workspace{{ID: "w1", Name: "Team", Pages: pages}}, nil
func (p *Provider) TeamDocsPages(ctx context.Context, call *TeamDocsPagesCall) ([]datasource.Workspace, error) {
	return nil, runtime.ErrNotImplemented
}

// TeamDocsPageContent reads a document of the data source Docs.
//
// It sends, for example:
//
//	if err := out.SetTitle("Welcome"); err != nil {
//		return err
//	}
//	return out.SetContent("# Welcome")
func (p *Provider) TeamDocsPageContent(ctx context.Context, call *TeamDocsPageContentCall, out *TeamDocsPageContentOutput) error {
	return runtime.ErrNotImplemented
}
