package difytest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
)

// CrawlResult is what Dify makes of what a crawl sends.
type CrawlResult struct {
	Pages    []datasource.WebPage
	Progress []CrawlProgress // in the order in which it was sent
	// Err is the error that ended the call, a *runtime.Error, or nil. Dify shows no pages then.
	Err error
}

// CrawlProgress is how far a crawl has come.
type CrawlProgress struct {
	Completed int
	Total     int // 0 if it is not known
}

// Crawl crawls a website.
func (h *Host) Crawl(name string, creds, params map[string]any) *CrawlResult {
	h.tb.Helper()
	result := new(CrawlResult)
	results, err := h.datasource(datasourceCall{
		action: host.ActionCrawl, typ: "website_crawl", name: name, creds: creds, params: params,
		fields: map[string]any{"datasource_parameters": object(params)},
	})
	result.Err = err
	for _, data := range results {
		var r struct {
			Result struct {
				Status           string
				Pages            []datasource.WebPage `json:"web_info_list"`
				Total, Completed int
			}
		}
		switch {
		case json.Unmarshal(data, &r) != nil: // it has been reported
		case r.Result.Status == "completed":
			result.Pages = r.Result.Pages
		default:
			result.Progress = append(result.Progress, CrawlProgress{r.Result.Completed, r.Result.Total})
		}
	}
	return result
}

// Pages lists the documents that users can choose from.
func (h *Host) Pages(name string, creds, params map[string]any) ([]datasource.Workspace, error) {
	h.tb.Helper()
	results, err := h.datasource(datasourceCall{
		action: host.ActionPages, typ: "online_document", name: name, creds: creds, params: params,
		fields: map[string]any{"datasource_parameters": object(params)},
	})
	if err != nil {
		return nil, err
	}
	var result struct{ Result []workspace }
	if err := decodeOne(results, &result); err != nil {
		return nil, err
	}
	list := make([]datasource.Workspace, len(result.Result))
	for i, w := range result.Result {
		list[i] = datasource.Workspace{ID: w.ID, Name: w.Name, Icon: w.Icon, Total: w.Total}
		for _, p := range w.Pages {
			edited, _ := time.Parse(time.RFC3339, p.LastEdited) // any text is right
			list[i].Pages = append(list[i].Pages, datasource.Page{ID: p.ID, Name: p.Name, Icon: p.Icon, Type: p.Type, LastEdited: edited, ParentID: p.ParentID})
		}
	}
	return list, nil
}

// workspace is a workspace on the wire.
type workspace struct {
	ID    string `json:"workspace_id"`
	Name  string `json:"workspace_name"`
	Icon  string `json:"workspace_icon"`
	Total int
	Pages []struct {
		ID         string           `json:"page_id"`
		Name       string           `json:"page_name"`
		Icon       *datasource.Icon `json:"page_icon"`
		Type       string
		LastEdited string `json:"last_edited_time"`
		ParentID   string `json:"parent_id"`
	}
}

// PageContentResult is what Dify makes of a document that a data source sends.
type PageContentResult struct {
	Content     string
	Title       string
	PageID      string
	WorkspaceID string
	// Variables are all outputs, also those that output_schema declares besides. Those of
	// StreamVariable are joined.
	Variables map[string]any
	// Err is the error that ended the call, a *runtime.Error, or nil. What was sent before
	// remains.
	Err error
}

// PageContent reads the document that has an ID, mostly one from Pages, with its workspace and type.
func (h *Host) PageContent(name string, creds map[string]any, page datasource.PageRequest) *PageContentResult {
	h.tb.Helper()
	call := datasourceCall{
		action: host.ActionPageContent, typ: "online_document", name: name, creds: creds,
		fields: map[string]any{"page": map[string]any{"workspace_id": page.WorkspaceID, "page_id": page.PageID, "type": page.Type}},
	}
	if page.PageID == "" {
		call.problem = "the request has no PageID, without which Dify asks for no document"
	}
	results, err := h.datasource(call)
	variables := host.DocumentOutputs(results)
	text := func(name string) string {
		s, _ := variables[name].(string)
		return s
	}
	h.checkOutputs(name, variables)
	return &PageContentResult{text("content"), text("title"), text("page_id"), text("workspace_id"), variables, err}
}

// checkOutputs reports outputs of a document that the data source does not declare, if it has an output_schema.
func (h *Host) checkOutputs(name string, variables map[string]any) {
	h.tb.Helper()
	declared := h.target(runtime.KindDatasource).outputs[name]
	if declared == nil {
		return
	}
	declared = maps.Clone(declared)
	for _, known := range []string{"content", "title", "page_id", "workspace_id"} {
		if _, ok := declared[known]; !ok {
			declared[known] = []string{"string"}
		}
	}
	h.checkVariables("data source "+name, declared, variables)
}

// BrowseResult is what a folder of a drive holds.
type BrowseResult struct {
	Buckets []string // of the root of a drive that has some
	Folders []datasource.Folder
	Files   []datasource.File

	next *datasource.BrowseRequest
}

// Next returns the request for the next page, which Dify sends if users want more, or false if this is
// the last page. What the data source has set for it has gone through JSON, as it does in Dify.
func (r *BrowseResult) Next() (request datasource.BrowseRequest, ok bool) {
	if r == nil || r.next == nil {
		return request, false
	}
	return *r.next, true
}

// Browse lists what a folder holds, a page of it. A MaxKeys of 0 stands for 20, as in Dify.
//
//	folder := datasource.BrowseRequest{Prefix: "reports/"}
//	for more := true; more; {
//		page, err := h.Browse("drive", creds, folder)
//		if err != nil { … }
//		folder, more = page.Next()
//	}
func (h *Host) Browse(name string, creds map[string]any, folder datasource.BrowseRequest) (*BrowseResult, error) {
	h.tb.Helper()
	folder.MaxKeys = cmp.Or(folder.MaxKeys, 20)
	request := folder.Values()
	call := datasourceCall{action: host.ActionBrowse, typ: "online_drive", name: name, creds: creds, fields: map[string]any{"request": request}}
	if folder.MaxKeys < 0 {
		call.problem = "the request has a negative MaxKeys, for which Dify asks for nothing"
	}
	results, err := h.datasource(call)
	if err != nil {
		return nil, err
	}
	var result struct{ Result []bucket }
	if err := decodeOne(results, &result); err != nil {
		return nil, err
	}
	page, err := newBrowseResult(result.Result, request)
	if err != nil {
		h.tb.Errorf("the result of %s: %v", name, err)
		return nil, err
	}
	return page, nil
}

// bucket is what a folder holds, on the wire.
type bucket struct {
	Bucket string
	Files  []struct {
		datasource.File

		Type string
	}
	Truncated bool           `json:"is_truncated"`
	NextPage  map[string]any `json:"next_page_parameters"`
}

// newBrowseResult returns the buckets of the root, or what the folder of a request holds.
func newBrowseResult(list []bucket, request map[string]any) (*BrowseResult, error) {
	r := new(BrowseResult)
	wanted, _ := request["bucket"].(string)
	for _, b := range list {
		switch {
		case b.Bucket != "" && wanted == "" && len(b.Files) == 0:
			r.Buckets = append(r.Buckets, b.Bucket)
			continue
		case len(list) > 1:
			return nil, fmt.Errorf("it has %d entries, but not all are buckets without files: the root has those alone, and a folder has one entry", len(list))
		case b.Bucket != "" && b.Bucket != wanted:
			return nil, fmt.Errorf("its bucket is %q, but the one of the request is %q", b.Bucket, wanted)
		}
		if err := r.add(b, request); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// add adds what the folder of a request holds.
func (r *BrowseResult) add(b bucket, request map[string]any) error {
	for _, f := range b.Files {
		if f.Type == "folder" {
			r.Folders = append(r.Folders, datasource.Folder{ID: f.ID, Name: f.Name})
		} else {
			r.Files = append(r.Files, f.File)
		}
	}
	switch {
	case !b.Truncated && len(b.NextPage) > 0:
		return errors.New("it has next_page_parameters, but is_truncated is not set, so that Dify does not ask for that page")
	case !b.Truncated:
		return nil
	case len(b.NextPage) == 0:
		return errors.New("is_truncated is set, but there are no next_page_parameters, so that Dify asks for the first page again")
	}
	next := maps.Clone(request)
	next["next_page_parameters"] = b.NextPage
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	var values map[string]any
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	folder, err := datasource.ReadBrowseRequest(values)
	r.next = &folder
	return err
}

// Download reads the file of a drive that has an ID, mostly one from Browse, and its bucket, if it has
// buckets.
func (h *Host) Download(name string, creds map[string]any, file datasource.DownloadRequest) (*File, error) {
	h.tb.Helper()
	var bucket any
	if file.Bucket != "" {
		bucket = file.Bucket
	}
	call := datasourceCall{
		action: host.ActionDownload, typ: "online_drive", name: name, creds: creds,
		fields: map[string]any{"request": map[string]any{"bucket": bucket, "id": file.ID}},
	}
	if file.ID == "" {
		call.problem = "the request has no ID, without which Dify asks for no file"
	}
	results, err := h.datasource(call)
	if err != nil {
		return nil, err
	}
	sent := host.DownloadedFile(results)
	if sent == nil {
		return nil, errors.New("the data source has sent no file")
	}
	f := File(*sent)
	return &f, nil
}

// decodeOne decodes the one result of an action into the value that v points to.
func decodeOne(results []json.RawMessage, v any) error {
	if len(results) == 0 {
		return errors.New("the plugin returns neither a result nor an error")
	}
	if err := json.Unmarshal(results[0], v); err != nil {
		return fmt.Errorf("decoding the result: %w", err)
	}
	return nil
}

// object returns values as Dify sends them: always an object.
func object(values map[string]any) map[string]any {
	if values == nil {
		return map[string]any{}
	}
	return wire(values)
}

// datasourceCall is a call of a data source.
type datasourceCall struct {
	action, typ   string // typ is the provider_type that has the action
	name          string
	creds, params map[string]any
	fields        map[string]any // of the request, besides those that all have
	problem       string         // why Dify would not send it, or ""
}

// datasource sends a request to a data source and returns its results, also with an error. Dify does not say the
// type of the credentials.
func (h *Host) datasource(call datasourceCall) ([]json.RawMessage, error) {
	h.tb.Helper()
	p := h.target(runtime.KindDatasource)
	err := h.refuse(p, p.noItem(call.name), p.noAction(call.typ), p.noParameters(call.name, call.params),
		p.noWay(call.creds), noSecrets(call.creds, call.params), call.problem)
	if err != nil {
		return nil, err
	}
	call.fields["provider"], call.fields["datasource"], call.fields["credentials"] = p.name, call.name, object(call.creds)
	secrets := p.secrets(call.creds, call.params)
	response := h.do(host.Request{Type: "datasource", Action: call.action, Fields: call.fields}, secrets)
	h.checkSecrets("the result of "+call.name, secrets, sentTexts(response.Results)...)
	if response.Err != nil {
		return response.Results, wireError(response.Err)
	}
	return response.Results, nil
}

// noAction says that Dify does not ask this of data sources of the provider, or returns "".
func (p *provider) noAction(typ string) string {
	if p.datasourceType == typ {
		return ""
	}
	return fmt.Sprintf("the provider %s has the provider_type %s: Dify asks this only of %s", p.name, cmp.Or(p.datasourceType, "none"), typ)
}

// noWay says why Dify would not send the credentials, or returns "". They are those of one of the
// ways to authorize the provider.
func (p *provider) noWay(creds map[string]any) string {
	if len(unknown(p.credentials, creds)) == 0 || len(unknown(p.oauthCredentials, creds)) == 0 {
		return ""
	}
	all := append(append([]field{}, p.credentials...), p.oauthCredentials...)
	if problem := undeclared("provider "+p.name, "credential", all, creds); problem != "" {
		return problem
	}
	return "the credentials are of several ways to authorize the provider " + p.name + ": Dify sends those of one"
}

// sentTexts returns everything in which a secret could be: results as they are on the wire, all texts in them, and
// outputs, which may have been streamed.
func sentTexts(results []json.RawMessage) [][]byte {
	var texts [][]byte
	for _, data := range results {
		texts = appendTexts(append(texts, data), data)
	}
	for _, v := range host.DocumentOutputs(results) {
		if s, ok := v.(string); ok {
			texts = append(texts, []byte(s))
		}
	}
	return texts
}

// appendTexts appends the texts in a JSON value without their escapes, and those in texts that are JSON in turn, as a
// next page is.
func appendTexts(texts [][]byte, data []byte) [][]byte {
	var value any
	if json.Unmarshal(data, &value) != nil {
		return texts
	}
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case string:
			texts = appendTexts(append(texts, []byte(v)), []byte(v))
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for key, item := range v {
				walk(key)
				walk(item)
			}
		}
	}
	walk(value)
	return texts
}
