package gen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// datasources is a provider of data sources of a type.
func datasources(typ string, names ...string) gen.Source {
	s := source(model.KindDatasource, "files", "provider/files.yaml")
	s.Provider.DatasourceType = typ
	for _, name := range names {
		item := tool(name) // with a parameter whose choices only code knows, which data sources cannot have
		item.Kind, item.Parameters.Name = model.KindDatasource, model.SectionDatasourceParameters
		s.Items = append(s.Items, item)
	}
	return s
}

// TestDatasourceRequirements checks the methods that each type of data sources asks for.
func TestDatasourceRequirements(t *testing.T) {
	t.Parallel()
	const ctx, sources = "(ctx context.Context, call *", "runtime runtime/datasource"
	for typ, want := range map[string][]string{
		"website_crawl": {
			"DocsCrawl" + ctx + "DocsCrawlCall, out *datasource.CrawlOutput) error {\n\treturn runtime.ErrNotImplemented\n} context " + sources,
		},
		"online_document": {
			"DocsPages" + ctx + "DocsPagesCall) ([]datasource.Workspace, error) {\n\treturn nil, runtime.ErrNotImplemented\n} context " + sources,
			"DocsPageContent" + ctx + "DocsPageContentCall, out *DocsPageContentOutput) error {\n\treturn runtime.ErrNotImplemented\n} context runtime",
		},
		"online_drive": {
			"DocsBrowse" + ctx + "DocsBrowseCall, out *datasource.BrowseOutput) error {\n\treturn runtime.ErrNotImplemented\n} context " + sources,
			"DocsDownload" + ctx + "DocsDownloadCall, out *datasource.DownloadOutput) error {\n\treturn runtime.ErrNotImplemented\n} context " + sources,
		},
		"offline_drive": nil,
	} {
		requirements, err := whole(t, "files", datasources(typ, "docs")).Requirements()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range requirements {
			if r.Interface != "Datasources" {
				continue
			}
			for _, m := range r.Methods {
				imports := strings.ReplaceAll(strings.Join(m.Imports, " "), "github.com/difygen/difygen/", "")
				got = append(got, strings.TrimPrefix(m.Code, "func (p *Provider) ")+" "+imports)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: methods (-want +got):\n%s", typ, diff)
		}
	}
}

// TestDatasourceFiles checks the names of stubs, and which data sources have a struct of parameters.
func TestDatasourceFiles(t *testing.T) {
	t.Parallel()
	var got []string
	for _, typ := range []string{"online_drive", "online_document", "offline_drive"} {
		code := whole(t, "files", datasources(typ, "files", "docs", "docs_"))
		for _, f := range code.Files() {
			got = append(got, typ+" "+f.Name+" "+strings.Join(f.Methods, ","))
		}
		for _, s := range code.Sections() {
			got = append(got, typ+" "+s.Type)
		}
	}
	want := []string{
		"online_drive files_dify.go ",
		"online_drive files.go ValidateCredentials",
		"online_drive files_datasource.go FilesBrowse,FilesDownload",
		"online_drive docs.go DocsBrowse,DocsDownload",
		"online_drive docs_.go Docs2Browse,Docs2Download",
		"online_drive Credentials",
		"online_document files_dify.go ",
		"online_document files.go ValidateCredentials",
		"online_document files_datasource.go FilesPages,FilesPageContent",
		"online_document docs.go DocsPages,DocsPageContent",
		"online_document docs_.go Docs2Pages,Docs2PageContent",
		"online_document Credentials",
		"online_document FilesParameters",
		"online_document DocsParameters",
		"online_document Docs2Parameters",
		"offline_drive files_dify.go ",
		"offline_drive files.go ValidateCredentials",
		"offline_drive Credentials",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files and sections (-want +got):\n%s", diff)
	}
}
