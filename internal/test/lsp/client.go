// Package lsp drives language servers as an editor does, over the Language Server Protocol on
// standard input and output. It has the part of the protocol that tests need.
package lsp

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

// A Server is a language server to start.
type Server struct {
	Name     string // in messages
	Command  []string
	Dir      string // the folder that is open
	Env      []string
	Language string // of the documents
	Options  any    // what the server is told when it starts; nil for nothing
	// Settings are the sections of the settings that the server asks for.
	Settings map[string]any
	// NoVersions means that the server does not say which version of a document it reports on.
	NoVersions bool
}

// A Client is an editor with one folder open.
type Client struct {
	server Server
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	closed chan struct{} // when the server sends no more

	writing sync.Mutex
	mu      sync.Mutex
	lastID  int
	pending map[string]chan message
	reports map[string]report // by URI
	news    chan struct{}     // closed when there is a new report
	edits   []workspaceEdit   // that the server asked for
	docs    map[string]*document
}

// document is an open document.
type document struct {
	text    string
	version int
}

// report is what the server found in a version of a document.
type report struct {
	Version     int
	Diagnostics []Diagnostic
}

// A Diagnostic is a problem that the server found in a document.
type Diagnostic struct {
	Message  string `json:"message"`
	Source   string `json:"source"`
	Severity int    `json:"severity"`
	Line     int    `json:"-"` // from 1

	raw json.RawMessage
	at  span
}

// UnmarshalJSON keeps the whole diagnostic, which the server wants back.
func (d *Diagnostic) UnmarshalJSON(data []byte) error {
	type plain Diagnostic
	var at struct{ Range span }
	if err := errors.Join(json.Unmarshal(data, (*plain)(d)), json.Unmarshal(data, &at)); err != nil {
		return err
	}
	d.at, d.raw, d.Line = at.Range, slices.Clone(data), at.Range.Start.Line+1
	return nil
}

// Start starts a server. It is killed when the context is done.
func Start(ctx context.Context, server Server) (*Client, error) {
	cmd := exec.CommandContext(ctx, server.Command[0], server.Command[1:]...)
	cmd.Dir, cmd.Env = server.Dir, server.Env
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
		server: server, cmd: cmd, stdin: stdin, closed: make(chan struct{}),
		pending: make(map[string]chan message), reports: make(map[string]report), news: make(chan struct{}),
		docs: make(map[string]*document),
	}
	go c.read(bufio.NewReader(stdout))
	err = c.call(ctx, "initialize", map[string]any{
		"rootUri":               c.uri("."),
		"workspaceFolders":      []map[string]string{{"uri": c.uri("."), "name": "plugin"}},
		"initializationOptions": server.Options,
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
	if err == nil && server.Settings != nil {
		err = c.notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("%s does not start: %w", server.Name, err)
	}
	return c, nil
}

// Close kills the server. It does not ask it to shut down, for which gopls first completes its
// analysis of the packages that the folder imports.
func (c *Client) Close() {
	_ = c.cmd.Process.Kill() // it may have ended
	_ = c.cmd.Wait()
	<-c.closed
}

// uri returns the URI of a file, which is named from the folder, with slashes.
func (c *Client) uri(file string) string {
	path := filepath.ToSlash(filepath.Join(c.server.Dir, filepath.FromSlash(file)))
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// read reads what the server sends until it ends.
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

// answer returns the result of a request of the server.
func (c *Client) answer(m message) json.RawMessage {
	switch m.Method {
	case "workspace/configuration":
		return c.settings(m.Params)
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

// settings returns the sections of the settings that the server asks for.
func (c *Client) settings(params json.RawMessage) json.RawMessage {
	var wanted struct{ Items []struct{ Section string } }
	if err := json.Unmarshal(params, &wanted); err != nil {
		return json.RawMessage("[]")
	}
	sections := make([]any, len(wanted.Items))
	for i, item := range wanted.Items {
		sections[i] = c.server.Settings[item.Section]
	}
	data, err := json.Marshal(sections)
	if err != nil {
		return json.RawMessage("[]")
	}
	return data
}

// publish stores what the server found in a document.
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
			return fmt.Errorf("%s: %s says: %s", method, c.server.Name, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-c.closed:
		return fmt.Errorf("%s: %s ended", method, c.server.Name)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}
