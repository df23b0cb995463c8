package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Registration is what a plugin has declared over TCP.
type Registration struct {
	Manifest     map[string]any
	Declarations map[string]map[string]any // by message type; the first of each
	Assets       map[string][]byte
	Lines        []string // the message types, in order
}

// Remote is a debugging server on a loopback address.
type Remote struct {
	key       string
	listener  net.Listener
	connected chan *Plugin
	wait      sync.WaitGroup

	mu       sync.Mutex
	conns    map[net.Conn]bool
	closed   bool
	refusals []string
	attempts int
	busy     int
	refusal  string // of all connections; "" for none
	handler  Handler
}

// Plugin is a plugin that has registered.
type Plugin struct {
	*Conn
	Registration
	conn net.Conn
}

// Listen starts a debugging server. If addr is empty, it listens on a free port.
func Listen(addr, key string) (*Remote, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	r := &Remote{key: key, listener: listener, connected: make(chan *Plugin, 16), conns: make(map[net.Conn]bool)}
	r.wait.Go(r.serve)
	return r, nil
}

// Answer sets what answers calls back into Dify of plugins that register from now on.
func (r *Remote) Answer(handler Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handler = handler
}

// SetBusy makes the server reject the next connections as busy.
func (r *Remote) SetBusy(connections int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = connections
}

// SetRefusal makes the server refuse all further connections with a text.
func (r *Remote) SetRefusal(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = text
}

// Addr returns the address that the server listens on.
func (r *Remote) Addr() string { return r.listener.Addr().String() }

// Close stops the server and closes every connection, like a host that goes down.
func (r *Remote) Close() {
	r.mu.Lock()
	r.closed = true
	_ = r.listener.Close()
	for conn := range r.conns {
		_ = conn.Close()
	}
	r.mu.Unlock()
	r.wait.Wait()
}

// Next waits for a plugin to register.
func (r *Remote) Next(ctx context.Context) (*Plugin, error) {
	select {
	case p := <-r.connected:
		return p, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("no plugin registered: %w; refusals: %q", ctx.Err(), r.Refusals())
	}
}

// Refusals returns the messages with which the server refused plugins.
func (r *Remote) Refusals() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.refusals...)
}

// Attempts returns the number of connections so far.
func (r *Remote) Attempts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.attempts
}

func (r *Remote) serve() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		if r.closed {
			_ = conn.Close()
		}
		r.conns[conn] = true
		r.attempts++
		r.mu.Unlock()
		r.wait.Go(func() { r.handle(conn) })
	}
}

func (r *Remote) handle(conn net.Conn) {
	var p *Plugin
	defer func() {
		_ = conn.Close()
		if p != nil {
			p.callbacks.Wait()
		}
		r.mu.Lock()
		delete(r.conns, conn)
		r.mu.Unlock()
	}()
	in := bufio.NewReaderSize(conn, 64<<10)
	registration, refusal := r.register(conn, in)
	if refusal != "" {
		r.mu.Lock()
		r.refusals = append(r.refusals, refusal)
		r.mu.Unlock()
		_, _ = conn.Write([]byte(refusal + "\n"))
		return
	}
	if registration == nil {
		return
	}
	p = &Plugin{newConn(conn, 0), *registration, conn}
	r.mu.Lock()
	p.Answer(r.handler)
	r.mu.Unlock()
	r.connected <- p
	p.run(in)
}

// Disconnect closes the plugin's connection.
func (p *Plugin) Disconnect() { _ = p.conn.Close() }

// register reads a registration. It returns the refusal if it is not valid, and neither
// if the connection breaks.
func (r *Remote) register(conn net.Conn, in *bufio.Reader) (*Registration, string) {
	r.mu.Lock()
	busy := r.busy > 0
	r.busy--
	refusal := r.refusal
	r.mu.Unlock()
	if busy {
		return nil, "server is busy now, please try again later"
	}
	if refusal != "" {
		return nil, refusal
	}
	reg := &Registration{Declarations: make(map[string]map[string]any), Assets: make(map[string][]byte)}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // for the handshake
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil, ""
		}
		var l struct {
			Type string          `json:"type"`
			Data json.RawMessage `json:"data"`
		}
		if json.Unmarshal(line, &l) != nil || l.Type == "" || l.Data == nil {
			return nil, "handshake failed, invalid handshake message"
		}
		reg.Lines = append(reg.Lines, l.Type)
		done, refusal := r.receive(reg, l.Type, l.Data)
		if refusal != "" {
			return nil, refusal
		}
		if l.Type == "handshake" {
			_ = conn.SetReadDeadline(time.Time{})
		}
		if done {
			return reg, ""
		}
	}
}

// receive handles a message of a registration and reports whether it was the last.
func (r *Remote) receive(reg *Registration, typ string, data json.RawMessage) (done bool, refusal string) {
	switch {
	case typ == "handshake":
		var h struct{ Key string }
		if json.Unmarshal(data, &h) != nil || h.Key != r.key {
			return false, "handshake failed, invalid key"
		}
	case typ == "manifest_declaration":
		if reg.Manifest != nil {
			return false, "declaration already registered"
		}
		if json.Unmarshal(data, &reg.Manifest) != nil {
			return false, "handshake failed, invalid plugin declaration"
		}
		return false, checkManifest(reg.Manifest)
	case typ == "asset_chunk":
		var a struct{ Filename, Data string }
		_ = json.Unmarshal(data, &a)
		content, err := base64.StdEncoding.DecodeString(a.Data)
		if err != nil || len(content) == 0 {
			return false, "assets decode failed, error: " + fmt.Sprint(err)
		}
		reg.Assets[a.Filename] = append(reg.Assets[a.Filename], content...)
	case typ == "end":
		if len(reg.Declarations) == 0 {
			return false, "no registration transferred, cannot initialize"
		}
		return true, checkIcons(reg)
	case strings.HasSuffix(typ, "_declaration"):
		return false, declare(reg, typ, data)
	}
	return false, ""
}

func declare(reg *Registration, typ string, data json.RawMessage) (refusal string) {
	name := strings.TrimSuffix(typ, "_declaration") + "s"
	if reg.Manifest == nil {
		return "handshake failed, the manifest must come first"
	}
	if reg.Declarations[typ] != nil {
		return name + " declaration already registered"
	}
	var list []map[string]any
	if err := json.Unmarshal(data, &list); err != nil || len(list) == 0 {
		return name + " register failed, invalid declaration"
	}
	if problem := checkProvider(typ, list[0]); problem != "" {
		return name + " register failed, invalid " + name + " declaration: " + problem
	}
	reg.Declarations[typ] = list[0]
	return ""
}

// checkIcons checks that every icon is among the assets.
func checkIcons(reg *Registration) (refusal string) {
	icons := map[string]any{"plugin": reg.Manifest["icon"]}
	for typ, d := range reg.Declarations {
		if id, ok := d["identity"].(map[string]any); ok {
			icons[typ] = id["icon"]
		}
	}
	for what, icon := range icons {
		name, _ := icon.(string)
		if len(bytes.TrimSpace(reg.Assets[name])) == 0 {
			return "assets remap failed, invalid assets data, cannot remap: file not found: " + name + "\nfailed to remap " + what + " icon"
		}
	}
	return ""
}
