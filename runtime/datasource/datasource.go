// Package datasource has what calls of data sources hold, and what they return: of websites, online
// documents and online drives. The provider_type in the YAML decides which.
package datasource

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Decoder decodes the credentials of a call, which mostly lack their type.
type Decoder[C any] = func(runtime.CredentialType, map[string]any) (C, error)

// The actions of Dify's protocol.
const (
	actionCrawl    = "invoke_website_datasource_get_crawl"
	actionPages    = "invoke_online_document_datasource_get_pages"
	actionContent  = "invoke_online_document_datasource_get_page_content"
	actionBrowse   = "invoke_online_drive_browse_files"
	actionDownload = "invoke_online_drive_download_file"
)

func action(datasource, name string, serve runtime.DatasourceHandler) runtime.DatasourceAction {
	return runtime.DatasourceAction{Datasource: datasource, Name: name, Serve: serve}
}

// BindCrawl adapts a typed method that crawls a website to values on the wire.
func BindCrawl[C, P any](
	datasource string, decode Decoder[C], decodeParameters func(map[string]any) (P, error),
	crawl func(ctx context.Context, call runtime.Call, creds C, params P, out *CrawlOutput) error,
) runtime.DatasourceAction {
	return action(datasource, actionCrawl, func(context.Context, *runtime.DatasourceRequest) (any, error) {
		_, _, _ = decode, decodeParameters, crawl
		return nil, runtime.ErrNotImplemented
	})
}

// BindPages adapts a typed method that lists documents to values on the wire.
func BindPages[C, P any](
	datasource string, decode Decoder[C], decodeParameters func(map[string]any) (P, error),
	pages func(ctx context.Context, call runtime.Call, creds C, params P) ([]Workspace, error),
) runtime.DatasourceAction {
	return action(datasource, actionPages, func(context.Context, *runtime.DatasourceRequest) (any, error) {
		_, _, _ = decode, decodeParameters, pages
		return nil, runtime.ErrNotImplemented
	})
}

// BindPageContent adapts a typed method that reads a document to values on the wire.
func BindPageContent[C any](
	datasource string, decode Decoder[C],
	content func(ctx context.Context, call runtime.Call, creds C, page PageRequest, out *PageContentOutput) error,
) runtime.DatasourceAction {
	return action(datasource, actionContent, func(context.Context, *runtime.DatasourceRequest) (any, error) {
		_, _ = decode, content
		return nil, runtime.ErrNotImplemented
	})
}

// BindBrowse adapts a typed method that lists the files of a drive to values on the wire.
func BindBrowse[C any](
	datasource string, decode Decoder[C],
	browse func(ctx context.Context, call runtime.Call, creds C, folder BrowseRequest, out *BrowseOutput) error,
) runtime.DatasourceAction {
	return action(datasource, actionBrowse, func(context.Context, *runtime.DatasourceRequest) (any, error) {
		_, _ = decode, browse
		return nil, runtime.ErrNotImplemented
	})
}

// BindDownload adapts a typed method that reads a file of a drive to values on the wire.
func BindDownload[C any](
	datasource string, decode Decoder[C],
	download func(ctx context.Context, call runtime.Call, creds C, file DownloadRequest, out *DownloadOutput) error,
) runtime.DatasourceAction {
	return action(datasource, actionDownload, func(context.Context, *runtime.DatasourceRequest) (any, error) {
		_, _ = decode, download
		return nil, runtime.ErrNotImplemented
	})
}
