package datasource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

// Workspace is a workspace with the documents that a user can choose from.
type Workspace struct {
	ID    string // required
	Name  string
	Icon  string // a URL, or a character; optional
	Total int    // of the documents; len(Pages) if 0
	Pages []Page
}

// Page is a document.
type Page struct {
	ID         string // required
	Name       string
	Icon       *Icon     // nil for none
	Type       string    // such as page or database: PageRequest has it
	LastEdited time.Time // zero if not known
	ParentID   string    // of the page that contains it; "" for none
}

// Icon is the icon of a document. One of its fields is set.
type Icon struct {
	Emoji string
	URL   string
}

// BindPages adapts a typed method that lists documents to values on the wire.
func BindPages[C, P any](
	datasource string, decode Decoder[C], decodeParameters func(map[string]any) (P, error),
	pages func(ctx context.Context, call runtime.Call, creds C, params P) ([]Workspace, error),
) runtime.DatasourceAction {
	return newAction(datasource, actionPages, decode, readParameters, func(ctx context.Context, req *runtime.Request, creds C, values map[string]any) (any, error) {
		params, err := decodeParameters(values)
		if err != nil {
			return nil, err
		}
		workspaces, err := pages(ctx, req.Call, creds, params)
		if err != nil {
			return nil, err
		}
		if size, limit := leastSize(workspaces), limitOf(req); size > limit { // before all of it is in memory again
			return nil, tooLarge(documents, size, limit, adviceDocuments)
		}
		list := make([]wireWorkspace, len(workspaces))
		for i := range workspaces {
			if list[i], err = workspaces[i].wire(); err != nil {
				return nil, fmt.Errorf("workspace %d %w", i+1, err)
			}
		}
		return newResult(req, list, documents, adviceDocuments)
	})
}

// What is too large, and what to do then.
const documents, adviceDocuments = "the documents", "return fewer pages, such as those of one workspace, or the newest"

// leastSize returns how many bytes of JSON workspaces have at least.
func leastSize(workspaces []Workspace) int {
	const leastPage = len(`{"page_id":"","page_name":"","page_icon":null,"type":"","last_edited_time":"","parent_id":null}`)
	size := 0
	for i := range workspaces {
		w := &workspaces[i]
		size += len(w.ID) + len(w.Name) + len(w.Icon) + len(w.Pages)*leastPage
		for i := range w.Pages {
			p := &w.Pages[i]
			size += len(p.ID) + len(p.Name) + len(p.Type) + len(p.ParentID)
		}
	}
	return size
}

// wireWorkspace and wirePage are as the SDK's OnlineDocumentInfo and OnlineDocumentPage.
type wireWorkspace struct {
	ID    string     `json:"workspace_id"`
	Name  string     `json:"workspace_name"`
	Icon  string     `json:"workspace_icon"`
	Total int        `json:"total"`
	Pages []wirePage `json:"pages"`
}

type wirePage struct {
	ID         string    `json:"page_id"`
	Name       string    `json:"page_name"`
	Icon       *wireIcon `json:"page_icon"`
	Type       string    `json:"type"`
	LastEdited string    `json:"last_edited_time"`
	ParentID   *string   `json:"parent_id"`
}

// wireIcon is an icon as Dify shows it.
type wireIcon struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji,omitempty"`
	URL   string `json:"url,omitempty"`
}

// The errors of wire say what is wrong about their object, after its name.
func (w *Workspace) wire() (wireWorkspace, error) {
	wire := wireWorkspace{w.ID, w.Name, w.Icon, w.Total, make([]wirePage, len(w.Pages))}
	if wire.Total == 0 {
		wire.Total = len(w.Pages)
	}
	switch {
	case w.ID == "":
		return wire, errors.New("has no ID")
	case w.Total < 0:
		return wire, errors.New("has a negative total")
	case !valid(w.ID, w.Name, w.Icon):
		return wire, errNotUTF8
	}
	for i := range w.Pages {
		var err error
		if wire.Pages[i], err = w.Pages[i].wire(); err != nil {
			return wire, fmt.Errorf("is not valid: page %d %w", i+1, err)
		}
	}
	return wire, nil
}

func (p *Page) wire() (wirePage, error) {
	wire := wirePage{ID: p.ID, Name: p.Name, Type: p.Type, ParentID: textOrNil(p.ParentID)}
	switch {
	case p.ID == "":
		return wire, errors.New("has no ID")
	case !valid(p.ID, p.Name, p.Type, p.ParentID):
		return wire, errNotUTF8
	}
	if !p.LastEdited.IsZero() {
		wire.LastEdited = p.LastEdited.Format(time.RFC3339Nano)
	}
	var err error
	wire.Icon, err = p.Icon.wire()
	return wire, err
}

func (i *Icon) wire() (*wireIcon, error) {
	switch {
	case i == nil || *i == (Icon{}):
		return nil, nil
	case i.Emoji != "" && i.URL != "":
		return nil, errors.New("has an icon with both an emoji and a URL")
	case !valid(i.Emoji, i.URL):
		return nil, errNotUTF8
	case i.URL != "":
		return &wireIcon{Type: "url", URL: i.URL}, nil
	}
	return &wireIcon{Type: "emoji", Emoji: i.Emoji}, nil
}

// PageRequest says which document to read.
type PageRequest struct {
	WorkspaceID string
	PageID      string
	Type        string // as in Page
}

// BindPageContent adapts a typed method that reads a document to values on the wire.
func BindPageContent[C any](
	datasource string, decode Decoder[C],
	content func(ctx context.Context, call runtime.Call, creds C, page PageRequest, out *PageContentOutput) error,
) runtime.DatasourceAction {
	return newAction(datasource, actionContent, decode, readPage, func(ctx context.Context, req *runtime.Request, creds C, page PageRequest) (any, error) {
		send := req.Stream
		out := &PageContentOutput{out: runtime.NewToolOutput(func(m runtime.ToolMessage) error { return send(m) }), set: make(map[string]bool)}
		if err := content(ctx, req.Call, creds, page, out); err != nil {
			return nil, err
		}
		return nil, out.complete(page)
	})
}

func readPage(req *runtime.DatasourceRequest) (page PageRequest, err error) {
	r, err := readObject(req, "page")
	if err != nil {
		return page, err
	}
	page = PageRequest{r.Text("workspace_id"), r.Text("page_id"), r.Text("type")}
	r.Require("page_id")
	return page, r.Err()
}

// The outputs of a document that Dify knows, which are texts.
const (
	outputContent     = "content"
	outputTitle       = "title"
	outputPageID      = "page_id"
	outputWorkspaceID = "workspace_id"
)

// PageContentOutput sends a document. Dify knows the outputs content, title, page_id and workspace_id.
// The content is required. The last two are those of the request, unless the method sets them. Its
// methods are safe for concurrent use.
type PageContentOutput struct {
	out *runtime.ToolOutput

	mu  sync.Mutex
	set map[string]bool // outputs that have a value
}

// SetContent sets the text of the document, mostly in Markdown.
func (o *PageContentOutput) SetContent(text string) error { return o.Variable(outputContent, text) }

// StreamContent appends to the text of the document.
func (o *PageContentOutput) StreamContent(text string) error {
	return o.StreamVariable(outputContent, text)
}

// SetTitle sets the title of the document.
func (o *PageContentOutput) SetTitle(title string) error { return o.Variable(outputTitle, title) }

// SetPageID sets the ID of the document, if it is not that of the request. It must not be empty.
func (o *PageContentOutput) SetPageID(id string) error { return o.Variable(outputPageID, id) }

// SetWorkspaceID sets the ID of the workspace, if it is not that of the request.
func (o *PageContentOutput) SetWorkspaceID(id string) error {
	return o.Variable(outputWorkspaceID, id)
}

// Variable sets an output that the output_schema of the data source declares, like
// [runtime.ToolOutput.Variable]. It replaces what the output has. Those that Dify knows must be texts.
func (o *PageContentOutput) Variable(name string, value any) error {
	return o.assign(name, func(again bool) error {
		if text, ok := value.(string); ok {
			return o.setText(name, text, again)
		}
		return o.setValue(name, value, again)
	})
}

// StreamVariable appends text to an output, like [runtime.ToolOutput.StreamVariable].
func (o *PageContentOutput) StreamVariable(name, text string) error {
	return o.assign(name, func(bool) error {
		if err := checkOutput(name, text); err != nil {
			return err
		}
		return o.out.StreamVariable(name, text)
	})
}

// sentWhole is the size up to which [runtime.ToolOutput] sends a text in one message, in bytes.
const sentWhole = 512 << 10

// setText sets an output that is text, maybe again.
func (o *PageContentOutput) setText(name, text string, again bool) error {
	if err := checkOutput(name, text); err != nil {
		return err
	}
	if again && len(text) > sentWhole { // it is sent in pieces, which the host appends
		if err := o.out.Variable(name, ""); err != nil {
			return err
		}
	}
	return o.out.Variable(name, text)
}

// setValue sets an output that is not a string, though it can be one in JSON.
func (o *PageContentOutput) setValue(name string, value any, again bool) error {
	data, err := marshalExactly(value)
	if err == nil && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		return o.setText(name, text, again)
	}
	switch {
	case errors.Is(err, errNotUTF8) || !valid(name):
		return errOutputNotUTF8(name)
	case err != nil:
		return err
	case slices.Contains([]string{outputContent, outputTitle, outputPageID, outputWorkspaceID}, name):
		return fmt.Errorf("the output %q must be a text, as Dify takes it for one", name)
	case string(data) == "null": // a list or an object, if that is its type
		return o.out.Variable(name, value)
	}
	return o.out.Variable(name, json.RawMessage(data))
}

// checkOutput checks an output that is text, or a piece of it.
func checkOutput(name, text string) error {
	switch {
	case !valid(name, text):
		return errOutputNotUTF8(name)
	case name == outputPageID && text == "":
		return errors.New("the ID of a document must not be empty")
	}
	return nil
}

// errOutputNotUTF8 returns the error of an output that JSON would change.
func errOutputNotUTF8(name string) error {
	return fmt.Errorf("the output %q %w: convert it", name, errNotUTF8)
}

// assign calls a function that gives an output a value, maybe again.
func (o *PageContentOutput) assign(name string, assign func(again bool) error) error {
	if o == nil || o.out == nil {
		return errNoRequest
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	err := assign(o.set[name])
	if err == nil {
		o.set[name] = true
	}
	return err
}

// complete sends the outputs that the method has not set.
func (o *PageContentOutput) complete(page PageRequest) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.set[outputContent] {
		return errors.New("the data source has set no content")
	}
	for _, id := range [][2]string{{outputPageID, page.PageID}, {outputWorkspaceID, page.WorkspaceID}} {
		if o.set[id[0]] {
			continue
		}
		if err := o.out.Variable(id[0], id[1]); err != nil {
			return err
		}
	}
	return nil
}
