// Package gopls drives gopls, the language server that editors use for Go, over the Language
// Server Protocol. It has the part of the protocol that tests of generated code need.
package gopls

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// A Client is an editor with one folder open.
type Client struct {
	dir    string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	closed chan struct{} // when gopls sends no more

	writing sync.Mutex
	mu      sync.Mutex
	lastID  int
	pending map[string]chan message
	reports map[string]report // by URI
	news    chan struct{}     // closed when there is a new report
	edits   []workspaceEdit   // that gopls asked for
	docs    map[string]*document
}

// document is an open document.
type document struct {
	text    string
	version int
}

// report is what gopls found in a version of a document.
type report struct {
	Version     int
	Diagnostics []Diagnostic
}

// A Diagnostic is a problem that gopls found in a document.
type Diagnostic struct {
	Message string `json:"message"`
	Source  string `json:"source"`

	raw json.RawMessage
	at  span
}

// UnmarshalJSON keeps the whole diagnostic, which gopls wants back.
func (d *Diagnostic) UnmarshalJSON(data []byte) error {
	type plain Diagnostic
	var at struct{ Range span }
	if err := errors.Join(json.Unmarshal(data, (*plain)(d)), json.Unmarshal(data, &at)); err != nil {
		return err
	}
	d.at, d.raw = at.Range, slices.Clone(data)
	return nil
}

// Start starts gopls for a folder. gopls is killed when the context is done.
func Start(ctx context.Context, gopls, dir string, env []string) (*Client, error) {
	cmd := exec.CommandContext(ctx, gopls, "serve")
	cmd.Dir, cmd.Env = dir, env
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &Client{
		dir: dir, cmd: cmd, stdin: stdin, closed: make(chan struct{}),
		pending: make(map[string]chan message), reports: make(map[string]report), news: make(chan struct{}),
		docs: make(map[string]*document),
	}
	go c.read(bufio.NewReader(stdout))
	err = c.call(ctx, "initialize", map[string]any{
		"rootUri":               c.uri("."),
		"workspaceFolders":      []map[string]string{{"uri": c.uri("."), "name": "plugin"}},
		"initializationOptions": map[string]any{"diagnosticsDelay": "1ms"},
		"capabilities": map[string]any{
			"workspace": map[string]any{"applyEdit": true, "workspaceEdit": map[string]any{"documentChanges": true}},
			"textDocument": map[string]any{
				"publishDiagnostics": map[string]any{"versionSupport": true},
				"hover":              map[string]any{"contentFormat": []string{"plaintext"}},
				"completion":         map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"plaintext"}}},
				"codeAction": map[string]any{"codeActionLiteralSupport": map[string]any{
					"codeActionKind": map[string]any{"valueSet": []string{"quickfix"}},
				}},
			},
		},
	}, nil)
	if err == nil {
		err = c.notify("initialized", struct{}{})
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("gopls does not start: %w", err)
	}
	return c, nil
}

// Close kills gopls. It does not ask it to shut down, for which gopls first completes its
// analysis of the packages that the folder imports.
func (c *Client) Close() {
	_ = c.cmd.Process.Kill() // it may have ended
	_ = c.cmd.Wait()
	<-c.closed
}

// uri returns the URI of a file, which is named from the folder, with slashes.
func (c *Client) uri(file string) string {
	path := filepath.ToSlash(filepath.Join(c.dir, filepath.FromSlash(file)))
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// read reads what gopls sends until it ends.
func (c *Client) read(r *bufio.Reader) {
	defer close(c.closed)
	for {
		m, err := readMessage(r)
		if err != nil {
			return
		}
		switch {
		case m.Method == "":
			c.mu.Lock()
			if reply, ok := c.pending[string(m.ID)]; ok {
				reply <- m
			}
			c.mu.Unlock()
		case m.ID != nil:
			if err := c.send(message{ID: m.ID, Result: c.answer(m)}); err != nil {
				return
			}
		case m.Method == "textDocument/publishDiagnostics":
			c.publish(m.Params)
		}
	}
}

// answer returns the result of a request of gopls.
func (c *Client) answer(m message) json.RawMessage {
	switch m.Method {
	case "workspace/configuration":
		return json.RawMessage("[null]") // for one folder
	case "workspace/applyEdit":
		var params struct{ Edit workspaceEdit }
		if err := json.Unmarshal(m.Params, &params); err != nil {
			return json.RawMessage(`{"applied":false}`)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.edits = append(c.edits, params.Edit)
		return json.RawMessage(`{"applied":true}`)
	}
	return json.RawMessage("null")
}

// publish stores what gopls found in a document.
func (c *Client) publish(params json.RawMessage) {
	var found struct {
		URI string
		report
	}
	if json.Unmarshal(params, &found) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports[found.URI] = found.report
	close(c.news)
	c.news = make(chan struct{})
}

func (c *Client) send(m message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return writeMessage(c.stdin, m)
}

func (c *Client) notify(method string, params any) error {
	data, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return c.send(message{Method: method, Params: data})
}

// call sends a request and reads its result.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	data, err := json.Marshal(params)
	if err != nil {
		return err
	}
	reply := make(chan message, 1)
	c.mu.Lock()
	c.lastID++
	id := strconv.Itoa(c.lastID)
	c.pending[id] = reply
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.pending, id)
		c.mu.Unlock()
	}()
	if err := c.send(message{ID: json.RawMessage(id), Method: method, Params: data}); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m := <-reply:
		if m.Error != nil {
			return fmt.Errorf("%s: gopls says: %s", method, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-c.closed:
		return fmt.Errorf("%s: gopls ended", method)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}
