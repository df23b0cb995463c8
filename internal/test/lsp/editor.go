package lsp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Cursor marks the place in a text that a request is about.
const Cursor = "‸"

// Edit gives a document, whether on disk or not, a new text.
func (c *Client) Edit(file, text string) error {
	uri := c.uri(file)
	c.mu.Lock()
	delete(c.reports, uri)
	c.mu.Unlock()
	if doc, ok := c.docs[uri]; ok {
		doc.text = text
		doc.version++
		return c.notify("textDocument/didChange", map[string]any{
			"textDocument":   textDocument{URI: uri, Version: doc.version},
			"contentChanges": []map[string]string{{"text": text}},
		})
	}
	c.docs[uri] = &document{text, 1}
	return c.notify("textDocument/didOpen", map[string]any{
		"textDocument": textDocument{URI: uri, Version: 1, LanguageID: c.server.Language, Text: text},
	})
}

// Shut closes a document.
func (c *Client) Shut(file string) error {
	uri := c.uri(file)
	delete(c.docs, uri)
	return c.notify("textDocument/didClose", map[string]any{"textDocument": textDocument{URI: uri}})
}

// Text returns the text of an open document.
func (c *Client) Text(file string) string { return c.docs[c.uri(file)].text }

// An Item is what the server proposes to complete a text.
type Item struct {
	Label         string `json:"label"`
	Documentation markup `json:"documentation"`
	SortText      string `json:"sortText"`
	InsertText    string `json:"insertText"`
}

// Complete returns what the server proposes at the cursor in a text, which replaces that of the
// file, best first.
func (c *Client) Complete(ctx context.Context, file, text string) ([]Item, error) {
	at, err := c.editAt(file, text)
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := c.call(ctx, "textDocument/completion", at, &list); err != nil {
		return nil, err
	}
	items := make([]Item, len(list.Items))
	for i, raw := range list.Items {
		if err := json.Unmarshal(raw, &items[i]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(a.SortText, b.SortText) })
	return items, nil
}

// Hover returns what the server shows at the cursor in a text, which replaces that of the file.
func (c *Client) Hover(ctx context.Context, file, text string) (string, error) {
	at, err := c.editAt(file, text)
	if err != nil {
		return "", err
	}
	var result struct{ Contents markup }
	err = c.call(ctx, "textDocument/hover", at, &result)
	return result.Contents.Value, err
}

// editAt gives a file the text without the cursor.
func (c *Client) editAt(file, text string) (documentAt, error) {
	before, after, ok := strings.Cut(text, Cursor)
	if !ok {
		return documentAt{}, errors.New("the text has no cursor")
	}
	at := position{Line: strings.Count(before, "\n"), Character: len(before) - strings.LastIndexByte(before, '\n') - 1}
	return documentAt{textDocument{URI: c.uri(file)}, at}, c.Edit(file, before+after)
}

// Diagnostics waits until the server reports, for the present text of a file, what is accepted.
func (c *Client) Diagnostics(ctx context.Context, file string, accept func([]Diagnostic) bool) ([]Diagnostic, error) {
	uri := c.uri(file)
	for {
		c.mu.Lock()
		last, reported := c.reports[uri]
		news := c.news
		c.mu.Unlock()
		current := last.Version == c.docs[uri].version || c.server.NoVersions
		if reported && current && accept(last.Diagnostics) {
			return last.Diagnostics, nil
		}
		select {
		case <-news:
		case <-c.closed:
			return nil, fmt.Errorf("%s ended", c.server.Name)
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for diagnostics of %s: %w; the last are %v", file, ctx.Err(), last)
		}
	}
}

// A Fix is a change that the server offers for a diagnostic.
type Fix struct {
	Title   string         `json:"title"`
	Edit    *workspaceEdit `json:"edit"`
	Command *command       `json:"command"`
}

// Fixes returns the changes that the server offers for a diagnostic of a file.
func (c *Client) Fixes(ctx context.Context, file string, d Diagnostic) ([]Fix, error) {
	var fixes []Fix
	return fixes, c.call(ctx, "textDocument/codeAction", map[string]any{
		"textDocument": textDocument{URI: c.uri(file)},
		"range":        d.at,
		"context":      map[string]any{"diagnostics": []json.RawMessage{d.raw}, "only": []string{"quickfix"}},
	}, &fixes)
}

// Apply makes a change, which may concern open documents only.
func (c *Client) Apply(ctx context.Context, fix Fix) error {
	var edits []workspaceEdit
	if fix.Edit != nil {
		edits = append(edits, *fix.Edit)
	}
	if fix.Command != nil {
		params := map[string]any{"command": fix.Command.Name, "arguments": fix.Command.Arguments}
		if err := c.call(ctx, "workspace/executeCommand", params, nil); err != nil {
			return err
		}
		c.mu.Lock()
		edits = append(edits, c.edits...)
		c.edits = nil
		c.mu.Unlock()
	}
	for _, edit := range edits {
		for uri, list := range edit.Changes {
			if err := c.change(uri, list); err != nil {
				return err
			}
		}
		for _, change := range edit.DocumentChanges {
			if err := c.change(change.Document.URI, change.Edits); err != nil {
				return err
			}
		}
	}
	return nil
}

// change makes the changes of the server in an open document.
func (c *Client) change(uri string, edits []textEdit) error {
	doc, ok := c.docs[uri]
	if !ok {
		return fmt.Errorf("%s changes %s, which is not open", c.server.Name, uri)
	}
	lines := slices.Collect(strings.Lines(doc.text))
	offset := func(p position) int {
		return len(strings.Join(lines[:min(p.Line, len(lines))], "")) + p.Character
	}
	text := doc.text
	// From the end, so that what comes before stays where it is.
	slices.SortStableFunc(edits, func(a, b textEdit) int {
		return cmp.Compare(offset(b.Range.Start), offset(a.Range.Start))
	})
	for _, e := range edits {
		start, end := offset(e.Range.Start), offset(e.Range.End)
		if start > end || end > len(text) {
			return fmt.Errorf("%s changes %s where it has no text", c.server.Name, uri)
		}
		text = text[:start] + e.NewText + text[end:]
	}
	doc.text = text
	doc.version++
	return c.notify("textDocument/didChange", map[string]any{
		"textDocument":   textDocument{URI: uri, Version: doc.version},
		"contentChanges": []map[string]string{{"text": text}},
	})
}
