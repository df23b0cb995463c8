package gen

import "github.com/difygen/difygen/model"

// datasourceKind is what is particular to the code for a type of providers of data sources.
type datasourceKind struct {
	typ     string // as in the YAML
	methods []datasourceMethod
}

// datasourceMethod is a method of the author's type for a data source.
type datasourceMethod struct {
	base          string // what its name has after the data source's, and what follows Bind in the runtime's package
	about         string // what its comment says between the name and the data source
	aim           string // what its comment says after the data source
	request       string // the type in the runtime's package with what Dify asks for; empty for none
	variable      string // that holds it
	hasParameters bool   // Dify sends the parameters of the data source
	out           string // the type in the runtime's package that sends the results; empty if the method returns them
	hasOutputs    bool   // it sends the outputs that the YAML declares, too
	result        func() code
	note          string   // what the comment in the stub says in addition
	example       []string // code for that comment
	text          string   // what is in example for a text that users enter, if it stands for one
}

// datasourceKinds are the types of providers of data sources.
var datasourceKinds = []datasourceKind{
	{typ: model.DatasourceWebsiteCrawl, methods: []datasourceMethod{{
		base: "Crawl", about: "reads the pages of a website for", hasParameters: true, out: "CrawlOutput",
		note: "It adds each page as it comes, for example, like this:",
		example: []string{
			"	page := datasource.WebPage{SourceURL: \"https://example.com\", Title: \"Example\", Content: \"# Example\"}",
			"	if err := out.AddPage(page); err != nil {",
			"		return err",
			"	}",
			"	return out.Progress(1, 1)",
		},
		text: `"https://example.com"`,
	}}},
	{typ: model.DatasourceOnlineDocument, methods: []datasourceMethod{
		{
			base: "Pages", about: "lists the documents of", aim: ", for users to choose from", hasParameters: true,
			result: func() code { return slice(std(datasourcePath, "Workspace")) },
			note:   "It returns, for example:",
			example: []string{
				"	pages := []datasource.Page{{ID: \"p1\", Name: \"Welcome\", Type: \"page\"}}",
				"	return []datasource.Workspace{{ID: \"w1\", Name: \"Team\", Pages: pages}}, nil",
			},
		},
		{
			base: "PageContent", about: "reads a document of", request: "PageRequest", variable: "page", out: "PageContentOutput", hasOutputs: true,
			note: "It sends, for example:",
			example: []string{
				"	if err := out.SetTitle(\"Welcome\"); err != nil {",
				"		return err",
				"	}",
				"	return out.SetContent(\"# Welcome\")",
			},
		},
	}},
	{typ: model.DatasourceOnlineDrive, methods: []datasourceMethod{
		{
			base: "Browse", about: "lists the files in a folder of", request: "BrowseRequest", variable: "folder", out: "BrowseOutput",
			note: "It lists a page of the folder call.Prefix, with at most call.MaxKeys files, for example:",
			example: []string{
				"	var next struct{ Cursor string } // empty for the first page",
				"	if err := call.NextPage(&next); err != nil {",
				"		return err",
				"	}",
				"	out.AddFolder(datasource.Folder{ID: call.Prefix + \"reports/\", Name: \"reports\"})",
				"	out.AddFile(datasource.File{ID: call.Prefix + \"a.pdf\", Name: \"a.pdf\", Size: 1024})",
				"	if next.Cursor != \"\" {",
				"		return nil // it was the last page",
				"	}",
				"	next.Cursor = \"2\" // as the service says",
				"	return out.SetNextPage(next)",
			},
		},
		{
			base: "Download", about: "reads a file of", request: "DownloadRequest", variable: "file", out: "DownloadOutput",
			note: "It sends the file, such as the body of a response:",
			example: []string{
				"	return out.FileFrom(resp.Body, resp.ContentLength, datasource.FileMeta{Name: \"a.pdf\", MIMEType: \"application/pdf\"})",
			},
		},
	}},
}

// pageOutputs are the outputs of a document that have a method of the runtime's type.
var pageOutputs = []string{"content", "title", "page_id", "workspace_id"}

// pageOutputMethods are the methods of datasource.PageContentOutput that the name of a setter could hide.
var pageOutputMethods = []string{"SetContent", "StreamContent", "SetTitle", "SetPageID", "SetWorkspaceID", "StreamVariable"}
