package host_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

// TestDatasourceResults checks that results of data sources that Dify would reject, or show nothing of,
// are recorded as faults.
func TestDatasourceResults(t *testing.T) {
	t.Parallel()
	const (
		crawl    = "invoke_website_datasource_get_crawl"
		pages    = "invoke_online_document_datasource_get_pages"
		content  = "invoke_online_document_datasource_get_page_content"
		browse   = "invoke_online_drive_browse_files"
		download = "invoke_online_drive_download_file"

		processing = `{"result":{"status":"processing","web_info_list":[],"total":2,"completed":1}}`
		completed  = `{"result":{"status":"completed","web_info_list":[{"source_url":"u","content":"","title":"","description":""}],"total":1,"completed":1}}`
		workspace  = `{"result":[{"workspace_id":"w","workspace_name":"","workspace_icon":"","total":1,"pages":[{"page_id":"p","page_name":"","page_icon":{"type":"emoji","emoji":"e"},"type":"page","last_edited_time":"","parent_id":null}]}]}`
		folder     = `{"result":[{"bucket":null,"files":[{"id":"i","name":"n","size":5,"type":"file"}],"is_truncated":true,"next_page_parameters":{"a":1}}]}`
		file       = `{"type":"blob","message":{"blob":"eA=="},"meta":{"file_name":"f","mime_type":"text/plain"}}`
		output     = `{"type":"variable","message":{"variable_name":"content","variable_value":"c","stream":true}}`
		pageID     = `{"type":"variable","message":{"variable_name":"page_id","variable_value":"p"}}`
		space      = `{"type":"variable","message":{"variable_name":"workspace_id","variable_value":""}}`
		text       = `{"type":"text","message":{"text":"t"}}`
	)
	for name, test := range map[string]struct {
		action  string
		results []string
		want    string // "" for no fault
	}{
		"crawl":                {crawl, []string{processing, processing, completed}, ""},
		"a null list":          {crawl, []string{replaced(processing, "[]", "null"), completed}, ""},
		"crawl of nothing":     {crawl, nil, "the last result of " + crawl + " does not have status completed"},
		"no end of a crawl":    {crawl, []string{processing}, "the last result of " + crawl + " does not have status completed"},
		"no list at the end":   {crawl, []string{replaced(processing, "processing", "completed", "[]", "null")}, "the last result of " + crawl + " does not have status completed and a web_info_list"},
		"after the end":        {crawl, []string{completed, completed}, "a result of " + crawl + " after the one with status completed"},
		"a status":             {crawl, []string{replaced(processing, "processing", "done"), completed}, "a result of " + crawl + ": result.status is not one of processing, completed"},
		"no URL of a page":     {crawl, []string{replaced(completed, `"u"`, `""`), completed}, "a result of " + crawl + ": result.web_info_list[0].source_url is empty"},
		"null as content":      {crawl, []string{replaced(completed, `"content":""`, `"content":null`), completed}, "a result of " + crawl + ": result.web_info_list[0].content is missing, or null"},
		"a part of a page":     {crawl, []string{replaced(processing, `"total":2`, `"total":0.5`), completed}, "a result of " + crawl + ": result.total is not an integer"},
		"a negative total":     {crawl, []string{replaced(processing, `"total":2`, `"total":-1`), completed}, "a result of " + crawl + ": result.total is negative"},
		"negatively complete":  {crawl, []string{replaced(processing, `"completed":1`, `"completed":-1`), completed}, "a result of " + crawl + ": result.completed is negative"},
		"pages":                {pages, []string{workspace}, ""},
		"no pages":             {pages, []string{`{"result":[]}`}, ""},
		"a URL as icon":        {pages, []string{replaced(workspace, `{"type":"emoji","emoji":"e"}`, `{"type":"url","url":"u"}`)}, ""},
		"no icon":              {pages, []string{replaced(workspace, `{"type":"emoji","emoji":"e"}`, `null`)}, ""},
		"two icons":            {pages, []string{replaced(workspace, `"emoji":"e"`, `"emoji":"e","url":"u"`)}, "a result of " + pages + ": result[0].pages[0].page_icon.url is set, but the type of the icon is not that"},
		"an icon of two types": {pages, []string{replaced(workspace, `{"type":"emoji","emoji":"e"}`, `{"type":"url","emoji":"e","url":"u"}`)}, "a result of " + pages + ": result[0].pages[0].page_icon.emoji is set, but the type of the icon is not that"},
		"fewer than none":      {pages, []string{replaced(workspace, `"total":1`, `"total":-1`)}, "a result of " + pages + ": result[0].total is negative"},
		"no URL in an icon":    {pages, []string{replaced(workspace, `"emoji","emoji"`, `"url","emoji"`)}, "a result of " + pages + ": result[0].pages[0].page_icon.url is missing, or null"},
		"text as icon":         {pages, []string{replaced(workspace, `{"type":"emoji","emoji":"e"}`, `"e"`)}, "a result of " + pages + ": result[0].pages[0].page_icon is not an object"},
		"no result of pages":   {pages, nil, pages + " has no result"},
		"two results of pages": {pages, []string{workspace, workspace}, "a second result of " + pages},
		"null as pages":        {pages, []string{`{"result":null}`}, "a result of " + pages + ": result is missing, or null"},
		"no page ID":           {pages, []string{replaced(workspace, `"p"`, `""`)}, "a result of " + pages + ": result[0].pages[0].page_id is empty"},
		"no time":              {pages, []string{replaced(workspace, `"last_edited_time":"",`, ``)}, "a result of " + pages + ": result[0].pages[0].last_edited_time is missing, or null"},
		"content":              {content, []string{output, output, pageID, space}, ""},
		"content as a list":    {content, []string{replaced(output, `"c","stream":true`, `[]`), pageID, space}, "a document has no content, or one that is not text"},
		"no page_id":           {content, []string{output, space}, "a document has no page_id"},
		"a title":              {content, []string{output, pageID, space, replaced(pageID, "page_id", "title")}, ""},
		"a number as title":    {content, []string{output, pageID, space, replaced(pageID, "page_id", "title", `"p"`, "5")}, "a document has a title that is not text"},
		"no content":           {content, nil, "a document has no content"},
		"text of a document":   {content, []string{output, text, pageID, space}, "a data source's message of type text: of a document, Dify takes nothing but variables"},
		"a list as message":    {content, []string{`{"type":"variable","message":[]}`, output, pageID, space}, "a data source's message of type variable: its message or meta is not an object"},
		"browse":               {browse, []string{folder}, ""},
		"browse nothing":       {browse, []string{`{"result":[]}`}, ""},
		"a null result":        {browse, []string{`{"result":null}`}, "a result of " + browse + ": result is missing, or null"},
		"a part of a byte":     {browse, []string{replaced(folder, `"size":5`, `"size":1.5`)}, "a result of " + browse + ": result[0].files[0].size is not an integer"},
		"a negative size":      {browse, []string{replaced(folder, `"size":5`, `"size":-1`)}, "a result of " + browse + ": result[0].files[0].size is negative"},
		"a file without ID":    {browse, []string{replaced(folder, `"i"`, `""`)}, "a result of " + browse + ": result[0].files[0].id is empty"},
		"a file without name":  {browse, []string{replaced(folder, `"n"`, `null`)}, "a result of " + browse + ": result[0].files[0].name is missing, or null"},
		"a type of file":       {browse, []string{replaced(folder, `"type":"file"`, `"type":"dir"`)}, "a result of " + browse + ": result[0].files[0].type is not one of file, folder"},
		"null as files":        {browse, []string{`{"result":[{"bucket":"b","files":null}]}`}, "a result of " + browse + ": result[0].files is missing, or null"},
		"text as next page":    {browse, []string{replaced(folder, `{"a":1}`, `"a"`)}, "a result of " + browse + ": result[0].next_page_parameters is not an object"},
		"download":             {download, []string{file}, ""},
		"a file without type":  {download, []string{replaced(file, `,"mime_type":"text/plain"`, ``)}, ""},
		"a number as type":     {download, []string{replaced(file, `"text/plain"`, `5`)}, "the meta of a data source's file: mime_type is not a text"},
		"no file":              {download, nil, "a download has no file"},
		"two files":            {download, []string{file, file}, "a data source's second file: Dify takes the last one alone"},
		"filename":             {download, []string{replaced(file, "file_name", "filename")}, "a data source's file has no file_name in its meta"},
		"no meta":              {download, []string{`{"type":"blob","message":{"blob":""},"meta":null}`}, "a data source's file has no file_name in its meta"},
		"chunks of a file":     {download, []string{`{"type":"blob_chunk","message":{"id":"a","blob":"","end":true}}`, file}, "a data source's message of type blob_chunk: Dify does not join them"},
		"text of a download":   {download, []string{text, file}, "a data source's message of type text: of a download, Dify takes nothing but a blob"},
		"a file not in base64": {download, []string{replaced(file, "eA==", "?"), file}, "a data source's message of type blob: its blob is not in base64"},
		"another word":         {download, []string{`{"type":"word"}`, file}, `a data source's message of type "word"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFault(t, test.action, test.results, test.want)
		})
	}
}

// TestDatasourceFile checks what Dify makes of messages of data sources.
func TestDatasourceFile(t *testing.T) {
	t.Parallel()
	list := func(texts ...string) (results []json.RawMessage) {
		for _, text := range texts {
			results = append(results, json.RawMessage(text))
		}
		return results
	}
	got := host.DownloadedFile(list(`{"type":"blob","message":{"blob":"eA=="},"meta":{"file_name":"f"}}`, `{"type":"text","message":{"text":"t"}}`, `{"type":"blob","message":{"blob":"eQ=="},"meta":{"file_name":"g","mime_type":"text/plain"}}`))
	if diff := cmp.Diff(&host.File{Name: "g", MIMEType: "text/plain", Data: []byte("y")}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := host.DownloadedFile(nil); got != nil {
		t.Errorf("the file of nothing is %v", got)
	}
	piece := func(value, stream string) string {
		return `{"type":"variable","message":{"variable_name":"content","variable_value":` + value + `,"stream":` + stream + `}}`
	}
	outputs := host.DocumentOutputs(list(piece(`"a"`, "true"), piece(`"b"`, "false"), piece(`"c"`, "true"), `{}`))
	if diff := cmp.Diff(map[string]any{"content": "bc"}, outputs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
