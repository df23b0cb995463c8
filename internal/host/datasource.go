package host

import (
	"encoding/json"
	"errors"
	"fmt"
)

// The actions of data sources.
const (
	ActionCrawl       = "invoke_website_datasource_get_crawl"
	ActionPages       = "invoke_online_document_datasource_get_pages"
	ActionPageContent = "invoke_online_document_datasource_get_page_content"
	ActionBrowse      = "invoke_online_drive_browse_files"
	ActionDownload    = "invoke_online_drive_download_file"
)

// datasourceResults has what Dify takes from data sources with one result (PROTOCOL-CALLS, section 3). The
// daemon decodes the result of browsing; the rest is what the API expects.
var datasourceResults = map[string]expected{
	ActionPages: {objectOf(needs("result", listWith(objectOf(
		needs("workspace_id", filledText), needs("workspace_name", anyText), needs("workspace_icon", anyText), needs("total", natural),
		needs("pages", listWith(objectOf(
			needs("page_id", filledText), needs("page_name", anyText), may("page_icon", pageIcon), needs("type", anyText),
			needs("last_edited_time", anyText), may("parent_id", anyText),
		))),
	)))), false},
	ActionBrowse: {objectOf(needs("result", listWith(objectOf(
		may("bucket", anyText), may("is_truncated", anyBool), may("next_page_parameters", anyObject),
		needs("files", listWith(objectOf(
			needs("id", filledText), needs("name", filledText), may("size", natural), needs("type", wordOf("file", "folder")),
		))),
	)))), false},
}

// pageIcon is an icon as Dify shows it.
func pageIcon(data json.RawMessage) error {
	var icon struct{ Type string }
	if json.Unmarshal(data, &icon) == nil && icon.Type == "url" {
		return objectOf(needs("url", filledText), may("emoji", unused))(data)
	}
	return objectOf(needs("type", wordOf("emoji", "url")), needs("emoji", filledText), may("url", unused))(data)
}

// unused is a part of an icon that the other one has.
func unused(json.RawMessage) error { return errors.New("is set, but the type of the icon is not that") }

// crawlResult is how far a crawl has come, or its end.
var crawlResult = objectOf(needs("result", objectOf(
	needs("status", wordOf("processing", "completed")), may("total", natural), may("completed", natural),
	may("web_info_list", listWith(objectOf(
		needs("source_url", filledText), needs("content", anyText), needs("title", anyText), needs("description", anyText),
	))),
)))

// crawlCheck checks the results of a crawl.
type crawlCheck struct {
	status string // of the last one
	listed bool   // whether it has pages
}

func (c *crawlCheck) result(data json.RawMessage) error {
	if err := crawlResult(data); err != nil {
		return fmt.Errorf("a result of %s: %w", ActionCrawl, err)
	}
	var r struct {
		Result struct {
			Status string
			Pages  json.RawMessage `json:"web_info_list"`
		}
	}
	_ = json.Unmarshal(data, &r) // it has been checked
	if c.status == "completed" {
		return fmt.Errorf("a result of %s after the one with status completed", ActionCrawl)
	}
	c.status, c.listed = r.Result.Status, !isNull(r.Result.Pages)
	return nil
}

func (c *crawlCheck) end() error {
	if c.status != "completed" || !c.listed {
		return fmt.Errorf("the last result of %s does not have status completed and a web_info_list: Dify shows no pages", ActionCrawl)
	}
	return nil
}

// contentCheck checks the messages with the content of a document, and collects the outputs.
type contentCheck struct{ outputs variables }

func (c *contentCheck) result(data json.RawMessage) error {
	m, err := newSourceCheck().decode(data)
	switch {
	case err != nil:
		return err
	case m.Type != "variable":
		return fmt.Errorf("a data source's message of type %s: of a document, Dify takes nothing but variables", m.Type)
	}
	if c.outputs == nil {
		c.outputs = make(variables)
	}
	c.outputs.add(m.variable)
	return nil
}

func (c *contentCheck) end() error {
	for _, name := range []string{"content", "page_id", "workspace_id"} {
		if !c.outputs.isText(name) {
			return fmt.Errorf("a document has no %s, or one that is not text", name)
		}
	}
	if _, ok := c.outputs["title"]; ok && !c.outputs.isText("title") {
		return errors.New("a document has a title that is not text")
	}
	return nil
}

// downloadCheck checks the messages with a file.
type downloadCheck struct{ file *File }

func (c *downloadCheck) result(data json.RawMessage) error {
	m, err := newSourceCheck().decode(data)
	switch {
	case err != nil:
		return err
	case m.Type == "blob_chunk":
		return errors.New("a data source's message of type blob_chunk: Dify does not join them; send one blob")
	case m.Type != "blob":
		return fmt.Errorf("a data source's message of type %s: of a download, Dify takes nothing but a blob", m.Type)
	case c.file != nil:
		return errors.New("a data source's second file: Dify takes the last one alone")
	}
	file := m.file()
	c.file = &file
	var meta struct {
		Name string `json:"file_name"` // and not filename, as of tools
	}
	_ = json.Unmarshal(m.Meta, &meta) // what does not fit is as if it were absent
	if c.file.Name = meta.Name; meta.Name == "" {
		return errors.New("a data source's file has no file_name in its meta, by which Dify tells its type")
	}
	if err := objectOf(may("mime_type", anyText))(m.Meta); err != nil {
		return fmt.Errorf("the meta of a data source's file: %w", err)
	}
	return nil
}

func (c *downloadCheck) end() error {
	if c.file == nil {
		return errors.New("a download has no file")
	}
	return nil
}

// DocumentOutputs puts together the outputs of a document, as Dify does with the results of a call. It leaves out what is
// wrong.
func DocumentOutputs(results []json.RawMessage) map[string]any {
	c := new(contentCheck)
	for _, data := range results {
		_ = c.result(data) // the call has recorded it
	}
	return c.outputs.values()
}

// DownloadedFile returns the file of a download, as Dify finds it in the results of a call, or nil.
func DownloadedFile(results []json.RawMessage) *File {
	var last *File
	for _, data := range results {
		c := new(downloadCheck)
		_ = c.result(data) // as above
		if c.file != nil {
			last = c.file
		}
	}
	return last
}
