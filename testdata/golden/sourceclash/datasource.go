package sourceclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// Datasource4Pages lists the documents of the data source Nameless, for users to choose from.
//
// Documents.
//
// It returns, for example:
//
//	pages := []datasource.Page{{ID: "p1", Name: "Welcome", Type: "page"}}
//	return []datasource.Workspace{{ID: "w1", Name: "Team", Pages: pages}}, nil
func (p *Provider) Datasource4Pages(ctx context.Context, call *Datasource4PagesCall) ([]datasource.Workspace, error) {
	return nil, runtime.ErrNotImplemented
}

// Datasource4PageContent reads a document of the data source Nameless.
//
// It sends, for example:
//
//	if err := out.SetTitle("Welcome"); err != nil {
//		return err
//	}
//	return out.SetContent("# Welcome")
func (p *Provider) Datasource4PageContent(ctx context.Context, call *Datasource4PageContentCall, out *Datasource4PageContentOutput) error {
	return runtime.ErrNotImplemented
}
