package sourceclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// DecodeTeamDocsPages lists the documents of the data source Decode, for users to choose from.
//
// Documents.
//
// It returns, for example:
//
//	pages := []datasource.Page{{ID: "p1", Name: "Welcome", Type: "page"}}
//	return []datasource.Workspace{{ID: "w1", Name: "Team", Pages: pages}}, nil
func (p *Provider) DecodeTeamDocsPages(ctx context.Context, call *DecodeTeamDocsPagesCall) ([]datasource.Workspace, error) {
	return nil, runtime.ErrNotImplemented
}

// DecodeTeamDocsPageContent reads a document of the data source Decode.
//
// It sends, for example:
//
//	if err := out.SetTitle("Welcome"); err != nil {
//		return err
//	}
//	return out.SetContent("# Welcome")
func (p *Provider) DecodeTeamDocsPageContent(ctx context.Context, call *DecodeTeamDocsPageContentCall, out *DecodeTeamDocsPageContentOutput) error {
	return runtime.ErrNotImplemented
}
