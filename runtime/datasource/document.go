package datasource

import (
	"time"

	"github.com/difygen/difygen/runtime"
)

// Workspace is a workspace with the documents that a user can choose from.
type Workspace struct {
	ID    string
	Name  string
	Icon  string // a URL, or a character; optional
	Total int    // of the documents; len(Pages) if 0
	Pages []Page
}

// Page is a document.
type Page struct {
	ID         string
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

// PageRequest says which document to read.
type PageRequest struct {
	WorkspaceID string
	PageID      string
	Type        string // as in Page
}

// PageContentOutput sends a document. Dify knows the outputs content, title, page_id and workspace_id;
// the last two are those of the request, unless the method sets them.
type PageContentOutput struct{}

// SetContent sets the text of the document, mostly in Markdown.
func (o *PageContentOutput) SetContent(text string) error { return o.Variable("content", text) }

// StreamContent appends to the text of the document.
func (o *PageContentOutput) StreamContent(text string) error {
	return o.StreamVariable("content", text)
}

// SetTitle sets the title of the document.
func (o *PageContentOutput) SetTitle(title string) error { return o.Variable("title", title) }

// SetPageID sets the ID of the document, if it is not that of the request.
func (o *PageContentOutput) SetPageID(id string) error { return o.Variable("page_id", id) }

// SetWorkspaceID sets the ID of the workspace, if it is not that of the request.
func (o *PageContentOutput) SetWorkspaceID(id string) error { return o.Variable("workspace_id", id) }

// Variable sets an output that the output_schema of the data source declares, like
// [runtime.ToolOutput.Variable].
func (o *PageContentOutput) Variable(string, any) error { return runtime.ErrNotImplemented }

// StreamVariable appends text to an output, like [runtime.ToolOutput.StreamVariable].
func (o *PageContentOutput) StreamVariable(string, string) error { return runtime.ErrNotImplemented }
